import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { FAULT_TABLE, type Fault } from '../sandbox-aws/faults.ts'
import { EMERGENCY_USER } from '../sandbox-aws/sandbox.ts'
import {
  expectAccountedFor,
  expectOnlyTheirs,
  expectReplaced,
  expectRotationsTold,
  expectSaidOnce,
  expectSame,
} from './invariants.ts'
import { EVERY, killAlong, killAt, live, MOMENTS } from './kills.ts'
import { deskOf } from './mischief.ts'
import type { Point } from './mortal-fs.ts'
import { carryOn, type Habit, statementsOf } from './people.ts'
import { approvesRotations, asksToRotate, owesNoKey, replacing } from './replacing.ts'
import { issuing, type LocalSetting, newFour, type Tell } from './stories.ts'
import { TestClock } from './test-clock.ts'
import type { LocalParty } from './world.ts'

const HOUR_MS = 60 * 60_000
/** Calls by which a key is replaced. */
const CALLS = [
  'ListAccessKeys',
  'CreateAccessKey',
  'DeleteAccessKey',
  'GetAccessKeyLastUsed',
  'UpdateAccessKey',
  'GetCallerIdentity',
]
/** Without IAM's that never answer: its calls are waited for ten seconds each. */
const ANSWERED = FAULT_TABLE.filter(({ fault: { kind } }) => kind !== 'silent')
/** One of each that fail before, when and after they took effect. */
const OF_EACH = (['before', 'during', 'after'] as const).map(
  (when) => ANSWERED.findLast((one) => one.when === when)?.fault as Fault,
)
/** A story of several cases; where every call fails in every way, most of it is waiting until it is tried again. */
const LONG_MS = EVERY ? 1_200_000 : 120_000
/** After so many deaths others begin anew where nobody can be brought back. */
const BETWEEN_BEGINNINGS = 6
/** Steps of an app that replaces keys, of which each is died at if every one is. */
const STEPS = 20

const MADE = 'What may replace the key is made, and good for 12 h'
const NOT_MADE = 'What may replace the key could not be made'

/** The cases of rotations, in the order in which they were asked for. */
function rotationsIn({ cases }: Snapshot): CaseView[] {
  return cases.filter(({ purpose }) => purpose === 'rotation').toSorted((a, b) => a.askedAt - b.askedAt)
}

/** Whether somebody has what may replace each used key. */
function isReplaceable({ cases }: Snapshot): boolean {
  const owed = cases.flatMap(({ rotation }) => rotation ?? [])
  return owed.length > 0 && owed.every(({ by }) => by.length > 0)
}

/**
 * Four people, of whom Ana used a key. Nobody has what may replace it any more, so she asks for that and for no access; Raj and
 * Leo approve; Mia's device issues, and what it makes beside goes to Raj's.
 */
describe('a rotation that is asked for', () => {
  const clock = new TestClock()
  let four: LocalSetting
  let ana: LocalParty
  let raj: LocalParty
  let mia: LocalParty
  let leo: LocalParty
  beforeAll(begin, 120_000)
  afterAll(() => four.world.close())

  async function begin(): Promise<void> {
    four = await newFour({ clock, rotator: true })
    ;[ana, raj, mia, leo] = four.parties
    await use()
    await four.world.save()
  }

  /** A key is used, and everybody knows that an admin has what may replace it. */
  async function use(): Promise<void> {
    await live(four, issuing)
    for (const party of four.parties) await party.until('what may replace the key', isReplaceable)
  }

  /** From where nobody has what may replace a used key to where somebody has. */
  const asking: Tell = async () => {
    clock.pass(13 * HOUR_MS)
    for (const party of four.parties) await party.until('that nobody has it any more', (now) => !isReplaceable(now))
    return {
      people: [
        { party: ana, habits: [asksToRotate] },
        { party: raj, habits: [approvesRotations] },
        { party: mia, habits: [] },
        { party: leo, habits: [approvesRotations] },
      ],
      isOver: isReplaceable,
      check: async (statements) => {
        await expectRotationsTold(four.parties, four.sandbox, statements)
        await raj.until('what the others say that he has', ({ cases }) =>
          cases.some(({ rotation }) => rotation?.may === 'begin'),
        )
      },
    }
  }

  /** From there to where nothing of a used key is left. AWS has other keys then, so nobody can be brought back to before. */
  const replacingAll =
    (by: LocalParty): Tell =>
    async () => ({
      people: replacing(four, clock, by),
      isOver: owesNoKey,
      check: async (statements) => {
        await expectReplaced(by, four.sandbox)
        expectOnlyTheirs(four.sandbox.log, statements)
        expectSaidOnce(statements)
      },
    })

  test('goes on when the issuing device was killed', async () => {
    expect(await killAlong(four, mia, asking, 5)).toBeGreaterThanOrEqual(3)
  }, 900_000)

  test('tells that AWS may have made what nobody has when the issuing device was killed meanwhile, and goes on', async () => {
    await four.world.rewind()
    const { sandbox } = four
    const logged = sandbox.log.length
    const { people, isOver, check } = await asking(four)
    deskOf(mia).device.store.onAccepted(
      ({ kind }) => void (kind === 'grant' && sandbox.fault({ kind: 'late', ms: 1500 }, { action: 'AssumeRole' })),
    )
    const { roleArn } = sandbox.aftercare.rotator
    await carryOn(people, () => sandbox.log.slice(logged).some(({ parameters }) => parameters['RoleArn'] === roleArn))
    await mia.kill()
    await carryOn(people, isOver)
    await check?.(await expectSame(four.parties))
    expect(rotationsIn(await leo.snapshot()).map(({ headline }) => headline)).toEqual([NOT_MADE, MADE])
  })

  test('gives after its restart what the issuing device had kept and not told of when it was killed', async () => {
    await four.world.rewind()
    const { people, isOver, check } = await asking(four)
    const { journal } = deskOf(mia).device.vault
    const append = journal.append.bind(journal)
    vi.spyOn(journal, 'append').mockImplementation(async (table, ...rest) => {
      const place = await append(table, ...rest)
      if (table === 'aftercare') await mia.kill()
      return place
    })
    let died = false
    const onDeath = async () => void (died = true)
    await carryOn(people, isOver, onDeath)
    expect(died).toBe(true)
    await check?.(await expectSame(four.parties))
  })

  test('goes on when the app was killed of whoever approves and gets what it makes', async () => {
    expect(await killAlong(four, raj, asking, 6)).toBeGreaterThanOrEqual(2)
  }, 900_000)

  test('goes on when the requester’s app was killed', async () => {
    expect(await killAlong(four, ana, asking, 8)).toBeGreaterThanOrEqual(2)
  }, 900_000)

  /** From now on the first attempt of each rotation fails in its way, and so does the making of what it is for. */
  function failEach(faults: readonly Fault[]): void {
    const { sandbox, parties } = four
    const seen = new Set<string>()
    const turns: string[] = []
    for (const party of parties)
      deskOf(party).device.store.onAccepted((statement) => {
        if ((statement.kind !== 'issuing' && statement.kind !== 'grant') || seen.has(statement.id)) return
        seen.add(statement.id)
        const { request, attempt } = statement.payload
        if (!turns.includes(request)) turns.push(request)
        const fault = faults[turns.indexOf(request)]
        if (fault === undefined || (statement.kind === 'issuing' && attempt > 1)) return
        // What makes no sense is taken for done, and no other region is asked.
        sandbox.fault(fault, { action: 'AssumeRole', times: fault.kind === 'garbled' ? 1 : 2 })
      })
  }

  /** The case of each way to fail, and a last one in which nothing fails. */
  async function failing(faults: readonly Fault[]): Promise<void> {
    await four.world.rewind()
    const logged = four.sandbox.log.length
    failEach(faults)
    await live(four, asking, LONG_MS)
    const statements = await statementsOf(raj)
    expectAccountedFor(four.sandbox.log.slice(logged), statements)
    const asked = rotationsIn(await leo.snapshot())
    expect(asked.map(({ headline }) => headline)).toEqual([...faults.map(() => NOT_MADE), MADE])
    const failed = asked.map(({ timeline }) => timeline.filter(({ kind }) => kind === 'failed').length)
    expect(failed).toEqual([...faults.map(() => 1), 0])
  }

  test('is told of truly and goes on although AWS fails before, when and after it made something, and so do those that replace the key', async () => {
    const all = FAULT_TABLE.map(({ fault }) => fault)
    if (EVERY) for (let at = 0; at < all.length; at += 3) await failing(all.slice(at, at + 3))
    await failing(OF_EACH)
    CALLS.forEach((action, at) => {
      const faults = EVERY ? ANSWERED.map(({ fault }) => fault) : OF_EACH.slice(at % 3, (at % 3) + 1)
      for (const fault of faults) four.sandbox.fault(fault, { action })
    })
    await live(four, replacingAll(raj), LONG_MS)
    expect(four.sandbox.activeKeys(EMERGENCY_USER.name)).toHaveLength(1)
  }, 3_600_000)

  /** Mia's app dies while AWS makes its session, Leo's device makes another, and what is made with that serves Mia, whose app dies once more if it comes to that. @returns whether it did. */
  async function finishedByAnother(point: Point): Promise<boolean> {
    await use()
    const { sandbox } = four
    const logged = sandbox.log.length
    const { people } = await asking(four)
    sandbox.fault({ kind: 'late', ms: 1500 }, { action: 'AssumeRole' })
    await carryOn(people, () => sandbox.log.slice(logged).some(({ action }) => action === 'AssumeRole'))
    await mia.kill()
    const told = ({ cases }: Snapshot) =>
      cases.find(({ headline }) => headline === 'Mia’s device is using the credential; a session may exist')
    const { id } = await raj.until('what Mia’s device does', told)
    for (const party of [ana, leo]) await party.until('what Mia’s device does', told)
    clock.pass(6 * 60_000)
    const waits: Habit = async () => clock.pass(1000)
    await carryOn(
      people
        .filter(({ party }) => party !== mia)
        .map(({ party, habits }) => ({ party, habits: party === leo ? [...habits, waits] : habits })),
      isReplaceable,
    )
    await mia.revive()
    const one = await mia.until('what may replace the key', ({ cases }) =>
      cases.find((each) => each.id === id && cases.some(({ rotation }) => rotation?.may === 'begin')),
    )
    expect(one.grant?.issuer.name).toBe('Leo')
    expect(one.findings).toContain(
      'An issuing device used the credential and did not say how it went. A session may exist until its time is over.',
    )
    const statements = await expectSame(four.parties)
    expectAccountedFor(sandbox.log.slice(logged), statements)
    await expectRotationsTold(four.parties, sandbox, statements)
    return killAt(four, mia, point, replacingAll(mia), LONG_MS)
  }

  test('is finished by another device and another admin, whose app is killed while it replaces the keys of both cases', async () => {
    const steps = Array.from({ length: STEPS }, (_, step) => step)
    const points = steps.flatMap((step) => MOMENTS.map((moment) => ({ step, moment })))
    for (const [at, point] of (EVERY ? points : [{ step: 6, moment: 'half' } as const]).entries()) {
      // Every story makes the next one slower.
      if (at > 0 && at % BETWEEN_BEGINNINGS === 0) await four.world.close().then(begin)
      expect(await finishedByAnother(point)).toBe(true)
    }
  }, 3_600_000)
})
