import type { UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { memberOf } from '../statements/door.ts'
import { deviceId, type Member } from '../statements/member.ts'
import type { Me, NotNow } from './duties.ts'
import { diesAt, isEarly, isOrderedToEnd, isOver, isSeenDenied } from './grants.ts'
import { areRetired } from './obligations.ts'
import { narrowLeft } from './renewing.ts'
import { type Case, CLOCK_TOLERANCE_MS, type Grant, grantsIn } from './types.ts'

/** Why `me` may not order the end of this session now, or null: any custodian of its plan may, the requester too. */
export function whyNoRevoke(
  org: Organization,
  grant: Grant,
  { member: me, device }: Me,
  now: UnixMilliseconds,
): NotNow | null {
  if (!org.supported) return 'protocol-unsupported'
  if (activeMember(org, me, device) === undefined) return 'not-active'
  if (!grant.plan.custodians.includes(me)) return 'not-custodian'
  return isOver(grant, now) ? 'session-over' : null
}

/**
 * Whether whoever holds what may deny a session should do so at AWS now: a custodian who still stands in the head ordered it, or,
 * unless the deny was seen to work, somebody said that it ended early or its time is over. Only the clock stops a custodian's order.
 */
export function isToBeDenied(org: Organization, grant: Grant, now: UnixMilliseconds): boolean {
  if (isOver(grant, now)) return false
  const isDue = grant.ends.some(isEarly) || now >= diesAt(grant)
  return isOrderedToEnd(org, grant) || (isDue && !isSeenDenied(grant))
}

/** Whether some device may have what can deny this session at AWS now: until its issuer says that none has, or that one's time is over. */
export function mayBeDenied({ plan, aftercare, statement }: Grant, now: UnixMilliseconds): boolean {
  if (plan.access.aftercare?.revoker === undefined) return false
  return (
    aftercare.length === 0 ||
    aftercare.some(({ payload: { revoker } }) => revoker !== null && narrowLeft(revoker, statement, now) > 0)
  )
}

/** Whether AWS may come to refuse this session before its time: some device may deny it, or says that it did. */
export function mayBeSeenDenied(grant: Grant, now: UnixMilliseconds): boolean {
  const isPlanned = grant.plan.access.aftercare?.revoker !== undefined
  return mayBeDenied(grant, now) || (isPlanned && grant.revocations.length > 0)
}

/** The policies by which AWS was given a deny for other sessions of a grant's role, since it was issued. */
export function deniesBeside(cases: readonly Case[], { id, plan, statement }: Grant): string[] {
  const isBeside = (one: Grant) => one.id !== id && one.plan.access.roleArn === plan.access.roleArn
  const denies = cases
    .flatMap(grantsIn)
    .filter(isBeside)
    .flatMap(({ revocations }) => revocations)
  return denies
    .filter(({ payload }) => payload.at + CLOCK_TOLERANCE_MS >= statement.payload.time)
    .map(({ payload }) => payload.policy)
}

/** Why `me` may not begin to replace the key that a case used, or null: an admin may, as long as it is owed. */
export function whyNoRotating(org: Organization, one: Case, { member: me, device }: Me): NotNow | null {
  if (!org.supported) return 'protocol-unsupported'
  const own = activeMember(org, me, device)
  if (own === undefined) return 'not-active'
  if (!own.roles.includes('admin')) return 'not-admin'
  return areRetired(grantsIn(one)) ? 'nothing-to-replace' : null
}

function activeMember({ head }: Organization, member: string, device: string): Member | undefined {
  const own = memberOf(head.roster, member)
  return own !== undefined && deviceId(own) === device ? own : undefined
}
