import { describe, expect, it } from 'vitest'
import { digestOf, person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import { casesFrom } from './case-from.ts'
import { newestOpening, OpeningsKept, openedLast, openingsOf } from './openings.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const DRILL = { purpose: 'drill' } as const

/** How a deposit was opened last, as the statements that are here say. */
function opened({ story }: Pick<Setup, 'story'>, deposit: { readonly id: string }) {
  const org = story.org()
  return openedLast(openingsOf(org, casesFrom(org, story.now, story.heard)), deposit.id)
}

/** The same with a newer key, which this person dealt. */
async function dealtBy(told: Setup, by: string): Promise<Setup> {
  const changes = { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' }
  const deposit = await told.story.deposit(by, told.plan, changes)
  await told.story.hold(deposit, names.slice(1))
  return { ...told, deposit }
}

const NEVER = { last: null, byDealer: null }

describe('a key', () => {
  it('that is held by all was not opened for that', async () => {
    const told = await setup(...names)
    expect(told.story.org().generations).toMatchObject([{ state: 'proven' }])
    expect(opened(told, told.deposit)).toEqual(NEVER)
  })

  it.each(['drill', 'access'] as const)(
    'was opened by %s that another device than its dealer’s issued',
    async (purpose) => {
      const told = await setup(...names)
      const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose })
      expect(opened(told, told.deposit)).toEqual({
        last: {
          case: request.id,
          grant: grant.id,
          purpose,
          deposit: told.deposit.id,
          plan: told.plan.id,
          roster: told.story.roster.id,
          member: person('bob').member,
          device: person('bob').device,
          at: grant.payload.time,
          byDealer: false,
        },
        byDealer: null,
      })
    },
  )

  it('is not proved by the device that dealt it', async () => {
    const told = await dealtBy(await setup(...names), 'bob')
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', DRILL)
    expect(opened(told, told.deposit)).toMatchObject({ last: null, byDealer: { case: request.id } })
    const other = await grantedCase(told, 'alice', ['bob', 'carol'], 'carol', DRILL)
    expect(opened(told, told.deposit).last?.case).toBe(other.request.id)
  })

  it('is not proved by what is asked for to rotate it', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { grant, request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    expect(told.story.case(request).grant?.id).toBe(grant.id)
    expect(opened(told, told.deposit)).toEqual(NEVER)
  })

  it('is not proved by another key of its credential', async () => {
    const told = await setup(...names)
    await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', DRILL)
    const { deposit } = await dealtBy(told, 'alice')
    expect(opened(told, deposit)).toEqual(NEVER)
  })

  it('is not proved by a drill that failed', async () => {
    const told = await setup(...names)
    const { story } = told
    const { ready, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', DRILL)
    story.statements.splice(story.statements.indexOf(grant), 1)
    await story.fail('bob', ready)
    expect(opened(told, told.deposit)).toEqual(NEVER)
  })

  it('is not proved by a grant that its basis does not carry', async () => {
    const told = await setup(...names)
    const { story } = told
    const { grant, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', DRILL)
    story.statements.splice(story.statements.indexOf(grant), 1)
    const refused = await story.grant('bob', { ...basis, decisions: basis.decisions.slice(1) })
    expect(story.case(basis.request).refused).toMatchObject([{ id: refused.id, code: 'basis-quorum' }])
    expect(opened(told, told.deposit)).toEqual(NEVER)
  })

  it('is not proved by a surplus grant, nor any longer by one that becomes surplus', async () => {
    const told = await dealtBy(await setup(...names), 'bob')
    const { story, deposit } = told
    const { grant: first, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', DRILL)
    story.statements.splice(story.statements.indexOf(first), 1)
    const { request } = basis
    const ready = await story.ready('carol', request, deposit, {
      attempt: 2,
      after: { ready: basis.ready.id, failed: null },
    })
    const releases = [await story.release('bob', ready), await story.release('carol', ready)]
    const issuing = await story.issuing('carol', ready)
    const second = await story.grant('carol', { ...basis, ready, issuing, releases })
    expect(opened(told, deposit).last?.grant).toBe(second.id)
    story.take(first)
    expect(opened(told, deposit)).toMatchObject({ last: null, byDealer: { grant: first.id } })
  })

  it('was opened no later than its request was valid, whatever the issuing device says', async () => {
    const told = await setup(...names)
    const { story } = told
    const { grant, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', DRILL)
    story.statements.splice(story.statements.indexOf(grant), 1)
    await story.grant('bob', basis, {}, { time: story.now + 365 * 24 * 3_600_000 })
    expect(opened(told, told.deposit).last?.at).toBe(basis.request.payload.time + 3_600_000)
  })
})

describe('of several openings', () => {
  const opening = (at: number, grant: string, byDealer = false) => ({
    case: grant,
    grant,
    purpose: 'drill' as const,
    deposit: digestOf('deposit'),
    plan: digestOf('plan'),
    roster: digestOf('roster'),
    member: person('bob').member,
    device: person('bob').device,
    at,
    byDealer,
  })
  const [old, one, two] = [opening(1, 'c'), opening(2, 'a'), opening(2, 'b')]

  it('the newest counts, of two at one time that of the lower grant, in whatever order', () => {
    expect(newestOpening([old, two, one])).toBe(one)
    expect(newestOpening([one, two, old])).toBe(one)
    expect(newestOpening([])).toBeNull()
  })

  it('only the newest is kept where all else is the same', () => {
    const kept = new OpeningsKept()
    for (const each of [two, old, one, opening(9, 'd', true)]) kept.take(each)
    expect(
      kept
        .all()
        .map(({ grant }) => grant)
        .sort(),
    ).toEqual(['a', 'd'])
  })
})
