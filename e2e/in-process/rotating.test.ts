import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ShellWorker } from '../../main/shell/shell.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { EMERGENCY_USER } from '../sandbox-aws/sandbox.ts'
import { expectReplaced, expectWorking } from './invariants.ts'
import { EVERY } from './kills.ts'
import type { Moment } from './mortal-fs.ts'
import { acceptShares, approves, asks, carryOn, caseOf, isDone, type Person } from './people.ts'
import { approvesRotations, owesNoKey, replacing } from './replacing.ts'
import { TestClock } from './test-clock.ts'
import { agree, deposit, found, foundWith, type LocalParty, newWorld, planForm, type World } from './world.ts'

const HOUR_MS = 60 * 60_000

/** Four people with a plan that has a rotator. Ana asks; Mia's device issues; Raj and Leo approve. */
describe('the key that a case used', () => {
  const clock = new TestClock()
  let world: World
  let parties: readonly [LocalParty, LocalParty, LocalParty, LocalParty]
  let plan: string
  /** What Raj's app does with the workers that it starts. */
  let rajs: (worker: ShellWorker) => ShellWorker = (worker) => worker

  beforeAll(async () => {
    world = await newWorld(4 * 3600, {}, clock)
    const arrive = (name: string) => world.arrive(name)
    const raj = await world.arrive('Raj', { spoil: (worker) => rajs(worker) })
    parties = [await arrive('Ana'), raj, await arrive('Mia'), await arrive('Leo')]
    for (const party of parties) await party.setUp()
    await found(parties)
    const form = await planForm(parties[0], world.sandbox, 2)
    const { aftercare } = world.sandbox
    plan = await agree(parties, { ...form, access: { ...form.access, aftercare } })
    await deposit(parties, parties[0], plan, world.sandbox.accessKey)
  }, 120_000)
  afterAll(() => world.close())

  const active = () => world.sandbox.activeKeys(EMERGENCY_USER.name)

  /** From the request to the recorded end of the session. */
  async function use(reference: string, purpose: 'access' | 'drill' = 'access'): Promise<CaseView> {
    const [ana, raj, mia, leo] = parties
    const people: Person[] = [
      { party: ana, habits: [asks({ plan, reference, purpose }), isDone] },
      { party: raj, habits: [approves(reference)] },
      { party: mia, habits: [] },
      { party: leo, habits: [approves(reference)] },
    ]
    await carryOn(people, (snapshot) => typeof caseOf(snapshot, reference)?.grant?.endedAt === 'number')
    return raj.until('what may replace the key', (now) => {
      const one = caseOf(now, reference)
      return one?.rotation?.may === 'begin' ? one : undefined
    })
  }

  test('is replaced by two touches and the custodians, switched off at once, and deleted an hour later', async () => {
    const [, raj] = parties
    const old = world.sandbox.accessKey.accessKeyId
    const { id, rotation, obligations } = await use('INC-1')
    expect(rotation).toMatchObject({ accessKeyId: old, at: 'begin', begun: null })
    expect(obligations.map(({ code }) => code)).toContain('retire')
    const stand = (what: string, is: (at: NonNullable<CaseView['rotation']>) => boolean) =>
      raj.until(what, ({ cases }) => cases.find((one) => one.id === id && one.rotation !== null && is(one.rotation)))

    await raj.sign(raj.call.cases.replaceKey({ request: id }))
    await stand('the new key to deposit', ({ may }) => may === 'deposit')
    expect(active()).toHaveLength(2)
    await raj.sign(raj.call.cases.depositNewKey({ request: id }))
    await stand('the custodians', ({ at, custody }) => at === 'custody' && custody?.of === 4)
    expect(active()).toContain(old)

    await carryOn(
      parties.map((party) => ({ party, habits: [acceptShares] })),
      ({ generations }) => generations.some(({ generation, state }) => generation === 2 && state === 'proven'),
    )
    await stand('the old key off', ({ at, offAt }) => at === 'delete' && offAt !== null)
    expect(active()).toHaveLength(1)
    expect(active()).not.toContain(old)
    const [ana] = parties
    await ana.until('what was said of it', ({ cases }) =>
      cases.find((one) => one.id === id && one.rotation?.at === 'delete'),
    )

    clock.pass(HOUR_MS + 60_000)
    for (const party of parties)
      await party.until('nothing to retire', ({ cases }) =>
        cases.some((one) => one.id === id && !one.obligations.some(({ code }) => ['rotate', 'retire'].includes(code))),
      )
    expect(active()).toHaveLength(1)
  })

  test.each<readonly [number, Moment]>([
    [1, 'after'],
    [2, 'half'],
    ...(EVERY ? [[4, 'before'] as const] : []),
    [8, 'after'],
  ])('is replaced although the app was killed at its step %i (%s)', async (step, moment) => {
    const [ana, raj] = parties
    await use(`INC-K${step}`)
    await raj.running.dieAt({ step, moment })
    let deaths = 0
    await carryOn(replacing({ parties, plan }, clock), owesNoKey, async () => {
      deaths++
      await expectWorking(ana, world.sandbox)
    })
    await raj.running.dieAt(null)
    expect(deaths).toBe(1)
    await expectReplaced(parties[1], world.sandbox)
  })

  test('is replaced by one key although the answer that had made it was lost, and AWS was away for a while', async () => {
    const [ana] = parties
    await use('INC-L')
    world.sandbox.fault({ kind: 'cut', done: true }, { action: 'CreateAccessKey' })
    world.sandbox.fault({ kind: 'error-500' }, { action: 'ListAccessKeys', times: 2 })
    world.sandbox.fault({ kind: 'cut', done: true }, { action: 'UpdateAccessKey' })
    await carryOn(replacing({ parties, plan }, clock), owesNoKey)
    await expectWorking(ana, world.sandbox)
    await expectReplaced(parties[1], world.sandbox)
    expect(active()).toHaveLength(1)
  })

  test('goes on after an idle lock without another touch, and not after one by hand', async () => {
    const [, raj] = parties
    const { id } = await use('INC-I')
    await raj.sign(raj.call.cases.replaceKey({ request: id }))
    const stands = (may: 'begin' | 'deposit') =>
      raj.until(may, ({ cases }) => cases.find((one) => one.id === id && one.rotation?.may === may))
    await stands('deposit')
    await raj.running.app.lock('idle')
    await raj.unlock()
    await stands('deposit')
    await raj.call.vault.lock()
    await raj.unlock()
    await stands('begin')
    await carryOn(replacing({ parties, plan }, clock), owesNoKey)
    await expectReplaced(parties[1], world.sandbox)
    expect(active()).toHaveLength(1)
  })

  test('is not begun by an app that is locked by hand while it begins: what has the rotator by then is ended', async () => {
    const [, raj] = parties
    const { id } = await use('INC-B')
    let started: ShellWorker | null = null
    let isOver = false
    rajs = (worker) => {
      started = worker
      void worker.exited.then(() => (isOver = true))
      // The lock comes before the app hears that it has begun.
      return { ...worker, frames: silent(worker) }
    }
    const signing = raj.sign(raj.call.cases.replaceKey({ request: id })).catch((error: unknown) => error)
    await vi.waitFor(() => expect(started).not.toBeNull(), { timeout: 10_000 })
    await raj.call.vault.lock()
    rajs = (worker) => worker
    await vi.waitFor(() => expect(isOver).toBe(true))
    expect(await signing).toMatchObject({ code: 'out-of-date' })
    expect(active()).toHaveLength(1)
    await raj.unlock()
    await raj.until('begin', ({ cases }) => cases.find((one) => one.id === id && one.rotation?.may === 'begin'))
    const { notes } = await raj.snapshot()
    expect(notes.map(({ means }) => means)).toContainEqual(expect.stringContaining('Lockbox was locked meanwhile'))
    await carryOn(replacing({ parties, plan }, clock), owesNoKey)
    await expectReplaced(parties[1], world.sandbox)
  })

  test('that was used while another is being replaced is replaced too, by the newest key that is held', async () => {
    const [, raj] = parties
    const { id } = await use('INC-M')
    await raj.sign(raj.call.cases.replaceKey({ request: id }))
    await raj.until('the deposit', ({ cases }) => cases.find((one) => one.rotation?.may === 'deposit'))
    await raj.sign(raj.call.cases.depositNewKey({ request: id }))
    await carryOn(
      parties.map((party) => ({ party, habits: [acceptShares] })),
      ({ cases }) => cases.some((one) => one.id === id && one.rotation?.at === 'delete'),
    )
    const second = await use('INC-N')
    const { generations } = await raj.snapshot()
    const newest = generations.toSorted((a, b) => b.generation - a.generation)[0]
    expect(second.grant?.deposit).toBe(newest?.id)
    await carryOn(replacing({ parties, plan }, clock), owesNoKey)
    await expectReplaced(parties[1], world.sandbox)
  })

  test('is replaced after its rotator has died, by what a rotation brings: nobody gets access by that', async () => {
    const [ana, raj, mia, leo] = parties
    const { id } = await use('INC-R')
    clock.pass(13 * HOUR_MS)
    const asks = (now: Snapshot) => now.cases.find((one) => one.id === id)?.rotation?.asks
    const told = await Promise.all(parties.map((party) => party.until('that nobody has it', (now) => asks(now))))
    expect(told.map(({ may }) => may)).toEqual([true, false, false, false])
    await expect(leo.call.cases.askToRotate({ request: id })).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(raj.call.cases.replaceKey({ request: id })).rejects.toMatchObject({ code: 'not-allowed' })

    await ana.sign(ana.call.cases.askToRotate({ request: id }))
    const rotationIn = ({ cases }: Snapshot) => cases.find(({ purpose }) => purpose === 'rotation')
    const asked = await raj.until('the request', rotationIn)
    expect(asked).toMatchObject({ reference: 'INC-R', seconds: 900, replaces: [{ id }], mine: { mayDecide: true } })
    const people = [
      { party: ana, habits: [] },
      { party: raj, habits: [approvesRotations] },
      { party: mia, habits: [] },
      { party: leo, habits: [approvesRotations] },
    ]
    await carryOn(people, (now) => rotationIn(now)?.grant?.confirmed === false && asks(now) === null)
    const { sessions, cases } = await ana.snapshot()
    // That of the access may still be asking AWS whether it is refused.
    expect(sessions.filter((session) => session.case === asked.id)).toEqual([])
    const one = cases.find(({ purpose }) => purpose === 'rotation')
    expect(one?.timeline.map(({ kind }) => kind)).not.toContain('handover')
    expect(one?.headline).toContain('What may replace the key is made')

    await carryOn(replacing({ parties, plan }, clock), owesNoKey)
    await expectReplaced(parties[1], world.sandbox)
    const after = await leo.snapshot()
    for (const each of [id, asked.id])
      expect(after.cases.find((other) => other.id === each)?.obligations.map(({ code }) => code)).toEqual(['review'])
  })

  test('is not replaced beside a key that nobody accounts for, which is named and left alone', async () => {
    const [, raj] = parties
    const { id } = await use('INC-U')
    const { accessKeyId } = world.sandbox.addAccessKey(EMERGENCY_USER)
    await raj.sign(raj.call.cases.replaceKey({ request: id }))
    const told = await raj.until('the alarm', ({ cases }) =>
      cases.find((one) => one.id === id && one.rotation?.alarms.includes(accessKeyId)),
    )
    expect(told.rotation?.trouble).toContain('two keys')
    await raj.until('the note', ({ notes }) =>
      notes.find(({ what }) => what === `AWS has a key that nobody accounts for: ${accessKeyId}`),
    )
    expect(active()).toHaveLength(2)
    expect(active()).toContain(accessKeyId)
  })
})

/** As before, but that Leo is an admin too: his device gets what may replace the key, as Raj's does. */
describe('the key that a case used, which two admins replace at once', () => {
  const clock = new TestClock()
  let world: World
  let parties: readonly [LocalParty, LocalParty, LocalParty, LocalParty]
  let plan: string

  beforeAll(async () => {
    world = await newWorld(4 * 3600, {}, clock)
    const arrive = (name: string) => world.arrive(name)
    parties = [await arrive('Ana'), await arrive('Raj'), await arrive('Mia'), await arrive('Leo')]
    for (const party of parties) await party.setUp()
    await foundWith(parties, { Leo: { roles: ['admin', 'approver', 'auditor'], groups: ['security'] } })
    const form = await planForm(parties[0], world.sandbox, 2)
    plan = await agree(parties, { ...form, access: { ...form.access, aftercare: world.sandbox.aftercare } })
    await deposit(parties, parties[0], plan, world.sandbox.accessKey)
  }, 120_000)
  afterAll(() => world.close())

  /** What a window comes to say of what keeps it from replacing the key; AWS is asked again meanwhile. */
  const told = (party: LocalParty, trouble: RegExp) =>
    vi.waitFor(
      async () => {
        clock.pass(10_000)
        const stand = (await party.snapshot()).cases.find(({ rotation }) => rotation !== null)?.rotation
        expect(stand?.trouble).toMatch(trouble)
        expect(stand?.trouble).not.toContain('Run a drill')
        return stand as NonNullable<typeof stand>
      },
      { timeout: 30_000, interval: 100 },
    )

  test('is replaced by one of them, of whose device the other is told, and whose key it neither takes for lost nor replaces again', async () => {
    const [ana, raj, mia, leo] = parties
    const people: Person[] = [
      { party: ana, habits: [asks({ plan, reference: 'INC-2' }), isDone] },
      { party: raj, habits: [approves('INC-2')] },
      { party: mia, habits: [] },
      { party: leo, habits: [approves('INC-2')] },
    ]
    await carryOn(people, (now) => typeof caseOf(now, 'INC-2')?.grant?.endedAt === 'number')
    const begins = (party: LocalParty) =>
      party.until('what may replace the key', ({ cases }) => cases.find(({ rotation }) => rotation?.may === 'begin'))
    for (const party of [raj, leo]) await begins(party)
    const beginning = await Promise.all([raj, leo].map(async (party) => ({ party, id: (await begins(party)).id })))
    await Promise.all(beginning.map(({ party, id }) => party.sign(party.call.cases.replaceKey({ request: id }))))
    // One of them makes a key; from then on its owner goes on, and the other's app is left to itself.
    const by = await Promise.any(
      [raj, leo].map((party) =>
        party.until('a key to deposit', ({ cases }) =>
          cases.some(({ rotation }) => rotation?.may === 'deposit') ? party : null,
        ),
      ),
    )
    const other = by === raj ? leo : raj
    const name = by === raj ? 'Raj' : 'Leo'
    await told(other, new RegExp(`${name}’s device began to replace this key as well`))
    await by.sign(by.call.cases.depositNewKey({ request: beginning[0]?.id ?? '' }))
    await carryOn(
      parties.map((party) => ({ party, habits: [acceptShares] })),
      ({ cases }) => cases.some(({ rotation }) => rotation?.at === 'delete'),
    )
    const waits = await told(other, new RegExp(`^${name}’s device made the new key, .*then run a drill`))
    expect(waits.also).toMatchObject({ person: { name }, key: 'ours' })
    await carryOn(replacing({ parties, plan }, clock, by), owesNoKey)
    const { cases, generations } = await raj.snapshot()
    // Nobody was sent to a drill for it.
    expect(cases.map(({ purpose }) => purpose)).toEqual(['access'])
    const held = generations.filter(({ state }) => state === 'held' || state === 'proven')
    expect(held).toHaveLength(1)
    expect(world.sandbox.activeKeys(EMERGENCY_USER.name)).toEqual(held.map(({ accessKeyId }) => accessKeyId))
    // The other may have asked for a key too: AWS refuses a third.
    const made = world.sandbox.log.filter(({ action, issued }) => action === 'CreateAccessKey' && issued !== null)
    expect(made.map(({ issued }) => issued)).toEqual(held.map(({ accessKeyId }) => accessKeyId))
  })
})

/** The frames of a worker of which nothing is heard before it has ended. */
async function* silent({ exited, frames }: ShellWorker): AsyncGenerator<Uint8Array> {
  await exited
  yield* frames
}
