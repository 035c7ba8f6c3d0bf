import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTight, type PlanRules, planProblems } from '../org/plan-rules.ts'
import type { Standings } from '../org/quorum.ts'
import { times } from '../testing/runs.ts'
import { usualPlan } from '../testing/usual-plan.ts'
import { planChecks } from './plan-checks.ts'

const NAMES = { ana: 'Ana', raj: 'Raj', mia: 'Mia', leo: 'Leo', kim: 'Kim' } as const
const name = (member: string) => NAMES[member as keyof typeof NAMES] ?? member

const standing = (member: string, groups: string[], roles: Standings['members'][number]['roles'] = ['approver']) => ({
  member,
  roles,
  groups,
})
const roster: Standings = {
  members: [
    standing('ana', ['platform'], ['approver', 'commander']),
    standing('raj', ['platform'], ['approver', 'commander']),
    standing('mia', ['security']),
    standing('leo', ['security']),
    standing('kim', []),
  ],
}
const plan: PlanRules = {
  ...usualPlan,
  requesters: ['ana', 'raj'],
  custodians: ['ana', 'raj', 'mia', 'leo', 'kim'],
  issuers: ['mia', 'leo', 'kim'],
  quorum: { count: 3, groups: [{ group: 'security', count: 1 }], veto: [] },
}

const says = (changes: Partial<PlanRules>, of = roster) =>
  planChecks({ ...plan, ...changes }, of, name).map(({ level, says: words }) => `${level}: ${words}`)
const without = (...gone: string[]): Standings => ({
  members: roster.members.filter(({ member }) => !gone.includes(member)),
})

describe('the checks of a plan', () => {
  it('say what holds at 3 a.m. where everything does', () => {
    expect(says({})).toEqual([
      'good: Whoever asks, with any one custodian away, enough are left to approve.',
      'good: Whoever asks, at least two devices may issue.',
      'good: Somebody who neither asked, approved nor issued is left to review.',
    ])
  })

  it('name who left, and who has not the role', () => {
    expect(says({}, without('leo'))).toContain('wrong: Leo, a custodian, is not a member any more.')
    expect(says({}, without('leo'))).toContain('wrong: Leo, whose device may issue, is not a member any more.')
    expect(says({ requesters: ['ana', 'kim'] })).toContain('wrong: Kim, who may ask, does not have the role commander.')
  })

  it('name whose absence leaves too few, and when', () => {
    expect(says({ quorum: { ...plan.quorum, count: 4 } })[0]).toBe(
      'wrong: When Ana asks and Raj, Mia, Leo or Kim is away, only 3 are left and 4 must approve.',
    )
    expect(says({ quorum: { ...plan.quorum, groups: [{ group: 'security', count: 2 }] } })[0]).toBe(
      'wrong: When Ana or Raj asks and Mia or Leo is away, of the 2 needed from security only 1 is left.',
    )
    expect(says({ quorum: { ...plan.quorum, groups: [{ group: 'platform', count: 1 }] } })).toContain(
      'wrong: When Ana asks and Raj is away, nobody from platform is left.',
    )
  })

  it('are no obstacle where the plan says why it is that tight', () => {
    expect(says({ whyTight: 'We are five.', quorum: { ...plan.quorum, count: 4 } })[0]).toMatch(
      /^attention: When Ana asks and .* The plan says why\.$/,
    )
  })

  it('say when somebody’s own request could never be met', () => {
    expect(says({ quorum: { count: 5, groups: [], veto: [] } })[0]).toBe(
      'wrong: When Ana or Raj asks, only 4 are left and 5 must approve, even with nobody away.',
    )
    expect(says({ quorum: { count: 6, groups: [], veto: [] } })[0]).toBe(
      'wrong: 6 must approve, and there are 5 custodians.',
    )
  })

  it('say which group has too few custodians', () => {
    expect(says({ quorum: { count: 2, groups: [{ group: 'security', count: 3 }], veto: [] } })[0]).toBe(
      'wrong: At least 3 from security must approve, and only 2 custodians are in it.',
    )
    expect(says({ quorum: { count: 2, groups: [{ group: 'legal', count: 1 }], veto: [] } })[0]).toBe(
      'wrong: At least 1 from legal must approve, and no custodian is in it.',
    )
  })

  it('say when one device is all there is to issue, or none', () => {
    expect(says({ issuers: ['raj', 'mia'] })).toContain(
      'attention: When Raj asks, only Mia’s device may issue; while it is off, nothing is issued.',
    )
    expect(says({ issuers: ['raj'] })).toEqual(
      expect.arrayContaining([
        'wrong: When Raj asks, no other device may issue.',
        'attention: When Ana asks, only Raj’s device may issue; while it is off, nothing is issued.',
      ]),
    )
    expect(says({ issuers: ['raj'], requesterMayIssue: true })).not.toContainEqual(expect.stringMatching(/^wrong/))
  })

  it('say when nobody is left to review', () => {
    const few = {
      custodians: ['ana', 'mia', 'leo'],
      requesters: ['ana'],
      issuers: ['mia', 'leo'],
      quorum: { count: 2, groups: [], veto: [] },
      whyTight: 'We are three.',
    }
    const three = without('raj', 'kim')
    expect(says(few, three)).toContain(
      'wrong: When Ana asks, nobody is left to review: all others must approve or issue.',
    )
    expect(says(few, without('raj'))).not.toContainEqual(expect.stringContaining('review:'))
  })

  it('say who can stop a request alone, and when a veto is nobody’s', () => {
    const veto = (...groups: string[]) => says({ quorum: { ...plan.quorum, veto: groups } }).at(-1)
    expect(veto('security')).toBe('good: One denial from Mia or Leo (security) stops a request.')
    expect(veto('legal')).toBe('attention: No custodian is in legal, so nobody can use its veto.')
    expect(
      says({ custodians: ['ana', 'mia', 'leo', 'kim'], quorum: { ...plan.quorum, veto: ['platform'] } }),
    ).toContain('attention: When Ana asks, nobody else can use the veto of platform.')
  })

  it('say when a role that is to end the session or to replace the key cannot reach it', () => {
    const iam = { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' }
    const [revoker, rotator] = ['revoker', 'rotator'].map((role) => `arn:aws-cn:iam::123456789012:role/lockbox-${role}`)
    const aftercare = { iam, revoker: revoker ?? '', rotator: { roleArn: rotator ?? '', user: 'emergency' } }
    expect(says({ access: { ...plan.access, aftercare } }).slice(-2)).toEqual([
      `wrong: ${revoker} cannot deny a session of ${plan.access.roleArn}: it is in another account.`,
      `wrong: ${rotator} cannot replace the key: it is elsewhere than ${plan.access.roleArn}.`,
    ])
  })

  it('find something wrong exactly where the rules do, and something to look at wherever one absence blocks', () => {
    const members = Object.keys(NAMES)
    const some = (min: number) => fc.subarray(members, { minLength: min })
    const rosters = fc
      .tuple(
        ...members.map((member) => fc.tuple(fc.constant(member), fc.boolean(), fc.subarray(['platform', 'security']))),
      )
      .map((all) => ({
        members: all.flatMap(([member, here, groups]) =>
          here ? [standing(member, groups, ['admin', 'approver', 'commander'])] : [],
        ),
      }))
    const plans = fc.record({
      custodians: some(2),
      requesters: some(1),
      issuers: some(1),
      quorum: fc.record({
        count: fc.integer({ min: 2, max: 5 }),
        groups: fc.subarray([
          { group: 'platform', count: 1 },
          { group: 'security', count: 2 },
        ]),
        veto: fc.subarray(['platform', 'security']),
      }),
      whyTight: fc.constantFrom('', 'We are few.'),
      requesterMayIssue: fc.boolean(),
      access: fc.constantFrom(plan.access, {
        ...plan.access,
        aftercare: {
          iam: { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' },
          revoker: 'arn:aws:iam::999999999999:role/lockbox-revoker',
        },
      }),
    })
    fc.assert(
      fc.property(plans, fc.oneof(fc.constant(roster), rosters), (tried, people) => {
        const checks = planChecks(tried, people, name)
        expect(checks.some(({ level }) => level === 'wrong')).toBe(planProblems(tried, people).length > 0)
        expect(isTight(tried, people) && checks.every(({ level }) => level === 'good')).toBe(false)
        expect(new Set(checks.map(({ says: words }) => words)).size).toBe(checks.length)
      }),
      times(1500),
    )
  })
})
