import { describe, expect, it } from 'vitest'
import type { PlanView } from '../../shared/views/plan-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { digestId, everybody, ref, type Who } from '../testing/people.ts'
import { generation, memberSnapshot, plan } from '../testing/snapshots.ts'
import { issuersWords, reachability, reachNow, reachNowMore, reachNowWords } from './reach.ts'

// Ana asks. Raj, Ruth and Kim (the two of security) are reachable, Omar is not; Ana’s own decision would not count. Ruth’s, Kim’s
// and Raj’s devices may issue.
const me = { ...ref('ana'), roles: [], groups: [] }
const people = everybody('ana')
const generations = [generation('ana')]
const seen = { people, me, generations }
const rule = (need: number, groups: { group: string; count: number }[] = []) => plan('ana', { need, groups })
const words = (...given: Parameters<typeof rule>) => reachNowWords(reachNow(rule(...given), seen))
const isEnough = (...given: Parameters<typeof rule>) => reachNow(rule(...given), seen).isEnough

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
    expect(reachNowMore(reachNow(rule(3, short), seen))).toEqual(['Reachable now: 2 of the 3 you need from security.'])
  })

  it('says who is locked and will be called, and does not count them', () => {
    const asleep = people.map((person) =>
      person.member === ref('omar').member && person.reach !== null
        ? { ...person, reach: { ...person.reach, presence: 'locked' as const, why: null } }
        : person,
    )
    const now = reachNow(rule(4), { ...seen, people: asleep })
    expect([reachNowWords(now), now.isEnough]).toEqual(['Reachable now: 3 of the 4 you need', false])
    expect(reachNowMore(now)).toEqual(['1 is locked. The owner is called when you ask, and counts after unlocking.'])
  })

  it('does not count who has not accepted the plan, and says so', () => {
    const all = plan('ana').acceptedBy
    const now = reachNow({ ...rule(3), acceptedBy: all.filter(({ member }) => member !== ref('kim').member) }, seen)
    expect([now.have, now.isEnough]).toEqual([2, false])
    expect(reachNowMore(now)).toEqual(['Not counted before this version of the plan is accepted: Kim Sørensen.'])
  })

  it('does not count who holds no proven share of its key, and says so', () => {
    const key = generation('ana')
    const seats = key.seats.map((seat) =>
      seat.person.member === ref('ruth').member ? { ...seat, lastProof: null } : seat,
    )
    const now = reachNow(rule(3), { ...seen, generations: [{ ...key, seats }] })
    expect([now.have, now.isEnough]).toEqual([2, false])
    expect(reachNowMore(now)).toEqual(['Not counted before a share is accepted: Ruth Díaz.'])
  })

  it('is nobody while no key is held', () => {
    const now = reachNow({ ...rule(3), key: null }, seen)
    expect([now.have, now.isEnough]).toEqual([0, false])
    expect(reachNowMore(now)).toEqual([
      'No key is held for this plan, so nobody has a share to release. Credentials says what is missing.',
    ])
  })

  it('tells whose device can issue, or whom to call for one', () => {
    const by = (...issuers: Who[]) => issuersWords(reachNow({ ...rule(3), issuers: issuers.map(ref) }, seen))
    expect(by('ruth', 'omar', 'kim')).toBe('Can issue now: Ruth Díaz or Kim Sørensen')
    expect(by('omar')).toBe('No device that may issue can be reached: call Omar Haddad')
    // Ana’s own device issues nothing that she asks for, unless the plan says so.
    expect(by('ana', 'omar')).toBe('No device that may issue can be reached: call Omar Haddad')
    const own = { ...rule(3), issuers: [ref('ana')], requesterMayIssue: true }
    expect(issuersWords(reachNow(own, seen))).toBe('Can issue now: Ana Costa')
  })
})

describe('the top bar', () => {
  const other = (changes: Partial<PlanView>) => plan('ana', { id: digestId('other'), name: 'The other', ...changes })
  const bar = (plans: readonly PlanView[], changes: Partial<Snapshot> = {}, who: Who = 'ana') =>
    reachability(memberSnapshot(who, { plans: [...plans], ...changes }))

  it('is calm while a request under every plan could be answered', () => {
    expect(bar([plan('ana')])).toEqual({
      says: '4 of 5 reachable · 3 needed',
      isShort: false,
      plan: 'Identity provider down',
    })
  })

  it('is short where one plan cannot be met, though another can, and those of all plans together were enough', () => {
    const few = other({ custodians: [ref('ana'), ref('omar'), ref('raj')], need: 2, groups: [] })
    expect(bar([plan('ana'), few])).toEqual({ says: '1 of 2 reachable · 2 needed', isShort: true, plan: 'The other' })
  })

  it('does not count the owner, whose own decision would not count', () => {
    expect(bar([plan('ana', { need: 4 })])).toMatchObject({ says: '3 of 4 reachable · 4 needed', isShort: true })
  })

  it('is short where a group is, however many there are', () => {
    const groups = [{ group: 'security', count: 3 }]
    expect(bar([plan('ana', { groups })])).toMatchObject({ says: '2 of 3 from security reachable', isShort: true })
  })

  it('is short while no key is held, or no device is there that may issue', () => {
    expect(bar([plan('ana', { key: null })])).toMatchObject({ says: 'No key is held', isShort: true })
    const away = plan('ana', { issuers: [ref('omar')] })
    expect(bar([away])).toMatchObject({ says: 'No issuing device reachable', isShort: true })
  })

  it('of who may ask under none is as for those who may, the one for whom it is worst', () => {
    // Kim counts for what Ana asks, who holds no share here, and for what Raj asks, who does.
    const custodians = [ref('raj'), ref('ruth'), ref('kim'), ref('omar')]
    const under = (need: number) =>
      bar([plan('kim', { custodians, need })], { generations: [generation('kim')] }, 'kim')
    expect(under(2)).toMatchObject({ says: '3 of 4 reachable · 2 needed', isShort: false })
    expect(under(3)).toMatchObject({ says: '2 of 3 reachable · 3 needed', isShort: true })
  })

  it('says who is there while no plan is in effect', () => {
    expect(bar([])).toEqual({ says: '4 of 6 reachable', isShort: false, plan: null })
  })
})
