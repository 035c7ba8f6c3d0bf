import type { Generation } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import type { PlanProblem } from '../org/plan-rules.ts'
import type { PlanVersion } from '../org/plans.ts'
import { memberOf } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import { consentView, type Names } from './people.ts'
import type { GenerationView, PlanView } from './views.ts'

const PROBLEMS: Record<PlanProblem, string> = {
  'custodian-missing': 'a custodian is no longer a member',
  'custodian-no-approver': 'a custodian does not have the role approver',
  'requester-missing': 'somebody who may ask is no longer a member',
  'requester-no-commander': 'somebody who may ask does not have the role commander',
  'issuer-missing': 'a member whose device may issue is no longer a member',
  'issuer-is-requester': 'for somebody who may ask, no other device may issue',
  'count-above-custodians': 'more approvals are needed than there are custodians',
  'groups-unreachable': 'a group has fewer custodians than approvals are needed from it',
  'tight-without-words': 'one absent custodian would block it, and it does not say why that is accepted',
  'no-reviewer': 'nobody is left to review: everybody asks, approves or issues',
}

/** What is wrong with a plan, in words. */
export function planProblemWords(problems: readonly PlanProblem[]): string[] {
  return problems.map((problem) => PROBLEMS[problem])
}

/** "3 of 5 custodians, at least 1 from security". */
export function ruleWords({ quorum, custodians }: Pick<Plan, 'quorum' | 'custodians'>): string {
  const groups = quorum.groups.map(({ group, count }) => `, at least ${count} from ${group}`)
  const veto = quorum.veto.length > 0 ? `; a denial from ${quorum.veto.join(' or ')} stops it` : ''
  return `${quorum.count} of ${custodians.length} custodians${groups.join('')}${veto}`
}

/** A plan version as the window shows it. */
export function planView(version: PlanVersion, org: Organization, names: Names, me: string): PlanView {
  const { plan } = version
  const self = memberOf(org.head.roster, me)
  return {
    id: version.id,
    plan: plan.plan,
    name: plan.name,
    state: version.state,
    problems: planProblemWords(version.problems),
    consent: consentView(version.consent, names, me),
    by: names(plan.member),
    emergencies: plan.emergencies,
    runbook: plan.runbook,
    credential: { credential: plan.credential.credential, name: plan.credential.name },
    roleArn: plan.access.roleArn,
    sessionPolicy: plan.access.sessionPolicy,
    regions: plan.access.regions,
    requesters: plan.requesters.map(names),
    custodians: plan.custodians.map(names),
    issuers: plan.issuers.map(names),
    requesterMayIssue: plan.requesterMayIssue,
    need: plan.quorum.count,
    groups: plan.quorum.groups,
    veto: plan.quorum.veto,
    rule: ruleWords(plan),
    whyTight: plan.whyTight,
    durations: plan.durations,
    witness: plan.witness,
    lockEndsSession: plan.lockEndsSession,
    acceptedBy: version.acceptedBy.map(names),
    mayAsk:
      version.state === 'effective' && plan.requesters.includes(me) && (self?.roles.includes('commander') ?? false),
    mustAccept: version.state === 'effective' && plan.custodians.includes(me) && !version.acceptedBy.includes(me),
  }
}

const GENERATION_PROBLEMS: Record<Generation['problems'][number], string> = {
  'author-no-admin': 'it was not deposited by an admin',
  'plan-unknown': 'its plan is not here',
  'plan-not-endorsed': 'its plan was never endorsed by enough admins',
  'custodians-differ': 'its custodians are not the plan’s',
  'threshold-differs': 'it needs another number of shares than the plan',
  'credential-differs': 'it is another credential than the plan’s',
  'organization-differs': 'it names another organization',
  'generation-twice': 'two deposits claim the same generation; deposit a new one',
}

/** A generation as the window shows it. */
export function generationView(
  one: Generation,
  names: Names,
  me: string,
  mine: GenerationView['mine'],
): GenerationView {
  const { header } = one.deposit
  return {
    id: one.id,
    credential: header.credential,
    plan: one.plan,
    generation: header.generation,
    accessKeyId: header.accessKeyId,
    by: names(one.deposit.member),
    state: one.state,
    problems: one.problems.map((problem) => GENERATION_PROBLEMS[problem]),
    seats: one.seats.map(({ member, index, accepted, provenAt }) => ({
      person: names(member),
      index,
      accepted,
      lastProof: provenAt.at(-1) ?? null,
      me: member === me,
    })),
    mine,
  }
}
