import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { CHAINED_SECONDS, CLOCK_TOLERANCE_MS } from '../case/types.ts'
import { isSameAccount } from '../org/plan-rules.ts'
import type { DifferenceCode } from '../statements/evidence.ts'
import type { TrailEvent } from './event.ts'
import { type Attempt, END_TOLERANCE_MS, type Subject } from './subject.ts'

/**
 * Whence a key is that signed a call, as far as it can be followed.
 * - `long`: a deposit's. `session`: a granted session's, or made by one.
 * - `way`: of a step to a session: a role of the plan's chain, or null for what GetSessionToken gave. No step says which of several
 *   attempts at one time it was for: it is of all that it may have been for, the likeliest first.
 * - `care`: of a role that ends the session or replaces the key.
 * - `odd`: made by a call that nothing explains, or before the key was deposited (then nobody answers for it `since` then).
 */
export type Origin =
  | { readonly is: 'long'; readonly accessKeyId: string; readonly since: UnixMilliseconds }
  | { readonly is: 'session'; readonly attempt: Attempt }
  | { readonly is: 'way'; readonly attempts: readonly [Attempt, ...Attempt[]]; readonly roleArn: string | null }
  | { readonly is: 'care'; readonly attempt: Attempt; readonly roleArn: string; readonly until: UnixMilliseconds }
  | {
      readonly is: 'odd'
      readonly since: UnixMilliseconds
      readonly code: DifferenceCode
      readonly of: Digest | null
    }

/** AWS's limit: docs/formats/aws.md §2 and §7. */
const LEAST_SECONDS = 900
/** How long AWS makes a session whose length nobody asked for. */
const USUAL_SECONDS = 3600

/** The roles of a plan whose sessions end the access or replace the key. */
export function aftercareOf({ access: { aftercare } }: Attempt): string[] {
  return [aftercare?.revoker, aftercare?.rotator?.roleArn].filter((one) => one !== undefined)
}

/** Whether the plan takes a session of the user first: for the access, or for a code that the aftercare needs. */
export function mayTakeToken(attempt: Attempt): boolean {
  return attempt.access.sessionToken === true || takesTokenForCare(attempt)
}

function takesTokenForCare(attempt: Attempt): boolean {
  return attempt.access.mfa !== undefined && aftercareOf(attempt).length > 0
}

/** For how long AWS is asked for a session, seconds. */
export function secondsAsked({ access, seconds }: Pick<Attempt, 'access' | 'seconds'>): number {
  const most = access.chain === undefined ? Number.POSITIVE_INFINITY : CHAINED_SECONDS
  return Math.min(most, Math.max(LEAST_SECONDS, seconds))
}

/** Whether the call that gave a session asked for what the case says, and was signed with what the plan says. */
export function isAsAsked(event: TrailEvent, origin: Origin | null, attempt: Attempt): boolean {
  const { access, requester } = attempt
  return (
    event.asked !== null &&
    event.asked.roleArn === access.roleArn &&
    event.asked.sourceIdentity === requester &&
    event.asked.seconds === secondsAsked(attempt) &&
    (isElsewheres(event, attempt, access.roleArn) || takesNext(origin, attempt, access.roleArn))
  )
}

/**
 * The step that a successful AssumeRole was, which may have been made for any of these attempts: the next one on the way, or the
 * aftercare. Null if it is none that their plan says, or not signed with what came before.
 *
 * @param attempts - the likeliest first.
 */
export function stepOf(
  event: TrailEvent,
  origin: Origin | null,
  attempts: readonly Attempt[],
): (Origin & { is: 'way' | 'care' }) | null {
  const roleArn = event.asked?.roleArn ?? ''
  const [first, ...others] = attempts.filter((one) => isOnTheWay(event, origin, one, roleArn))
  if (first !== undefined) return { is: 'way', attempts: [first, ...others], roleArn }
  const attempt = attempts.find((one) => isCare(event, origin, one, roleArn))
  if (attempt === undefined) return null
  return { is: 'care', attempt, roleArn, until: event.at + (event.asked?.seconds ?? USUAL_SECONDS) * 1000 }
}

function isOnTheWay(event: TrailEvent, origin: Origin | null, attempt: Attempt, roleArn: string): boolean {
  const chain = (attempt.access.chain ?? []).map((one) => one.roleArn)
  const isKnown = isElsewheres(event, attempt, roleArn) || takesNext(origin, attempt, roleArn)
  return chain.includes(roleArn) && isKnown
}

function isCare(event: TrailEvent, origin: Origin | null, attempt: Attempt, roleArn: string): boolean {
  const isKnown = isElsewheres(event, attempt, roleArn) || takesCare(origin, attempt)
  return aftercareOf(attempt).includes(roleArn) && isKnown
}

/** The attempts that a key may be of. */
export function attemptsOf(origin: Origin | null): readonly Attempt[] {
  if (origin?.is === 'way') return origin.attempts
  return origin !== null && 'attempt' in origin ? [origin.attempt] : []
}

/**
 * Whether a call may have come from another account than the role's: AWS names neither key nor caller then, and always the key of a
 * caller from the role's own, which that of the role before is; or, as far as the plan says whose the user is, the account of its MFA device.
 */
function isElsewheres({ key, via, principal }: TrailEvent, { access }: Attempt, roleArn: string): boolean {
  const chain = (access.chain ?? []).map((one) => one.roleArn)
  const before = roleArn === access.roleArn ? chain.at(-1) : chain[chain.indexOf(roleArn) - 1]
  const caller = before ?? access.mfa
  const isOwn = caller !== undefined && isSameAccount(caller, roleArn)
  return key === null && via === null && principal === null && !isOwn
}

/** Whether the plan has this role assumed with that key. */
function takesNext(origin: Origin | null, attempt: Attempt, roleArn: string): boolean {
  const { access } = attempt
  const roles = [...(access.chain ?? []).map((one) => one.roleArn), access.roleArn]
  const before = roles.indexOf(roleArn) - 1
  if (origin?.is === 'long')
    return before === -1 && access.sessionToken !== true && origin.accessKeyId === attempt.accessKeyId
  if (origin?.is !== 'way' || !origin.attempts.includes(attempt)) return false
  return origin.roleArn === null ? before === -1 && access.sessionToken === true : origin.roleArn === roles[before]
}

function takesCare(origin: Origin | null, attempt: Attempt): boolean {
  if (takesTokenForCare(attempt))
    return origin?.is === 'way' && origin.attempts.includes(attempt) && origin.roleArn === null
  return origin?.is === 'long' && origin.accessKeyId === attempt.accessKeyId
}

const REVOKING: ReadonlySet<string> = new Set(['PutRolePolicy', 'GetRolePolicy', 'DeleteRolePolicy'])
const ROTATING: ReadonlySet<string> = new Set([
  'ListAccessKeys',
  'CreateAccessKey',
  'UpdateAccessKey',
  'DeleteAccessKey',
  'GetAccessKeyLastUsed',
])

/**
 * Whether a call is one that the app makes with a session of the aftercare, before that is over. A key that it makes has to be one
 * that somebody deposited; one that it switches off or deletes has to be used up, or the rotator could take the only good one away and agree; the policy has to be the one that denies the attempt's session, and is
 * taken away only once that is long over: before, it would live again.
 */
export function explainsCare(
  subject: Subject,
  attempt: Attempt,
  event: TrailEvent,
  roleArn: string,
  until: UnixMilliseconds,
): boolean {
  const { service, name, at, error, issued } = event
  const { access, grant } = attempt
  const { aftercare } = access
  const isItsCall =
    (roleArn === aftercare?.revoker && REVOKING.has(name)) ||
    (roleArn === aftercare?.rotator?.roleArn && ROTATING.has(name))
  const isAccounted = name !== 'CreateAccessKey' || error !== null || (issued !== null && subject.deposited.has(issued))
  const settles = grant?.settles ?? Number.POSITIVE_INFINITY
  const isInTime = name !== 'DeleteRolePolicy' || at >= settles - END_TOLERANCE_MS
  const isAllowed = isItsCall && isAccounted && isInTime && isAboutItsOwn(subject, attempt, event)
  return service === 'iam.amazonaws.com' && isAllowed && at <= until
}

/** Whether a call of the aftercare is about the policy, or a key, that it is for. Of one that AWS refused it may not say what it was about. */
function isAboutItsOwn({ begun, keys }: Subject, attempt: Attempt, { about, at, name, error }: TrailEvent): boolean {
  const isUntold = about === undefined || (about === null && error !== null)
  if (isUntold) return true
  if (REVOKING.has(name)) {
    const { access, sessionName } = attempt
    // A role has a path in its ARN, and none in its name.
    return access.roleArn.endsWith(`/${about?.role ?? ''}`) && about?.policy === `lockbox-${sessionName}`
  }
  if (!ON_KEYS.has(name)) return true
  const key = about?.key ?? ''
  return (
    keys.some(({ accessKeyId }) => accessKeyId === key) ||
    begun.some(({ accessKeyId, from }) => accessKeyId === key && at >= from - CLOCK_TOLERANCE_MS)
  )
}

const ON_KEYS: ReadonlySet<string> = new Set(['UpdateAccessKey', 'DeleteAccessKey'])
