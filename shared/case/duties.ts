import { newestHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { memberOf } from '../statements/door.ts'
import type { Attempt, Case } from './types.ts'

/** Why something may not be done; for people, by code. */
export type NotNow =
  | 'case-closed'
  | 'not-custodian'
  | 'own-request'
  | 'already-decided'
  | 'rule-not-met'
  | 'no-own-approval'
  | 'plan-not-accepted'
  | 'no-attempt'
  | 'already-released'
  | 'not-issuer'
  | 'attempt-runs'
  | 'no-generation'
  | 'releases-missing'
  | 'already-issuing'
  | 'protocol-unsupported'

/** Why `me` may not decide on a case now, or null. An app refuses on its own clock after expiry. */
export function whyNoDecision(one: Case, me: string): NotNow | null {
  if (!['asked', 'approved'].includes(one.state)) return 'case-closed'
  if (me === one.request.payload.member) return 'own-request'
  if (!one.plan?.custodians.includes(me)) return 'not-custodian'
  const mine = one.timeline.some(
    (statement) =>
      statement.kind === 'decision' && statement.payload.member === me && statement.payload.verdict === 'deny',
  )
  return mine ? 'already-decided' : null
}

/**
 * The attempt to which `me` may release its share now, or why not. This is where the custodians, not the issuing
 * device, enforce the rule: full quorum by this app's own computation, not expired, own approval present, and the plan
 * is the one its owner last accepted.
 */
export function releaseDuty(
  org: Organization,
  one: Case,
  me: string,
): { readonly attempt: Attempt; readonly index: number } | NotNow {
  if (!org.supported) return 'protocol-unsupported'
  if (one.state !== 'approved') return one.state === 'asked' ? 'rule-not-met' : 'case-closed'
  if (!one.quorum?.approved.includes(me)) return one.plan?.custodians.includes(me) ? 'no-own-approval' : 'not-custodian'
  if (!lastAccepted(org, one, me)) return 'plan-not-accepted'
  if (one.attempt === null) return 'no-attempt'
  if (one.attempt.releases.some(({ payload }) => payload.member === me)) return 'already-released'
  return { attempt: one.attempt, index: (one.plan?.custodians.indexOf(me) ?? -1) + 1 }
}

/** Whether the case's plan version is the newest one of its plan that `me` accepted, and is effective. */
function lastAccepted({ plans }: Organization, one: Case, me: string): boolean {
  const version = plans.find(({ id }) => id === one.request.payload.plan)
  return version !== undefined && version.state === 'effective' && version.acceptedBy.includes(me)
}

/** Whether `me` should make its device ready now (the next attempt's number), or why not. */
export function readyDuty(
  org: Organization,
  one: Case,
  me: string,
):
  | {
      readonly number: number
      readonly after: { ready: string; failed: string | null } | null
      readonly deposit: string
    }
  | NotNow {
  if (!org.supported) return 'protocol-unsupported'
  if (one.plan === null || one.quorum === null || !['asked', 'approved'].includes(one.state)) return 'case-closed'
  if (!issuersFor(one.plan, one.request.payload.member).includes(me) || memberOf(org.head.roster, me) === undefined)
    return 'not-issuer'
  if (one.quorum.approved.length < one.plan.quorum.count - 1) return 'rule-not-met'
  const generation = newestHeld(org.generations, one.plan)
  if (generation === undefined) return 'no-generation'
  const last = one.attempts[0]
  if (last === undefined) return { number: 1, after: null, deposit: generation.id }
  if (last.open) return 'attempt-runs'
  return {
    number: last.number + 1,
    after: { ready: last.ready.id, failed: last.failed?.id ?? null },
    deposit: generation.id,
  }
}

/** Whether the device that made `ready` may record `issuing` now, or why not. */
export function issueDuty(org: Organization, one: Case, device: string): { readonly attempt: Attempt } | NotNow {
  if (!org.supported) return 'protocol-unsupported'
  if (one.state !== 'approved') return one.state === 'asked' ? 'rule-not-met' : 'case-closed'
  if (one.attempt === null || one.attempt.ready.payload.device !== device) return 'no-attempt'
  if (one.attempt.issuing !== null) return 'already-issuing'
  return one.attempt.releases.length >= (one.plan?.quorum.count ?? Number.POSITIVE_INFINITY)
    ? { attempt: one.attempt }
    : 'releases-missing'
}
