import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { times } from '../testing/runs.ts'
import { judgeQuorum, type Quorum, type Rule, type Standings, vetoers } from './quorum.ts'

const PEOPLE = ['ann', 'ben', 'cat', 'dan', 'eve', 'fox', 'gil']
const GROUPS = ['legal', 'platform', 'security']

const rosters: fc.Arbitrary<Standings> = fc
  .subarray(PEOPLE, { minLength: 2 })
  .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), fc.subarray(GROUPS)))))
  .map((entries) => ({ members: entries.map(([member, groups]) => ({ member, roles: ['approver'], groups })) }))

const rules: fc.Arbitrary<Rule> = fc.record({
  custodians: fc.shuffledSubarray(PEOPLE, { minLength: 2 }),
  quorum: fc.record({
    count: fc.integer({ min: 2, max: 4 }),
    groups: fc
      .subarray(GROUPS, { maxLength: 2 })
      .map((groups) => groups.map((group, at) => ({ group, count: 1 + (at % 2) }))),
    veto: fc.subarray(GROUPS, { maxLength: 2 }),
  }),
})

/** Who said what: anybody may say anything, also both. */
const situations = fc.record({
  rule: rules,
  roster: rosters,
  requester: fc.constantFrom(...PEOPLE),
  approvals: fc.subarray(PEOPLE),
  denials: fc.oneof(fc.constant<string[]>([]), fc.subarray(PEOPLE, { maxLength: 3 })),
})
type Situation = typeof situations extends fc.Arbitrary<infer T> ? T : never

const judge = ({ rule, roster, requester, approvals, denials }: Situation): Quorum =>
  judgeQuorum(rule, roster, requester, new Set(approvals), new Set(denials))

const groupsOf = (roster: Standings, name: string) => roster.members.find(({ member }) => member === name)?.groups ?? []
const isIn = (roster: Standings, name: string) => roster.members.some(({ member }) => member === name)

describe('who must approve', () => {
  it('is met by enough custodians of the organization, without the requester, who approved and did not deny, enough of them from each group, and no denial with a veto', () => {
    let met = 0
    fc.assert(
      fc.property(situations, (given) => {
        const { rule, roster, requester, approvals, denials } = given
        const counts = (name: string) => rule.custodians.includes(name) && name !== requester && isIn(roster, name)
        const yes = approvals.filter((name) => counts(name) && !denials.includes(name))
        const enough = yes.length >= rule.quorum.count
        const fromGroups = rule.quorum.groups.every(
          ({ group, count }) => yes.filter((name) => groupsOf(roster, name).includes(group)).length >= count,
        )
        const vetoed = denials.some(
          (name) => counts(name) && groupsOf(roster, name).some((group) => rule.quorum.veto.includes(group)),
        )
        expect(judge(given).met).toBe(enough && fromGroups && !vetoed)
        if (judge(given).met) met++
      }),
      times(2000),
    )
    expect(met).toBeGreaterThan(100)
  })

  it('one denial from a group with a veto stops it for good, whatever anybody says besides', () => {
    let vetoed = 0
    fc.assert(
      fc.property(situations, fc.subarray(PEOPLE), (given, more) => {
        const { rule, roster, requester, denials } = given
        const stops = vetoers(rule, roster).filter((name) => name !== requester && denials.includes(name))
        if (stops.length === 0) return
        vetoed++
        const later = judge({ ...given, approvals: [...given.approvals, ...more] })
        expect(later).toMatchObject({ met: false, blocked: true })
      }),
      times(2000),
    )
    expect(vetoed).toBeGreaterThan(40)
  })

  it('a denial of a custodian without a veto only takes that custodian’s approval away', () => {
    fc.assert(
      fc.property(situations, fc.constantFrom(...PEOPLE), (given, name) => {
        if (vetoers(given.rule, given.roster).includes(name)) return
        const denied = judge({ ...given, denials: [...given.denials, name] })
        const silent = judge({ ...given, approvals: given.approvals.filter((one) => one !== name) })
        expect({ ...denied, denied: [], blocked: null }).toEqual({ ...silent, denied: [], blocked: null })
      }),
      times(1000),
    )
  })

  it('members of a group with a veto who are no custodians, or who asked, stop nothing and approve nothing', () => {
    fc.assert(
      fc.property(situations, fc.constantFrom(...PEOPLE), (given, name) => {
        if (given.rule.custodians.includes(name) && name !== given.requester) return
        const without = (names: readonly string[]) => names.filter((one) => one !== name)
        const silent = judge({ ...given, approvals: without(given.approvals), denials: without(given.denials) })
        expect(judge({ ...given, denials: [...given.denials, name] })).toEqual(silent)
        expect(judge({ ...given, approvals: [...given.approvals, name] })).toEqual(judge(given))
      }),
      times(1000),
    )
  })

  it('is blocked exactly when no further approval of anybody could meet it', () => {
    fc.assert(
      fc.property(situations, (given) => {
        expect(judge(given).blocked).toBe(!judge({ ...given, approvals: PEOPLE }).met)
      }),
      times(1000),
    )
  })

  it('counts one person for each group they are in, and says which groups still lack whom', () => {
    const roster: Standings = {
      members: [
        { member: 'ann', roles: ['approver'], groups: ['platform', 'security'] },
        { member: 'ben', roles: ['approver'], groups: ['platform'] },
        { member: 'cat', roles: ['approver'], groups: ['security'] },
        { member: 'dan', roles: ['commander'], groups: ['security'] },
      ],
    }
    const groups = [
      { group: 'platform', count: 1 },
      { group: 'security', count: 2 },
    ]
    const rule: Rule = { custodians: ['ann', 'ben', 'cat'], quorum: { count: 2, groups, veto: ['security'] } }
    const by = (...approvals: string[]) => judgeQuorum(rule, roster, 'dan', new Set(approvals), new Set())
    expect(by('ann')).toMatchObject({ met: false, missingGroups: [{ group: 'security', count: 1 }] })
    expect(by('ann', 'ben')).toMatchObject({ met: false, missingGroups: [{ group: 'security', count: 1 }] })
    expect(by('ann', 'cat')).toMatchObject({ met: true, missingGroups: [] })
    expect(vetoers(rule, roster)).toEqual(['ann', 'cat'])
  })
})
