import type { DrillDue } from '../case/drills.ts'
import type { Opened } from '../case/openings.ts'
import type { Generation } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import type { PlanVersion } from '../org/plans.ts'
import { memberOf } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import { standingAccessChecks } from './access-checks.ts'
import { drillView, openedView } from './drill-words.ts'
import { consentView, type Names } from './people.ts'
import { planChecks } from './plan-checks.ts'
import { acceptanceCheck, type Deleted, keyCheck } from './plan-key.ts'
import type { GenerationView, PlanView } from './plan-views.ts'

/** "3 of 5 custodians, at least 1 from security". */
export function ruleWords({ quorum, custodians }: Pick<Plan, 'quorum' | 'custodians'>): string {
  const groups = quorum.groups.map(({ group, count }) => `, at least ${count} from ${group}`)
  const veto = quorum.veto.length > 0 ? `; a denial from ${quorum.veto.join(' or ')} stops it` : ''
  return `${quorum.count} of ${custodians.length} custodians${groups.join('')}${veto}`
}

/** A plan version as the window shows it. @param deleted - keys that are held and gone. */
export function planView(
  version: PlanVersion,
  org: Organization,
  names: Names,
  me: string,
  drill: DrillDue | null,
  deleted: Deleted = new Map(),
): PlanView {
  const { plan } = version
  const self = memberOf(org.head.roster, me)
  return {
    id: version.id,
    plan: plan.plan,
    replaces: plan.predecessor,
    name: plan.name,
    state: version.state,
    ...readiness(version, org, names, deleted),
    consent: consentView(version.consent, names, me),
    by: names(plan.member),
    emergencies: plan.emergencies,
    runbook: plan.runbook,
    credential: { credential: plan.credential.credential, name: plan.credential.name },
    roleArn: plan.access.roleArn,
    sessionPolicy: plan.access.sessionPolicy,
    regions: plan.access.regions,
    externalId: plan.access.externalId ?? null,
    chain: (plan.access.chain ?? []).map(({ roleArn, externalId = null }) => ({ roleArn, externalId })),
    mfa: plan.access.mfa ?? null,
    sessionToken: plan.access.sessionToken ?? false,
    aftercare: aftercareView(plan.access.aftercare),
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
    obligations: plan.obligations,
    acceptedBy: version.acceptedBy.map(names),
    drill: drillView(drill, names),
    mayAsk:
      version.state === 'effective' && plan.requesters.includes(me) && (self?.roles.includes('commander') ?? false),
    mustAccept: version.state === 'effective' && plan.custodians.includes(me) && !version.acceptedBy.includes(me),
  }
}

/** What decides at 3 a.m.; nothing of a version that another took the place of. */
function readiness(
  version: PlanVersion,
  org: Organization,
  names: Names,
  deleted: Deleted,
): Pick<PlanView, 'checks' | 'key'> {
  if (version.state === 'replaced') return { checks: [], key: null }
  const checks = [
    ...planChecks(version.plan, org.head.roster, (member) => names(member).name),
    ...standingAccessChecks(version.plan),
  ]
  if (version.state === 'impossible') return { checks, key: null }
  const { id, ...key } = keyCheck(org, version, names, deleted)
  if (version.state === 'draft') return { checks: [...checks, key], key: null }
  return { checks: [...checks, acceptanceCheck(org, version, names), key], key: id }
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

/** A generation as the window shows it: one whose key is gone at AWS as retired, whoever holds it. */
export function generationView(
  one: Generation,
  names: Names,
  me: string,
  mine: GenerationView['mine'],
  opened: Opened,
  deleted: Deleted = new Map(),
): GenerationView {
  const { header } = one.deposit
  return {
    id: one.id,
    credential: header.credential,
    plan: one.plan,
    generation: header.generation,
    need: header.commitments.length,
    accessKeyId: header.accessKeyId,
    by: names(one.deposit.member),
    state: deleted.has(header.accessKeyId) ? 'retired' : one.state,
    hasSpare: one.hasSpare,
    ...openedView(opened, names),
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

/** What a plan has for the time after a session, each null where it has none. */
export function aftercareView(aftercare: Plan['access']['aftercare']): PlanView['aftercare'] {
  if (aftercare === undefined) return null
  return { iam: aftercare.iam, revoker: aftercare.revoker ?? null, rotator: aftercare.rotator ?? null }
}
