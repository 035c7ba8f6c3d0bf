import type { UnixMilliseconds } from '../../../shared/bytes.ts'
import { CLOCK_TOLERANCE_MS, type Grant } from '../../../shared/case/types.ts'
import type { DenyMeans } from '../../../shared/statements/aftercare.ts'
import { secondsAsked } from './role-session.ts'

/**
 * What AWS was asked to give a session, by which it can be told from others beside its `aws:userid`. It is read from the case,
 * whose statements an issuing device cannot change afterwards, and in no box: so nothing can be slipped in there.
 */
export interface Marks {
  /** `SourceIdentity`: the requester's member id, of all sessions of that person. */
  readonly sourceIdentity: string
  /** Tag `lockbox:case`: the request's id. */
  readonly request: string
  /** Tag `lockbox:attempt`. */
  readonly attempt: number
  /** When AWS issued it, by AWS's clock; null where the case does not bear that out. */
  readonly issued: UnixMilliseconds | null
}

/** A text of the inline policy, and by what it singles the session out. */
export interface DenyText {
  readonly means: DenyMeans
  readonly document: string
}

/** An inline policy of the role whose session is to end. */
export interface Deny {
  readonly name: string
  /** What is to be put: the first that AWS takes. Each denies what those behind it deny. */
  readonly texts: readonly [DenyText, ...DenyText[]]
}

/** Expiration and time of issue are whole seconds, and AWS does not say how it rounds them. */
const ROUNDED_MS = 2000

/**
 * What tells a granted session from others. Its time of issue is its expiration less what was asked for. That is the issuing device's
 * word: it is passed over where it is further than clocks may differ from when its basis lets the session end.
 *
 * @param seconds - what the request asks for.
 */
export function marksOf(
  { statement, plan, requester, soonest }: Pick<Grant, 'statement' | 'plan' | 'requester' | 'soonest'>,
  seconds: number,
): Marks {
  const { request, attempt, expires, skewMs } = statement.payload
  const isBorneOut = Math.abs(expires - skewMs - soonest) <= CLOCK_TOLERANCE_MS
  const issued = isBorneOut ? expires - secondsAsked(plan.access, seconds) * 1000 : null
  return { sourceIdentity: requester, request, attempt, issued }
}

/**
 * The policy that denies everything to exactly one session. Whoever makes it makes the same, so that two who revoke at once
 * do no more than one. A statement whose key a server does not know in a request denies nobody: of two, either is enough.
 * Format: docs/formats/aws.md §8.
 *
 * @param userId - `aws:userid` of the session, `<role id>:<session name>`.
 */
export function denyOf(userId: string, marks: Marks): Deny {
  const byUser = denying({ StringEquals: { 'aws:userid': userId } })
  const alone: DenyText = { means: 'userid', document: documentOf([byUser]) }
  const byIssue = conditionOf(marks)
  if (byIssue === null) return { name: denyName(userId), texts: [alone] }
  const both: DenyText = { means: 'userid-or-issued', document: documentOf([byUser, denying(byIssue)]) }
  return { name: denyName(userId), texts: [both, alone] }
}

/** The name of that policy. */
export function denyName(userId: string): string {
  return `lockbox-${userId.slice(userId.indexOf(':') + 1)}`
}

/**
 * Who asked and when it was issued. A key that is missing fails these operators. Only the tags may be missing, since a server may
 * not know tags; where it does they keep another session of the same person and second from being denied.
 */
function conditionOf({ sourceIdentity, request, attempt, issued }: Marks): object | null {
  if (issued === null) return null
  return {
    StringEquals: { 'aws:SourceIdentity': sourceIdentity },
    StringEqualsIfExists: {
      'aws:PrincipalTag/lockbox:attempt': String(attempt),
      'aws:PrincipalTag/lockbox:case': request,
    },
    DateGreaterThanEquals: { 'aws:TokenIssueTime': isoSecond(issued - ROUNDED_MS) },
    DateLessThanEquals: { 'aws:TokenIssueTime': isoSecond(issued + ROUNDED_MS) },
  }
}

function denying(Condition: object): object {
  return { Effect: 'Deny', Action: '*', Resource: '*', Condition }
}

function documentOf(Statement: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

function isoSecond(at: UnixMilliseconds): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
