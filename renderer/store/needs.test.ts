import { describe, expect, it } from 'vitest'
import { everybody, ref } from '../testing/people.ts'
import { plan } from '../testing/snapshots.ts'
import { reachNow, reachNowMore, reachNowWords } from './needs.ts'

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
