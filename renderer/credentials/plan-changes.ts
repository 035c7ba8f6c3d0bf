import { emergencyName } from '../../shared/org/templates.ts'
import type { PersonRef } from '../../shared/views/fields.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { durationWords } from '../ui/time-words.ts'
import { type Change, compared, type Line } from './line-diff.ts'
import { wayWords } from './plan-model.ts'

/** What a plan says: all of it that people decide about, whoever drafted it and whatever became of it. */
export type PlanSaid = Pick<
  PlanView,
  | 'name'
  | 'emergencies'
  | 'runbook'
  | 'credential'
  | 'roleArn'
  | 'sessionPolicy'
  | 'regions'
  | 'externalId'
  | 'chain'
  | 'mfa'
  | 'sessionToken'
  | 'aftercare'
  | 'requesters'
  | 'custodians'
  | 'issuers'
  | 'requesterMayIssue'
  | 'need'
  | 'groups'
  | 'veto'
  | 'whyTight'
  | 'durations'
  | 'witness'
  | 'lockEndsSession'
  | 'obligations'
>

/** One point of a plan: what was said and what is. */
export interface PlanChange {
  readonly label: string
  readonly lines: readonly Change[]
}

/** Every point in which two versions differ, line by line, in the order in which a plan is read. */
export function planChanges(before: PlanSaid, after: PlanSaid): PlanChange[] {
  const [old, now] = [pointsOf(before), pointsOf(after)]
  return Object.keys(now).flatMap((label) => {
    const lines = told(compared(old[label] ?? [], now[label] ?? []))
    return lines.some(({ is }) => is !== 'same') ? [{ label, lines }] : []
  })
}

/** What a plan has for the time after a session, as label and value; empty where it has none. */
export function afterwardsRows(aftercare: PlanSaid['aftercare']): readonly (readonly [string, string])[] {
  const { iam, revoker = null, rotator = null } = aftercare ?? {}
  return [
    ['Role that may end a session', revoker ?? ''],
    ['Role that may replace the key', rotator === null ? '' : `${rotator.roleArn}, of the user ${rotator.user}`],
    ['Where IAM is asked', iam === undefined ? '' : `${iam.region}  ${iam.endpoint}`],
  ]
}

function pointsOf(plan: PlanSaid): Readonly<Record<string, readonly Line[]>> {
  return {
    Name: one(plan.name),
    'Counts in': plan.emergencies.map((emergency) => ({ key: emergency, text: emergencyName(emergency) })),
    Credential: [{ key: `${plan.credential.credential} ${plan.credential.name}`, text: plan.credential.name }],
    'AWS role': one(plan.roleArn),
    'Session policy': plan.sessionPolicy === null ? one('none: all that the role may do') : linesOf(plan.sessionPolicy),
    'Regions, in order': plan.regions.map(({ region, endpoint }) => same(`${region}  ${endpoint}`)),
    'External id': plan.externalId === null ? [] : one(plan.externalId),
    'Roles on the way, in order': plan.chain.map((role) => same(wayWords(role))),
    'MFA device': plan.mfa === null ? [] : one(plan.mfa),
    'First call': plan.sessionToken ? one('GetSessionToken') : [],
    'After the session': afterwardsRows(plan.aftercare).flatMap(([label, value]) =>
      value === '' ? [] : [same(`${label}: ${value}`)],
    ),
    Durations: plan.durations.map((seconds) => same(durationWords(seconds))),
    'Who may ask': people(plan.requesters),
    'Custodians, who decide, share 1 first': people(plan.custodians),
    'Approvals needed': one(`${plan.need}`),
    'Of them from groups': plan.groups.map(({ group, count }) => same(`at least ${count} from ${group}`)),
    Veto: plan.veto.map((group) => same(`one denial from ${group} stops a request`)),
    'Why this tight': plan.whyTight === '' ? [] : linesOf(plan.whyTight),
    'May issue, in order': people(plan.issuers),
    'The device of whoever asks': one(plan.requesterMayIssue ? 'may issue too' : 'never issues'),
    'Before the credential is touched': one(
      plan.witness === 'required' ? 'another device must have the record' : 'no other device needs the record',
    ),
    'Locking the requester’s app': one(plan.lockEndsSession ? 'ends the session' : 'does not end the session'),
    'Due afterwards': [
      same(`the credential replaced within ${plan.obligations.rotationHours} h`),
      same(`the review held within ${plan.obligations.reviewHours} h`),
      same(`a drill every ${plan.obligations.drillDays} days`),
    ],
    Runbook: linesOf(plan.runbook),
  }
}

const same = (text: string): Line => ({ key: text, text })
const one = (text: string): Line[] => [same(text)]
const linesOf = (text: string): Line[] => (text === '' ? [] : text.split('\n').map(same))
// By id: another person of the same name is another person.
const people = (all: readonly PersonRef[]): Line[] => all.map(({ member, name }) => ({ key: member, text: name }))

/** Where two lines read the same and are not, as two people of one name, their ids tell them apart. */
function told(lines: readonly Change[]): Change[] {
  return lines.map((line) =>
    lines.some(({ key, text }) => text === line.text && key !== line.key)
      ? { ...line, text: `${line.text} (${line.key})` }
      : line,
  )
}
