import { describe, expect, it } from 'vitest'
import { askedCase } from '../testing/cases.ts'
import { digestId, everybody, ref } from '../testing/people.ts'
import { plan } from '../testing/snapshots.ts'
import { drillsDue, reachNow, reachNowMore, reachNowWords } from './needs.ts'

// Ana asks. Raj, Ruth and Kim (of security) are reachable, Omar is not; Ana’s own decision would not count.
const me = { ...ref('ana'), roles: [], groups: [] }
const people = everybody('ana')
const custodians = [ref('ana'), ref('raj'), ref('ruth'), ref('kim'), ref('omar')]
const rule = (need: number, groups: { group: string; count: number }[] = []) => ({
  ...plan('ana'),
  custodians,
  need,
  groups,
})
const words = (...given: Parameters<typeof rule>) => reachNowWords(reachNow(rule(...given), { people, me }))
const isEnough = (...given: Parameters<typeof rule>) => reachNow(rule(...given), { people, me }).isEnough

describe('who can be reached before somebody asks', () => {
  it('is counted against what is needed, without who asks', () => {
    expect([words(3), isEnough(3)]).toEqual(['Reachable now: 3 of the 3 you need', true])
    expect([words(4), isEnough(4)]).toEqual(['Reachable now: 3 of the 4 you need', false])
    expect([words(2), isEnough(2)]).toEqual(['Reachable now: 2 of the 2 you need, and 1 more', true])
  })

  it('is not enough while a group is short, however many they are', () => {
    expect(isEnough(3, [{ group: 'security', count: 2 }])).toBe(true)
    const short = [{ group: 'security', count: 3 }]
    expect(isEnough(3, short)).toBe(false)
    expect(words(3, short)).toBe('Reachable now: 3 of the 3 you need')
    expect(reachNowMore(reachNow(rule(3, short), { people, me }))).toEqual([
      'Reachable now: 2 of the 3 you need from security.',
    ])
  })

  it('says who is locked and will be called, and does not count them', () => {
    const asleep = people.map((person) =>
      person.member === ref('omar').member && person.reach !== null
        ? { ...person, reach: { ...person.reach, presence: 'locked' as const, why: null } }
        : person,
    )
    const now = reachNow(rule(4), { people: asleep, me })
    expect([reachNowWords(now), now.isEnough]).toEqual(['Reachable now: 3 of the 4 you need', false])
    expect(reachNowMore(now)).toEqual(['1 is locked. The owner is called when you ask, and counts after unlocking.'])
  })
})

describe('a drill that is due', () => {
  const due = (id: string, at: number, state: 'well' | 'due' | 'overdue' = 'overdue') =>
    plan('ana', { id: digestId(id), drill: { last: null, due: at, why: [], state } })
  const plans = [due('second', 2), due('first', 1, 'due'), due('later', 9, 'well'), plan('ana', { state: 'draft' })]
  const as = (...roles: ('admin' | 'approver' | 'auditor' | 'commander')[]) => ({ ...me, roles })
  const ids = (...given: Parameters<typeof drillsDue>) => drillsDue(...given).map(({ id }) => id)

  it('is for commanders and admins, the longest overdue first', () => {
    const both = [digestId('first'), digestId('second')]
    expect(ids({ me: as('commander'), plans, cases: [] })).toEqual(both)
    expect(ids({ me: as('admin', 'approver'), plans, cases: [] })).toEqual(both)
    expect(ids({ me: as('approver', 'auditor'), plans, cases: [] })).toEqual([])
  })

  it('is not asked for again while one is under way', () => {
    const drill = askedCase(Date.now(), { purpose: 'drill', plan: { id: digestId('first'), name: '' } })
    const left = (one: typeof drill) => ids({ me: as('commander'), plans, cases: [one] })
    expect(left(drill)).toEqual([digestId('second')])
    expect(left({ ...drill, purpose: 'access' })).toHaveLength(2)
    expect(left({ ...drill, state: 'expired' })).toHaveLength(2)
  })
})
