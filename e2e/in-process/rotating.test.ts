import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CaseView } from '../../shared/views/views.ts'
import { EMERGENCY_USER } from '../sandbox-aws/sandbox.ts'
import { acceptShares, approves, asks, carryOn, caseOf, isDone, type Person } from './people.ts'
import { TestClock } from './test-clock.ts'
import { agree, deposit, found, type LocalParty, newWorld, planForm, type World } from './world.ts'

const HOUR_MS = 60 * 60_000

/** Four people with a plan that has a rotator. Ana asks; Mia's device issues; Raj and Leo approve. */
describe('the key that a case used', () => {
  const clock = new TestClock()
  let world: World
  let parties: readonly [LocalParty, LocalParty, LocalParty, LocalParty]
  let plan: string

  beforeAll(async () => {
    world = await newWorld(4 * 3600, {}, clock)
    const arrive = (name: string) => world.arrive(name)
    parties = [await arrive('Ana'), await arrive('Raj'), await arrive('Mia'), await arrive('Leo')]
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
})
