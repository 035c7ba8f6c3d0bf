import type { Plan } from '../statements/kinds.ts'
import { type Standings, satisfies, standingOf } from './quorum.ts'

export type PlanProblem =
  | 'custodian-missing'
  | 'custodian-no-approver'
  | 'requester-missing'
  | 'requester-no-commander'
  | 'issuer-missing'
  | 'issuer-is-requester'
  | 'count-above-custodians'
  | 'groups-unreachable'
  | 'tight-without-words'
  | 'no-reviewer'
  | 'aftercare-elsewhere'

export type PlanRules = Pick<
  Plan,
  'custodians' | 'requesters' | 'issuers' | 'quorum' | 'whyTight' | 'requesterMayIssue' | 'access'
>

/**
 * What keeps a plan from taking effect under a roster (DESIGN §10.11); empty when nothing does. A plan that one absent
 * custodian would block is refused unless it says in words why it is that tight.
 */
export function planProblems(plan: PlanRules, roster: Standings): PlanProblem[] {
  const problems: PlanProblem[] = []
  const has = (member: string) => standingOf(roster, member) !== undefined
  const role = (member: string, wanted: 'approver' | 'commander') =>
    standingOf(roster, member)?.roles.includes(wanted) ?? false
  if (!plan.custodians.every(has)) problems.push('custodian-missing')
  else if (!plan.custodians.every((member) => role(member, 'approver'))) problems.push('custodian-no-approver')
  if (!plan.requesters.every(has)) problems.push('requester-missing')
  else if (!plan.requesters.every((member) => role(member, 'commander'))) problems.push('requester-no-commander')
  if (!plan.issuers.every(has)) problems.push('issuer-missing')
  if (!plan.requesters.every((requester) => issuersFor(plan, requester).length > 0))
    problems.push('issuer-is-requester')
  if (plan.quorum.count > plan.custodians.length) problems.push('count-above-custodians')
  else if (!satisfies(plan, roster, plan.custodians)) problems.push('groups-unreachable')
  else if (isTight(plan, roster) && plan.whyTight === '') problems.push('tight-without-words')
  if (!plan.requesters.every((requester) => hasReviewer(plan, roster, requester))) problems.push('no-reviewer')
  if (straysOfAftercare(plan.access).length > 0) problems.push('aftercare-elsewhere')
  return problems
}

/** A role of the aftercare that cannot reach what it is for. */
export interface AftercareStray {
  readonly role: 'revoker' | 'rotator'
  readonly roleArn: string
  /** What it would have to be in the partition and, but for a rotator without `mfa`, in the account of. */
  readonly of: string
}

/**
 * The roles of a plan's aftercare that lie where they are of no use: IAM changes roles and users of the caller's own account
 * alone. The user's account is only known where the plan names the user's MFA device.
 */
export function straysOfAftercare({ roleArn, mfa, aftercare }: PlanRules['access']): AftercareStray[] {
  const { revoker, rotator } = aftercare ?? {}
  const strays: AftercareStray[] = []
  if (revoker !== undefined && !isSameAccount(revoker, roleArn))
    strays.push({ role: 'revoker', roleArn: revoker, of: roleArn })
  if (rotator === undefined) return strays
  const away = mfa === undefined ? !isSamePartition(rotator.roleArn, roleArn) : !isSameAccount(rotator.roleArn, mfa)
  return away ? [...strays, { role: 'rotator', roleArn: rotator.roleArn, of: mfa ?? roleArn }] : strays
}

const partOf = (arn: string, at: number) => arn.split(':')[at]
const isSamePartition = (one: string, other: string) => partOf(one, 1) === partOf(other, 1)

/** Whether two ARNs are of one account of one partition. */
export function isSameAccount(one: string, other: string): boolean {
  return isSamePartition(one, other) && partOf(one, 4) === partOf(other, 4)
}

/** Members whose devices may issue for this requester, in the plan's order. */
export function issuersFor(plan: Pick<Plan, 'issuers' | 'requesterMayIssue'>, requester: string): string[] {
  return plan.issuers.filter((member) => plan.requesterMayIssue || member !== requester)
}

/** Whether some requester, being a custodian or not, and one absent custodian leave too few to meet the rule. */
export function isTight(plan: PlanRules, roster: Standings): boolean {
  return plan.requesters.some((requester) => {
    const deciders = plan.custodians.filter((member) => member !== requester)
    return deciders.some(
      (absent) =>
        !satisfies(
          plan,
          roster,
          deciders.filter((member) => member !== absent),
        ),
    )
  })
}

/**
 * Whether somebody is left to review what this member asks for: someone who neither asked, approved nor issued. Without
 * that member the others must still be enough to approve, in number and from each group, and to issue. Where nobody could
 * approve or issue for this requester, there is nothing to review.
 */
export function hasReviewer(plan: PlanRules, roster: Standings, requester: string): boolean {
  const all = plan.custodians.filter((member) => member !== requester)
  if (!satisfies(plan, roster, all) || issuersFor(plan, requester).length === 0) return true
  return roster.members.some(({ member: reviewer }) => {
    const deciders = all.filter((member) => member !== reviewer)
    const issuers = issuersFor(plan, requester).filter((member) => member !== reviewer)
    return reviewer !== requester && issuers.length > 0 && satisfies(plan, roster, deciders)
  })
}
