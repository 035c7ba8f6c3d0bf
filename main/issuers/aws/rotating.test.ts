import { describe, expect, it, vi } from 'vitest'
import { FAULT_TABLE } from '../../../e2e/sandbox-aws/faults.ts'
import { EMERGENCY_ROLE, EMERGENCY_USER, ROTATOR_ROLE, type SandboxOptions } from '../../../e2e/sandbox-aws/sandbox.ts'
import { accessKeyBytes, parseAccessKey } from './access-key.ts'
import { deleteKey, listKeys, setActive, wasUsed } from './iam-keys.ts'
import { type RecordFacts, type Rotated, type RotationMeans, rotateOnce } from './rotating.ts'
import { NO_PROGRESS, type Progress } from './rotation.ts'
import { answering } from './testing/answering.ts'
import { aftercareOf, order, sandbox, seededOrder, start } from './testing/scene.ts'
import { tryKey } from './try-key.ts'

const USER = EMERGENCY_USER.name
/** What the record says, where every key that a deposit names is that of a sound generation. */
const factsOf = (old: string, named: readonly string[], change: Partial<RecordFacts> = {}): RecordFacts => ({
  old,
  named,
  sound: named,
  next: named.filter((id) => id !== old),
  isHeld: false,
  isOldNeeded: false,
  deletesAt: 0,
  ...change,
})
const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

/** A device with a rotator, and what would be left if it were killed: the record, and the progress that was kept. */
interface Device {
  readonly rotator: Uint8Array
  readonly old: string
  /** Keys that deposits name. */
  readonly named: Set<string>
  progress: Progress
  /** In memory alone. */
  credential: Uint8Array | null
  readonly alarms: Set<string>
  /** Short where a call is left without an answer. */
  timeoutMs: number
}

async function newDevice(options: SandboxOptions = {}, seed: string | null = null): Promise<Device> {
  await start(options)
  const one =
    seed === null ? order({}, { aftercare: sandbox.aftercare }) : seededOrder(seed, { aftercare: sandbox.aftercare })
  const issued = { userId: null, expires: Date.now() + 900_000, skewMs: null }
  const made = await aftercareOf(one, issued)
  const old = sandbox.accessKey.accessKeyId
  const rotator = made.rotator?.session ?? new Uint8Array(0)
  return {
    rotator,
    old,
    named: new Set([old]),
    progress: NO_PROGRESS,
    credential: null,
    alarms: new Set(),
    timeoutMs: 10_000,
  }
}

function meansOf(device: Device): RotationMeans {
  const { rotator, credential, timeoutMs } = device
  const keep = (progress: Progress) => Promise.resolve(void (device.progress = progress))
  return { rotator, credential, iam: sandbox.iam, regions: sandbox.regions, timeoutMs, keep }
}

/** One step, as an app takes it: `killed` before it has kept what came of it, or after. */
async function step(device: Device, killed: 'before' | 'after' | null = null): Promise<Rotated['outcome']> {
  const { old, named, progress } = device
  const isHeld = progress.made !== null && named.has(progress.made)
  const rotated = await rotateOnce(meansOf(device), factsOf(old, [...named], { isHeld }), progress)
  const { outcome } = rotated
  if (killed !== 'before') {
    device.progress = rotated.progress
    if (outcome.is === 'created') device.credential = outcome.credential
    // Dealt, and held, as soon as it was tried.
    if (outcome.is === 'tested') device.named.add(rotated.progress.made ?? '')
  }
  for (const alarm of rotated.alarms) device.alarms.add(alarm)
  if (killed !== null) device.credential = null
  // A drill of the new generation, which only a quorum can open any more.
  if (outcome.is === 'waits' && outcome.for === 'key') device.progress = { ...device.progress, isRetested: true }
  await checkInvariants(device)
  return outcome
}

/** At least one working key can be known to somebody, and no key is there that nothing names. */
async function checkInvariants({ named, progress, credential, alarms, rotator }: Device): Promise<void> {
  const known = [...named, ...(credential === null ? [] : [progress.made ?? ''])]
  expect(sandbox.activeKeys(USER).some((id) => known.includes(id))).toBe(true)
  const listed = await listKeys({ rotator, iam: sandbox.iam })
  if (listed.is !== 'done') return
  const unnamed = listed.good.keys.filter(
    ({ accessKeyId: id }) => !named.has(id) && id !== progress.made && !alarms.has(id),
  )
  expect(unnamed.length).toBeLessThanOrEqual(progress.asked === null ? 0 : 1)
}

async function run(device: Device): Promise<string[]> {
  const outcomes: string[] = []
  for (let times = 0; times < 30; times++) {
    const outcome = await step(device)
    outcomes.push(outcome.is)
    if (outcome.is === 'done' || outcome.is === 'stuck') return outcomes
  }
  throw new TypeError(`it came to no end: ${outcomes.join(', ')}`)
}

/** The new key alone is left, a deposit names it, and nothing was alarming. */
async function expectReplaced(device: Device): Promise<void> {
  const { made } = device.progress
  const listed = await listKeys({ rotator: device.rotator, iam: sandbox.iam })
  expect(listed).toMatchObject({ good: { keys: [{ accessKeyId: made, isActive: true }] } })
  expect(made).not.toBe(device.old)
  expect(device.named.has(made ?? '')).toBe(true)
  expect([...device.alarms]).toEqual([])
}

const WHOLE = ['created', 'tested', 'deactivated', 'retested', 'deleted', 'done']

describe('a key', () => {
  it('is replaced by one that works, step by step', async () => {
    const device = await newDevice()
    expect(await run(device)).toEqual(WHOLE)
    await expectReplaced(device)
    const changes = sandbox.log.map(({ action }) => action).filter((action) => action?.endsWith('AccessKey'))
    expect(changes).toEqual(['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey'])
  })
  const calls = ['ListAccessKeys', 'CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey', 'GetCallerIdentity']
  it.each(FAULT_TABLE)(
    'is replaced although every call fails once $when it took effect ($fault.kind)',
    async ({ fault }) => {
      const device = await newDevice()
      if (fault.kind === 'silent') device.timeoutMs = 400
      for (const action of calls) sandbox.fault(fault, { action })
      expect(await run(device)).toContain('done')
      await expectReplaced(device)
    },
  )
  it.each(FAULT_TABLE)(
    'is replaced although the app is killed when CreateAccessKey fails $when it took effect ($fault.kind), and its discarding fails so too',
    async ({ fault }) => {
      const device = await newDevice()
      if (fault.kind === 'silent') device.timeoutMs = 400
      for (const action of ['CreateAccessKey', 'GetAccessKeyLastUsed', 'DeleteAccessKey'])
        sandbox.fault(fault, { action })
      await step(device, 'before')
      expect(await run(device)).toContain('done')
      await expectReplaced(device)
    },
  )
  it.each(WHOLE.flatMap((_, at) => (['before', 'after'] as const).map((killed) => ({ at, killed }))))(
    'is replaced although the app is killed $killed it has kept what came of step $at',
    async ({ at, killed }) => {
      const device = await newDevice()
      for (let times = 0; times < at; times++) await step(device)
      await step(device, killed)
      expect(await run(device)).toContain('done')
      await expectReplaced(device)
    },
  )
  it('is not made where progress cannot be kept', async () => {
    const device = await newDevice()
    const keep = () => Promise.reject(new Error('the disk is full'))
    const facts = factsOf(device.old, [device.old])
    await expect(rotateOnce({ ...meansOf(device), keep }, facts, NO_PROGRESS)).rejects.toThrow('the disk is full')
    expect(sandbox.activeKeys(USER)).toEqual([device.old])
  })
  it('takes the seed of the MFA device along', async () => {
    const device = await newDevice({}, SEED)
    await step(device)
    expect(parseAccessKey(device.credential ?? new Uint8Array(0))).toMatchObject({ mfaSeed: SEED })
  })
  it('whose secret came broken is discarded before any deposit, and made again', async () => {
    const device = await newDevice()
    await step(device)
    const { accessKeyId } = parseAccessKey(device.credential ?? new Uint8Array(0))
    device.credential = accessKeyBytes({ accessKeyId, secretAccessKey: 'x'.repeat(40) })
    expect(await step(device)).toEqual({ is: 'discarded', accessKeyId })
    expect(await run(device)).toContain('done')
    await expectReplaced(device)
  })
  it('is not taken for tried because another one works', async () => {
    const device = await newDevice()
    await step(device)
    device.named.add(device.progress.made ?? '')
    device.credential = accessKeyBytes(sandbox.accessKey)
    expect(await step(device)).toEqual({ is: 'waits', for: 'key' })
    expect(device.progress.isTested).toBe(false)
  })
})

/** What AWS makes of a key, beside one that it has known for long. */
const tried = (key: Parameters<typeof accessKeyBytes>[0]) =>
  tryKey(accessKeyBytes(key), USER, sandbox.regions, sandbox.accessKey, 5000)

/** It takes the room, and is told of. */
async function expectLeftAlone(device: Device, accessKeyId: string): Promise<void> {
  expect(await step(device)).toMatchObject({ is: 'stuck', why: 'no-room' })
  expect([...device.alarms]).toEqual([accessKeyId])
  expect(sandbox.activeKeys(USER)).toEqual([device.old, accessKeyId])
}

describe('a key that nobody accounts for', () => {
  it('is an alarm, takes the room, and is not touched', async () => {
    const device = await newDevice()
    await expectLeftAlone(device, sandbox.addAccessKey({ name: USER }).accessKeyId)
    expect(device.progress.asked).toBeNull()
  })
  it('that came between is not taken for ours, since AWS refused ours', async () => {
    const device = await newDevice()
    let stranger = ''
    const keep = (progress: Progress) => {
      device.progress = progress
      stranger = sandbox.addAccessKey({ name: USER }).accessKeyId
      return Promise.resolve()
    }
    const facts = factsOf(device.old, [device.old])
    const { outcome, progress } = await rotateOnce({ ...meansOf(device), keep }, facts, NO_PROGRESS)
    expect(outcome).toMatchObject({ is: 'unreached', name: 'LimitExceededException' })
    device.progress = progress
    await expectLeftAlone(device, stranger)
  })
  it('is not taken for ours after a question that was never sent', async () => {
    const device = await newDevice()
    const keep = (progress: Progress) => {
      device.progress = progress
      return sandbox.setIamDown(true)
    }
    const facts = factsOf(device.old, [device.old])
    const { outcome, progress } = await rotateOnce({ ...meansOf(device), keep }, facts, NO_PROGRESS)
    expect(outcome).toMatchObject({ is: 'unreached', code: 'unreachable' })
    device.progress = progress
    expect(progress.asked).toBeNull()
    await sandbox.setIamDown(false)
    await expectLeftAlone(device, sandbox.addAccessKey({ name: USER }).accessKeyId)
  })
  it('is not taken for ours a minute after the last question', async () => {
    let now = Date.now()
    const device = await newDevice({ clock: () => now })
    sandbox.fault({ kind: 'cut', done: false }, { action: 'CreateAccessKey' })
    await step(device)
    expect(device.progress.asked).not.toBeNull()
    now += 60_000
    await expectLeftAlone(device, sandbox.addAccessKey({ name: USER }).accessKeyId)
  })
  it('is left alone if it was used, since nobody has the secret of one that got lost', async () => {
    const device = await newDevice()
    sandbox.fault({ kind: 'cut', done: false }, { action: 'CreateAccessKey' })
    await step(device)
    const stranger = sandbox.addAccessKey({ name: USER })
    await tried(stranger)
    expect(await step(device)).toMatchObject({ is: 'stuck', why: 'unknown-key-used' })
    expect([...device.alarms]).toEqual([stranger.accessKeyId])
    expect(sandbox.activeKeys(USER)).toEqual([device.old, stranger.accessKeyId])
  })
})

describe('an answer in which something is missing', () => {
  const member = (more: string) => `<AccessKeyMetadata><member>${more}</member></AccessKeyMetadata>`
  const whole = '<AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><CreateDate>2026-01-01T00:00:00Z</CreateDate>'
  it.each([
    ['that it is the whole list', '<AccessKeyMetadata/>'],
    ['the rest of the list', '<AccessKeyMetadata/><IsTruncated>true</IsTruncated>'],
    ['a key’s id', `${member(whole.replace(/<A.*Id>/, ''))}<IsTruncated>false</IsTruncated>`],
    ['a key’s age', `${member(whole.replace(/<C.*Date>/, ''))}<IsTruncated>false</IsTruncated>`],
  ])('is none, and nothing follows: %s', async (_, result) => {
    const { rotator } = await newDevice()
    const iam = await answering('ListAccessKeys', result)
    expect(await listKeys({ rotator, iam })).toMatchObject({ is: 'unreached' })
  })
  it.each([
    ['counts where it lists one: AWS calls the word that ends it optional', '', 'done'],
    ['does not where it says how to go on', '<Marker>AAE</Marker>', 'unreached'],
  ])('%s', async (_, more, is) => {
    const { rotator } = await newDevice()
    const iam = await answering('ListAccessKeys', `${member(whole)}${more}`)
    expect(await listKeys({ rotator, iam })).toMatchObject({ is })
  })
  it('does not say that a key was never used', async () => {
    const { rotator } = await newDevice()
    const iam = await answering('GetAccessKeyLastUsed', '<AccessKeyLastUsed><Region>N/A</Region></AccessKeyLastUsed>')
    expect(await wasUsed({ rotator, iam }, 'AKIAIOSFODNN7EXAMPLE')).toMatchObject({ is: 'unreached' })
  })
})

describe('the old key', () => {
  it('is turned on again if somebody deleted the new one meanwhile, and another one takes its place', async () => {
    const device = await newDevice()
    for (let times = 0; times < 3; times++) await step(device)
    expect(sandbox.activeKeys(USER)).toEqual([device.progress.made])
    await deleteKey({ rotator: device.rotator, iam: sandbox.iam }, device.progress.made ?? '')
    device.named.add(device.old)
    const facts = factsOf(device.old, [...device.named], { isHeld: true })
    const gone = device.progress.made
    const { outcome, unusable } = await rotateOnce(meansOf(device), facts, device.progress)
    expect([outcome, unusable]).toEqual([{ is: 'reactivated' }, gone])
    expect(sandbox.activeKeys(USER)).toEqual([device.old])
    expect(await run(device)).toEqual(WHOLE)
    expect(device.progress.made).not.toBe(gone)
    await expectReplaced(device)
  })
  it.each(FAULT_TABLE)(
    'is replaced although the new one was deleted and the call for another fails $when it took effect ($fault.kind)',
    async ({ fault }) => {
      const device = await newDevice()
      if (fault.kind === 'silent') device.timeoutMs = 400
      for (let times = 0; times < 2; times++) await step(device)
      await deleteKey({ rotator: device.rotator, iam: sandbox.iam }, device.progress.made ?? '')
      sandbox.fault(fault, { action: 'CreateAccessKey' })
      expect(await run(device)).toContain('done')
      await expectReplaced(device)
    },
  )
  it('is turned on again if too few hold the new one any more, and goes on when enough do', async () => {
    const device = await newDevice()
    for (let times = 0; times < 3; times++) await step(device)
    const facts = factsOf(device.old, [device.old, device.progress.made ?? ''], { isOldNeeded: true })
    const once = await rotateOnce(meansOf(device), facts, device.progress)
    expect(once).toMatchObject({ outcome: { is: 'reactivated' }, alarms: [], seen: { isOldOn: false } })
    expect(sandbox.activeKeys(USER)).toContain(device.old)
    const then = await rotateOnce(meansOf(device), { ...facts, isOldNeeded: false }, once.progress)
    expect(then).toMatchObject({ outcome: { is: 'waits', for: 'custody' }, seen: { isOldOn: true } })
    device.progress = then.progress
    expect(await run(device)).toEqual(WHOLE.slice(2))
    await expectReplaced(device)
  })
  it('is deleted when the time for it has come by AWS’s clock, whatever this device’s says', async () => {
    let aheadMs = 0
    const device = await newDevice({ clock: () => Date.now() + aheadMs })
    for (let times = 0; times < 4; times++) await step(device)
    const deletesAt = Date.now() + 200_000
    const once = () =>
      rotateOnce(
        meansOf(device),
        factsOf(device.old, [device.progress.made ?? ''], { isHeld: true, deletesAt }),
        device.progress,
      )
    const ahead = vi.spyOn(Date, 'now')
    // This device's clock is five minutes ahead of AWS's.
    const real = performance.timeOrigin
    aheadMs = -300_000
    ahead.mockImplementation(() => Math.floor(real + performance.now()) + 300_000)
    const early = await once().finally(() => ahead.mockRestore())
    expect(early.outcome).toEqual({ is: 'waits', for: 'delay' })
    expect(Math.abs((early.seen?.at ?? 0) - Date.now())).toBeLessThan(5000)
    aheadMs = 300_000
    expect((await once()).outcome).toEqual({ is: 'deleted' })
  })
  it('is replaced once the new one, which somebody turned off, is on again', async () => {
    const device = await newDevice()
    for (let times = 0; times < 2; times++) await step(device)
    const turn = (isOn: boolean) =>
      setActive({ rotator: device.rotator, iam: sandbox.iam }, device.progress.made ?? '', isOn)
    await turn(false)
    expect(await step(device)).toMatchObject({
      is: 'stuck',
      why: 'new-key-off',
      words: expect.stringContaining('turn the new key on again') as unknown,
    })
    await turn(true)
    expect(await run(device)).toEqual(WHOLE.slice(2))
    await expectReplaced(device)
  })
})

describe('a key of another user', () => {
  it('is not taken for gone because this one has it not', async () => {
    const device = await newDevice({ users: [EMERGENCY_USER, { name: 'other' }] })
    const old = sandbox.accessKeys.get('other')?.accessKeyId ?? ''
    const facts = factsOf(old, [old, device.old], { isHeld: true })
    const { outcome, progress } = await rotateOnce(meansOf(device), facts, {
      ...NO_PROGRESS,
      made: device.old,
      isTested: true,
    })
    expect(outcome).toMatchObject({
      is: 'stuck',
      why: 'old-not-listed',
      words: expect.stringContaining('check the plan') as unknown,
    })
    expect(progress.sawOld).toBe(false)
    expect(sandbox.activeKeys(USER)).toEqual([device.old])
  })
  it('is once it was seen, whenever that was', async () => {
    const device = await newDevice()
    await step(device)
    expect(device.progress.sawOld).toBe(true)
    await deleteKey({ rotator: device.rotator, iam: sandbox.iam }, device.old)
    device.named.add(device.progress.made ?? '')
    expect(await run(device)).toEqual(['tested', 'done'])
  })
})

describe('a rotator', () => {
  it('that is over is refused, and says so', async () => {
    let now = Date.now()
    const roles = [EMERGENCY_ROLE, { ...ROTATOR_ROLE, sessionSeconds: 3 }]
    const device = await newDevice({ roles, clock: () => now })
    now += 3000
    expect(await rotateOnce(meansOf(device), factsOf(device.old, [], { deletesAt: null }), NO_PROGRESS)).toMatchObject({
      outcome: { is: 'refused', code: 'expired-key' },
    })
  })
  it('that may not create is refused in AWS’s words, and nothing is looked for afterwards', async () => {
    const policy = (ROTATOR_ROLE.policy ?? '').replace('"iam:CreateAccessKey",', '')
    const device = await newDevice({ roles: [EMERGENCY_ROLE, { ...ROTATOR_ROLE, policy }] })
    expect(await step(device)).toMatchObject({
      is: 'refused',
      words: expect.stringMatching(/^AWS refused to create a key\. .*iam:CreateAccessKey/) as unknown,
    })
    expect(device.progress).toEqual({ ...NO_PROGRESS, sawOld: true })
  })
})

describe('trying a key', () => {
  it('says what AWS makes of it', async () => {
    await start({ users: [EMERGENCY_USER, { name: 'other' }] })
    const { accessKeyId } = sandbox.accessKey
    expect(await tried(sandbox.accessKey)).toBe('works')
    expect(await tried({ accessKeyId, secretAccessKey: 'x'.repeat(40) })).toBe('wrong-secret')
    expect(await tried({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) })).toBe('not-yet')
    expect(await tried(sandbox.accessKeys.get('other') ?? sandbox.accessKey)).toBe('wrong-user')
  })
  it('is done where it can be, and says nothing where it cannot', async () => {
    await start()
    await sandbox.setDown('eu-central-1', true)
    expect(await tried(sandbox.accessKey)).toBe('works')
    await sandbox.setDown('eu-west-1', true)
    expect(await tried(sandbox.accessKey)).toBe('unreached')
  })
  it('waits for a region that does not know it yet, and not for one that knows no key at all', async () => {
    await start()
    const region = 'eu-west-1'
    sandbox.fault({ kind: 'unknown-key' }, { region })
    expect(await tried(sandbox.accessKey)).toBe('not-yet')
    expect(await tried(sandbox.accessKey)).toBe('works')
    sandbox.fault({ kind: 'unknown-key' }, { region, times: Number.POSITIVE_INFINITY })
    expect(await tried(sandbox.accessKey)).toBe('works')
    sandbox.fault({ kind: 'unknown-key' }, { region: 'eu-central-1' })
    expect(await tried(sandbox.accessKey)).toBe('not-yet')
    sandbox.fault({ kind: 'unknown-key' }, { times: Number.POSITIVE_INFINITY })
    expect(await tried(sandbox.accessKey)).toBe('not-yet')
  })
  it('is not kept from trying by a region that is not enabled, nor is the key from being replaced', async () => {
    const device = await newDevice()
    sandbox.fault({ kind: 'unknown-key' }, { region: 'eu-west-1', times: Number.POSITIVE_INFINITY })
    expect(await run(device)).toEqual(WHOLE)
    await expectReplaced(device)
  })
})
