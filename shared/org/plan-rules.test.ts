import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Roster } from '../statements/kinds.ts'
import { person } from '../testing/keys.ts'
import { times } from '../testing/runs.ts'
import { standings } from '../testing/setup.ts'
import { usualPlan } from '../testing/usual-plan.ts'
import { membersOf, type Standing } from '../testing/world.ts'
import { issuersFor, type PlanRules, planProblems } from './plan-rules.ts'
import { judgeQuorum } from './quorum.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const idOf = (name: string) => person(name).member
const rosterOf = (people: Record<string, Standing>) => ({ members: membersOf(people) }) as Roster
const roster = rosterOf(standings(names))
const good: PlanRules = {
  ...usualPlan,
  requesters: [idOf('alice')],
  custodians: names.slice(1).map(idOf),
  issuers: [idOf('bob')],
}

describe('a plan', () => {
  it('may take effect when nothing is wrong with it', () => {
    expect(planProblems(good, roster)).toEqual([])
  })

  const quorum = (count: number, groups: PlanRules['quorum']['groups'] = []) => ({ count, groups, veto: [] })
  const arn = (account: string, name: string, partition = 'aws') => `arn:${partition}:iam::${account}:${name}`
  const [home, other] = ['123456789012', '999999999999']
  const iam = { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' }
  const revoker = arn(home, 'role/lockbox-revoker')
  const rotator = (account: string, partition = 'aws') => ({
    roleArn: arn(account, 'role/lockbox-rotator', partition),
    user: 'emergency',
  })
  const aftercare = (
    care: Omit<NonNullable<PlanRules['access']['aftercare']>, 'iam'>,
    changes: Partial<PlanRules['access']> = {},
  ): Partial<PlanRules> => ({ access: { ...good.access, ...changes, aftercare: { iam, ...care } } })
  it.each([
    ['both roles in the account of the role', aftercare({ revoker, rotator: rotator(home) })],
    ['a rotator in the account of the user, which may be another', aftercare({ rotator: rotator(other) })],
    [
      'a rotator where the user’s MFA device is',
      aftercare({ rotator: rotator(other) }, { mfa: arn(other, 'mfa/emergency') }),
    ],
  ])('may have %s', (_, changes) => {
    expect(planProblems({ ...good, ...changes }, roster)).toEqual([])
  })

  const wrong: [string, string, Partial<PlanRules>, Record<string, Standing>?][] = [
    [
      'aftercare-elsewhere',
      'its revoker is in another account',
      aftercare({ revoker: arn(other, 'role/lockbox-revoker') }),
    ],
    [
      'aftercare-elsewhere',
      'its revoker is in another partition',
      aftercare({ revoker: arn(home, 'role/lockbox-revoker', 'aws-cn') }),
    ],
    ['aftercare-elsewhere', 'its rotator is in another partition', aftercare({ rotator: rotator(home, 'aws-cn') })],
    [
      'aftercare-elsewhere',
      'its rotator is in another account than the user’s MFA device',
      aftercare({ rotator: rotator(home) }, { mfa: arn(other, 'mfa/emergency') }),
    ],
    ['custodian-missing', 'a custodian is no member', { custodians: [...good.custodians, idOf('zoe')] }],
    [
      'custodian-no-approver',
      'a custodian is no approver',
      {},
      { ...standings(names), erin: { roles: ['auditor'], groups: [] } },
    ],
    ['requester-missing', 'who may ask is no member', { requesters: [idOf('alice'), idOf('zoe')] }],
    ['requester-no-commander', 'who may ask is no commander', { requesters: [idOf('alice'), idOf('dave')] }],
    ['issuer-missing', 'an issuer is no member', { issuers: [idOf('bob'), idOf('zoe')] }],
    ['issuer-is-requester', 'only the requester could issue', { issuers: [idOf('alice')] }],
    ['count-above-custodians', 'more must approve than there are', { quorum: quorum(5) }],
    ['groups-unreachable', 'a group has too few', { quorum: quorum(2, [{ group: 'security', count: 3 }]) }],
    [
      'tight-without-words',
      'one absence blocks it and it does not say why',
      { quorum: quorum(4) },
      standings([...names, 'frank']),
    ],
    [
      'no-reviewer',
      'nobody would be left to review',
      { custodians: ['bob', 'carol'].map(idOf), whyTight: 'We are three.' },
      standings(['alice', 'bob', 'carol']),
    ],
    [
      'no-reviewer',
      'its groups need everybody, though its count does not',
      {
        custodians: ['bob', 'carol', 'dave'].map(idOf),
        quorum: quorum(2, [
          { group: 'platform', count: 2 },
          { group: 'security', count: 1 },
        ]),
        whyTight: 'We are four.',
      },
      standings(['alice', 'bob', 'carol', 'dave']),
    ],
  ]
  it.each(wrong)('has the problem %s when %s', (code, _, changes, people) => {
    expect(planProblems({ ...good, ...changes }, people ? rosterOf(people) : roster)).toEqual([code])
  })
})

/** Everything by trying it out: each set of custodians that may come to approve. */
function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((all, item) => [...all, ...all.map((set) => [...set, item])], [[]])
}

const people = ['ann', 'ben', 'cat', 'dan', 'eve', 'fox', 'gil']
const standing = fc.record({
  roles: fc.subarray<Standing['roles'][number]>(['admin', 'approver', 'commander'], { minLength: 1 }),
  groups: fc.subarray(['platform', 'security']),
})
const organizations = fc
  .integer({ min: 3, max: people.length })
  .chain((size) => fc.tuple(...people.slice(0, size).map((name) => fc.tuple(fc.constant(name), standing))))
  .chain((entries) => {
    const having = (role: Standing['roles'][number]) =>
      entries.filter(([, { roles }]) => roles.includes(role)).map(([name]) => idOf(name))
    const [approvers, commanders] = [having('approver'), having('commander')]
    return fc.record({
      roster: fc.constant(rosterOf(Object.fromEntries(entries))),
      plan: fc.record({
        custodians: fc.subarray(approvers, { minLength: Math.min(2, approvers.length) }),
        requesters: fc.subarray(commanders, { minLength: Math.min(1, commanders.length) }),
        issuers: fc.subarray(
          entries.map(([name]) => idOf(name)),
          { minLength: 1 },
        ),
        quorum: fc.record({
          count: fc.integer({ min: 2, max: 4 }),
          groups: fc.subarray([
            { group: 'platform', count: 1 },
            { group: 'security', count: 2 },
          ]),
          veto: fc.subarray(['platform', 'security']),
        }),
        whyTight: fc.constantFrom('', 'We are few.'),
        requesterMayIssue: fc.boolean(),
        access: fc.constant(usualPlan.access),
      }),
    })
  })
  .filter(({ plan }) => plan.custodians.length >= 2 && plan.requesters.length > 0)

describe('invariant 11', () => {
  it('for every accepted plan, with the requester a custodian and any one custodian absent, the quorum can still be met, or the plan says in words why not; a reviewer always exists', () => {
    let accepted = 0
    fc.assert(
      fc.property(organizations, ({ roster, plan }) => {
        if (planProblems(plan, roster).length > 0) return
        accepted++
        for (const requester of plan.requesters) {
          const met = (approvals: readonly string[]) =>
            judgeQuorum(plan, roster, requester, new Set(approvals), new Set()).met
          const ways = subsets(plan.custodians.filter((member) => member !== requester)).filter(met)
          const absences = plan.custodians.filter((member) => member !== requester)
          const survives = (absent: string) => ways.some((way) => !way.includes(absent))
          expect(plan.whyTight !== '' || absences.every(survives)).toBe(true)
          const reviewed = ways.some((way) =>
            issuersFor(plan, requester).some((issuer) =>
              roster.members.some(({ member }) => member !== requester && member !== issuer && !way.includes(member)),
            ),
          )
          expect(ways.length === 0 || reviewed).toBe(true)
        }
      }),
      times(400),
    )
    expect(accepted).toBeGreaterThan(20)
  })

  it('no plan is refused as tight or without a reviewer that is neither', () => {
    fc.assert(
      fc.property(organizations, ({ roster, plan }) => {
        const problems = planProblems(plan, roster)
        if (!problems.includes('tight-without-words') && !problems.includes('no-reviewer')) return
        const [tight, unreviewed] = [problems.includes('tight-without-words'), problems.includes('no-reviewer')]
        const some = plan.requesters.some((requester) => {
          const deciders = plan.custodians.filter((member) => member !== requester)
          const ways = subsets(deciders).filter(
            (way) => judgeQuorum(plan, roster, requester, new Set(way), new Set()).met,
          )
          const blocked = deciders.some((absent) => ways.every((way) => way.includes(absent)))
          const nobody = ways.every((way) =>
            issuersFor(plan, requester).every((issuer) =>
              roster.members.every(({ member }) => member === requester || member === issuer || way.includes(member)),
            ),
          )
          return (tight && blocked) || (unreviewed && nobody)
        })
        expect(some).toBe(true)
      }),
      times(400),
    )
  })
})
