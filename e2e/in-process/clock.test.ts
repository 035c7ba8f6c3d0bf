import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { standingOf } from '../../main/issuers/aws/identity.ts'
import { DENY_ALL } from '../../main/issuers/aws/role-session.ts'
import { sessionFromLines } from '../session-lines.ts'
import { expectAccountedFor, expectNowhere, expectRecordedBefore, expectSame, ofKind } from './invariants.ts'
import { acknowledged, deskOf, plugOf } from './mischief.ts'
import { approves, carryOn, caseOf, isDone, statementsOf } from './people.ts'
import { asking, type LocalSetting, newFour } from './stories.ts'
import { TestClock } from './test-clock.ts'
import { agree, type LocalParty, planForm } from './world.ts'

const MINUTE_MS = 60_000

const clock = new TestClock()
const secrets: string[] = []
let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty

beforeAll(async () => {
  four = await newFour({ clock })
  ;[ana, raj, mia, leo] = four.parties
  secrets.push(four.world.sandbox.accessKey.secretAccessKey)
}, 120_000)
afterAll(() => four.world.close())

const ask = (purpose?: 'access' | 'drill', under?: string) => asking(four, purpose, under)

async function approve(party: LocalParty, request: string): Promise<void> {
  await party.sign(party.call.cases.decide({ request, verdict: 'approve', reason: '' }))
}

const mine = async (party: LocalParty, reference: string) => caseOf(await party.snapshot(), reference)?.mine

/** The requester’s session of a case, once it is in memory; as copied to the clipboard. */
async function session(id: string) {
  await ana.until('the session', ({ sessions }) => sessions.some((one) => one.here && one.case === id))
  await ana.call.sessions.copy({ case: id, as: 'environment' })
  const copied = sessionFromLines(ana.clipboard)
  secrets.push(copied.secretAccessKey, copied.sessionToken)
  return copied
}

async function standing(of: Awaited<ReturnType<typeof session>>): Promise<string> {
  return (await standingOf(of, four.world.sandbox.endpoints[of.region] as string)).standing
}

test('a device later in the plan’s list waits for its turn with each attempt, also where it slept through the one before', async () => {
  const { id, reference } = await ask()
  await plugOf(mia).plug(false)
  await approve(raj, id)
  await leo.until('the approval', (now) => caseOf(now, reference)?.quorum?.have === 1)
  const turn = vi.spyOn(deskOf(leo).notary, 'turn')
  const rounds = async (count: number) => {
    const before = turn.mock.calls.length
    await leo.until('rounds of his app', () => turn.mock.calls.length >= before + count)
  }
  // It waits for Mia's device since then, and hears of her attempt while it does nothing.
  await rounds(2)
  let goOn = (): void => undefined
  turn.mockReturnValueOnce(new Promise<void>((resolve) => (goOn = resolve)))
  await rounds(1)
  await plugOf(mia).plug(true)
  await leo.until('the attempt of Mia’s device', (now) => caseOf(now, reference)?.attempt)
  await plugOf(mia).plug(false)
  clock.pass(11 * MINUTE_MS)
  goOn()
  await rounds(3)
  const readies = ofKind(await statementsOf(leo), 'ready').filter(({ payload }) => payload.request === id)
  expect(readies.map(({ payload }) => payload.device)).toEqual([deskOf(mia).device.id])
  turn.mockRestore()
  await plugOf(mia).plug(true)
  await ana.call.cases.withdraw({ request: id, reason: 'seen' })
})

describe('a share that an approval made ready', () => {
  test('is kept over an idle lock, and released without another touch', async () => {
    const { id, reference } = await ask()
    await approve(raj, id)
    await raj.until('an attempt', (now) => caseOf(now, reference)?.attempt)
    clock.pass(11 * MINUTE_MS)
    await raj.running.app.checkIdle()
    const locked = await raj.snapshot()
    expect(locked.vault).toMatchObject({ status: 'locked', lockedBecause: 'idle' })
    await raj.unlock()
    expect((await mine(raj, reference))?.holdsShareUntil).toBeGreaterThan(clock.clock().wall)
    await approve(leo, id)
    await session(id)
    const decisions = ofKind(await statementsOf(raj), 'decision').filter(({ payload }) => payload.request === id)
    expect(decisions).toHaveLength(2)
    await isDone(ana, await ana.snapshot())
  })

  test('is wiped when its owner locks by hand, and it takes another touch', async () => {
    const { id, reference } = await ask()
    await approve(raj, id)
    expect((await mine(raj, reference))?.holdsShareUntil).not.toBeNull()
    await raj.call.vault.lock()
    await raj.unlock()
    expect((await mine(raj, reference))?.holdsShareUntil).toBeNull()
    await approve(leo, id)
    await raj.until('being asked for a touch', (now) => caseOf(now, reference)?.mine.needsTouch)
    expect(ofKind(await statementsOf(mia), 'issuing').some(({ payload }) => payload.request === id)).toBe(false)
    await approve(raj, id)
    await session(id)
    await isDone(ana, await ana.snapshot())
  })

  test('is dropped after 60 minutes, with the request', async () => {
    const { id, reference } = await ask()
    await approve(raj, id)
    clock.pass(61 * MINUTE_MS)
    for (const party of four.parties) {
      const one = await party.until('the end of the request', (now) => {
        const found = caseOf(now, reference)
        return found?.state === 'expired' && found
      })
      expect(one.headline).toBe('Expired: nobody can approve it any more')
    }
    expect((await mine(raj, reference))?.holdsShareUntil).toBeNull()
    await expect(approve(leo, id)).rejects.toMatchObject({ code: 'not-allowed' })
  })
})

describe('a drill', () => {
  test('ends with a session that may do nothing, and proves custody again', async () => {
    const { id, reference } = await ask('drill')
    await approve(raj, id)
    await approve(leo, id)
    const drilled = await session(id)
    expect(await standing(drilled)).toBe('alive')
    const { sandbox } = four.world
    expect(sandbox.log.findLast(({ action }) => action === 'AssumeRole')?.parameters['Policy']).toBe(DENY_ALL)
    const client = new STSClient({
      region: drilled.region,
      endpoint: sandbox.endpoints[drilled.region] as string,
      credentials: {
        accessKeyId: drilled.accessKeyId,
        secretAccessKey: drilled.secretAccessKey,
        sessionToken: drilled.sessionToken,
      },
      maxAttempts: 1,
    })
    const more = new AssumeRoleCommand({ RoleArn: sandbox.roleArn, RoleSessionName: 'more', DurationSeconds: 900 })
    await expect(client.send(more)).rejects.toMatchObject({ name: 'AccessDenied' })
    const proofs = ofKind(await statementsOf(ana), 'custody').filter(({ payload }) => payload.nonce === id)
    const members = await Promise.all([raj, leo].map(async (party) => (await party.snapshot()).me?.member))
    expect(new Set(proofs.map(({ payload }) => payload.member))).toEqual(new Set(members))
    expect(caseOf(await leo.snapshot(), reference)?.purpose).toBe('drill')
    await isDone(ana, await ana.snapshot())
  })
})

describe('a session', () => {
  test('is opened again when the requester’s app is restarted, until “I am done”; then it is gone for good', async () => {
    const { id, reference } = await ask()
    await approve(raj, id)
    await approve(leo, id)
    const before = await session(id)
    await ana.kill()
    await ana.revive()
    expect(await session(id)).toEqual(before)
    await ana.call.sessions.done({ case: id })
    expect(caseOf(await ana.snapshot(), reference)?.grant?.endedAt).not.toBeNull()
    expect(ana.clipboard).toBe('')
    await ana.kill()
    await ana.revive()
    const { sessions } = await ana.snapshot()
    expect(sessions.filter(({ here }) => here)).toEqual([])
    await expect(ana.call.sessions.copy({ case: id, as: 'environment' })).rejects.toMatchObject({ code: 'no-session' })
  })

  test('leaves the clipboard after 60 seconds, unless something else is there by then', async () => {
    const { id } = await ask()
    await approve(raj, id)
    await approve(leo, id)
    await session(id)
    clock.pass(59_000)
    expect(ana.clipboard).toContain('AWS_SESSION_TOKEN')
    clock.pass(1_000)
    await expect.poll(() => ana.clipboard).toBe('')
    await ana.call.sessions.copy({ case: id, as: 'environment' })
    ana.clipboard = 'a shopping list'
    clock.pass(60_000)
    await ana.snapshot()
    expect(ana.clipboard).toBe('a shopping list')
    await isDone(ana, await ana.snapshot())
    expect(ana.clipboard).toBe('a shopping list')
  })

  test('is taken from a clipboard that cannot be cleared at once as soon as it can, and its owner is told', async () => {
    const { id } = await ask()
    await approve(raj, id)
    await approve(leo, id)
    await session(id)
    const text = ana.clipboard
    let refusals = 0
    Object.defineProperty(ana, 'clipboard', {
      configurable: true,
      get: () => {
        refusals++
        throw new Error('no window to ask')
      },
    })
    clock.pass(60_000)
    await vi.waitFor(() => {
      clock.pass(1_000)
      expect(refusals).toBeGreaterThanOrEqual(5)
    })
    const stuck = 'What you copied may still be on the clipboard'
    await ana.until('a warning', ({ notes }) => notes.find(({ what, level }) => what === stuck && level === 'danger'))
    Object.defineProperty(ana, 'clipboard', { configurable: true, writable: true, value: text })
    clock.pass(1_000)
    await expect.poll(() => ana.clipboard).toBe('')
    await isDone(ana, await ana.snapshot())
  })

  test('that ran out while the requester’s app was off is ended with AWS’s word for it after the next unlock', async () => {
    const { id, reference } = await ask()
    await approve(raj, id)
    await approve(leo, id)
    const over = await session(id)
    await ana.kill()
    clock.pass(16 * MINUTE_MS)
    expect(await standing(over)).toBe('refused')
    await ana.revive()
    await ana.until('AWS to be asked', () => clock.pass(1000) ?? deskOf(ana).device.case(id)?.grant?.ends[0])
    await raj.until('the end', (now) => caseOf(now, reference)?.grant?.confirmed)
    const [ended] = ofKind(await statementsOf(raj), 'ended').filter(({ payload }) => payload.request === id)
    expect(ended?.payload).toMatchObject({ how: 'timer', confirmation: 'aws-refused', wiped: true })
  })
})

test('another issuing device takes over when the first dies in the middle; the session that it may have made is told of', async () => {
  const { sandbox } = four.world
  const { id, reference } = await ask()
  // Long enough that Mia is gone before she knows, short enough that she tries no other region.
  sandbox.fault({ kind: 'late', ms: 1500 }, { action: 'AssumeRole' })
  const asked = sandbox.log.length
  const people = [raj, leo].map((party) => ({ party, habits: [approves(reference)] }))
  await carryOn(people, () => sandbox.log.slice(asked).some(({ action }) => action === 'AssumeRole'))
  await mia.kill()
  clock.pass(5 * MINUTE_MS + 1000)
  const passing = setInterval(() => clock.pass(1000), 100)
  await carryOn(people, (now) => caseOf(now, reference)?.grant != null).finally(() => clearInterval(passing))
  expect(caseOf(await raj.snapshot(), reference)?.grant?.issuer.name).toBe('Leo')
  await mia.revive()
  const statements = await expectSame(four.parties)
  expect(ofKind(statements, 'grant').filter(({ payload }) => payload.request === id)).toHaveLength(1)
  expectRecordedBefore(sandbox.log.slice(asked), statements)
  expectAccountedFor(sandbox.log.slice(asked), statements)
  const one = caseOf(await ana.snapshot(), reference)
  expect(one?.findings.filter((words) => words.includes('A session may exist'))).toHaveLength(1)
  await session(id)
  await isDone(ana, await ana.snapshot())
})

test('an app that is locked while it is being unlocked stays locked, and can be unlocked again', async () => {
  const { app } = leo.running
  await leo.call.vault.lock()
  const unlocking = leo.unlock().catch(() => undefined)
  while (app.vault.status() !== 'open') await new Promise((resolve) => setImmediate(resolve))
  await app.lock('screen')
  await unlocking
  expect(await leo.snapshot()).toMatchObject({ stage: 'locked', cases: [], people: [] })
  await leo.unlock()
  expect((await leo.snapshot()).stage).toBe('member')
})

test('a plan that waives the acknowledgement issues without one', async () => {
  const form = await planForm(ana, four.world.sandbox, 2)
  const { generations } = await ana.snapshot()
  const credential = { credential: generations[0]?.credential ?? null, name: form.credential.name }
  const plan = await agree(four.parties, { ...form, name: 'By QR alone', credential, witness: 'waived' })
  await leo.sign(leo.call.endorse.draft({ of: plan, compared: false }))
  for (const party of [ana, raj, leo]) plugOf(party).refusesToWitness = true
  const { id, reference } = await ask('access', plan)
  const people = [raj, leo].map((party) => ({ party, habits: [approves(reference)] }))
  await carryOn(people, (now) => caseOf(now, reference)?.grant != null)
  const grants = ofKind(await statementsOf(raj), 'grant').filter(({ payload }) => payload.request === id)
  expect(grants.map(({ payload }) => payload.witness)).toEqual([null])
  await session(id)
  await isDone(ana, await ana.snapshot())
  for (const party of [ana, raj, leo]) plugOf(party).refusesToWitness = false
})

describe('after all this', () => {
  test('no secret lies in the clear on any disk, nor in any window', async () => {
    expect(secrets.length).toBeGreaterThan(10)
    await expectNowhere(four.world.dir, secrets)
    for (const party of four.parties) {
      const shown = JSON.stringify(await party.snapshot())
      expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
    }
  })

  test('no device but the issuing one has had more than its own share and those it released', () => {
    const collection = deskOf(ana).device.store.collection()
    const strays = four.parties.flatMap((party) => {
      const { shelf, id, profile } = deskOf(party).device
      // The depositor’s device sends the boxes; it can open none but its owner’s.
      const dealt = collection
        .of('deposit')
        .filter(({ payload }) => payload.device !== id)
        .flatMap(({ payload }) => payload.boxes.filter((_, at) => payload.header.custodians[at] !== profile.member))
      const released = collection
        .of('release')
        .filter(({ payload }) => payload.device !== id)
        .filter(({ payload }) => collection.get('ready', payload.ready)?.payload.device !== id)
        .map(({ payload }) => payload.box)
      return [...dealt, ...released].filter((box) => shelf.has(box))
    })
    expect(strays).toEqual([])
  })
})

describe('a window in which nothing happens', () => {
  test('is told by itself what time alone has changed', async () => {
    const { reference } = await ask()
    const shown = () => {
      const { shown: snapshot } = leo.running
      return snapshot === null ? '' : caseOf(snapshot, reference)?.headline
    }
    await vi.waitFor(() => expect(shown()).toMatch(/asked less than a minute ago$/), 20_000)
    await acknowledged(four.parties)
    clock.pass(MINUTE_MS)
    await vi.waitFor(() => expect(shown()).toMatch(/asked 1 min ago$/), 20_000)
  })
})
