import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { CLOCK_TOLERANCE_MS } from '../case/types.ts'
import { DIFFERENCES, type DifferenceCode, MOST_DIFFERENCES, MOST_SPANS } from '../statements/evidence.ts'
import type { PayloadOf } from '../statements/kinds.ts'
import { byTime, type TrailEvent } from './event.ts'
import type { Attempt, Subject } from './subject.ts'

/** CloudTrail writes a call down up to so much later; what it has not written by then it cannot be said to lack. */
export const LATE_MS = 15 * 60_000
/** By so much the clock of whoever said that a session ended may be off before a call counts as made after it. */
export const END_TOLERANCE_MS = 30_000

type Said = PayloadOf<'evidence'>
export type Span = Said['spans'][number]

/**
 * What a call was, as the case explains it.
 * - `issue`: the call that gave the session of a grant. `tried`: an attempt that AWS refused. `way`: a step to the session.
 * - `session`: a call of a granted session, or with a key that it made. `aftercare`: one that ends the session or replaces the key.
 * - `other-case`: the key's use for another case. `trial`: a new key was tried. `before`: before the key was deposited.
 * - `odd`: nothing explains it.
 */
export type Role = 'issue' | 'tried' | 'way' | 'session' | 'aftercare' | 'other-case' | 'trial' | 'before' | 'odd'

/** An event that concerns the case, and what it is. */
export interface JudgedEvent {
  readonly event: TrailEvent
  readonly role: Role
  /** The grant, else the issuing, that it belongs to. */
  readonly of: Digest | null
  /** Of `other-case`: that case. */
  readonly otherCase?: Digest
  readonly difference: DifferenceCode | null
}

export interface Reconciled {
  /** Those that concern the case, in order. */
  readonly events: readonly JudgedEvent[]
  readonly grants: Said['grants']
  /** All, what matters most first. */
  readonly differs: Said['differs']
}

/** Over which time a record reaches in each region: its first and its last event there. */
export function spansOf(events: readonly TrailEvent[]): Span[] {
  const spans = new Map<string, Span>()
  for (const { region, at } of events) {
    if (!/^[a-z]{2}(-[a-z]+)+-[0-9]$/.test(region)) continue
    const known = spans.get(region)
    spans.set(region, { region, from: Math.min(known?.from ?? at, at), until: Math.max(known?.until ?? at, at) })
  }
  return [...spans.values()].sort((a, b) => (a.region < b.region ? -1 : 1)).slice(0, MOST_SPANS)
}

/**
 * Compares what AWS recorded with what statements say of a case, call by call. The order of the events says nothing, and what
 * concerns no key or session of the case changes nothing.
 *
 * @param events - each once; see `merged`.
 * @param spans - over which time the record reaches: only there a call that is not in it is missed.
 */
export function reconcile(subject: Subject, events: readonly TrailEvent[], spans: readonly Span[]): Reconciled {
  const ordered = events.toSorted(byTime)
  const made = keysMade(subject, ordered)
  const judged = ordered.flatMap((event) => judge(subject, made, event) ?? [])
  const own = subject.attempts.filter(({ request }) => request === subject.request)
  const grants = own
    .flatMap((attempt) => (attempt.grant === null ? [] : [summed(attempt.grant, judged, spans)]))
    .sort((a, b) => (a.said.grant < b.said.grant ? -1 : 1))
  return {
    events: judged,
    grants: grants.map(({ said }) => said).slice(0, 100),
    differs: [
      ...judged.flatMap(({ event, difference, of }) =>
        difference === null ? [] : [{ code: difference, at: event.at, event: event.id, of }],
      ),
      ...grants.flatMap(({ said: { grant, issued }, at }) =>
        issued === 'unseen' ? [{ code: 'grant-unseen' as const, at, event: null, of: grant }] : [],
      ),
    ].sort(
      (a, b) =>
        DIFFERENCES.indexOf(a.code) - DIFFERENCES.indexOf(b.code) ||
        a.at - b.at ||
        ((a.event ?? a.of ?? '') < (b.event ?? b.of ?? '') ? -1 : 1),
    ),
  }
}

/** The fields that say what a comparison found. */
export function foundIn({ grants, differs }: Reconciled): Pick<Said, 'grants' | 'differs' | 'more'> {
  const listed = differs.slice(0, MOST_DIFFERENCES)
  return { grants, differs: listed, more: differs.length - listed.length }
}

function summed(
  grant: NonNullable<Attempt['grant']>,
  judged: readonly JudgedEvent[],
  spans: readonly Span[],
): { readonly said: Said['grants'][number]; readonly at: UnixMilliseconds } {
  const calls = judged.filter(({ role, of }) => role === 'session' && of === grant.id)
  const isSeen = judged.some(({ role, of }) => role === 'issue' && of === grant.id)
  const isReached = spans.some(
    ({ region, from, until }) => region === grant.region && from <= grant.at && grant.at + LATE_MS <= until,
  )
  const said = {
    grant: grant.id,
    issued: isSeen ? 'seen' : isReached ? 'unseen' : 'not-covered',
    calls: calls.length,
    refused: calls.filter(({ event }) => event.error !== null).length,
  } as const
  return { said, at: grant.at }
}

/**
 * Keys that sessions of grants made, other sessions and access keys, and what those made: whoever leaves one behind would else
 * not be seen to use it. By key, the attempt whose session it was.
 */
function keysMade(subject: Subject, events: readonly TrailEvent[]): ReadonlyMap<string, Attempt> {
  const made = new Map<string, Attempt>()
  for (const attempt of subject.attempts)
    if (attempt.request === subject.request && attempt.grant !== null) made.set(attempt.grant.accessKeyId, attempt)
  for (let before = 0; before < made.size; ) {
    before = made.size
    for (const event of events) {
      const maker = event.key === null ? undefined : made.get(event.key)
      if (maker !== undefined && event.issued !== null && !made.has(event.issued)) made.set(event.issued, maker)
    }
  }
  return made
}

function judge(subject: Subject, made: ReadonlyMap<string, Attempt>, event: TrailEvent): JudgedEvent | null {
  const maker = event.key === null ? undefined : made.get(event.key)
  if (maker !== undefined) return ofSession(event, maker)
  const asked = event.asked?.session ?? null
  const attempts = subject.attempts.filter(({ sessionName }) => sessionName === asked)
  if (asked !== null && attempts.length > 0) return ofIssue(subject, event, attempts)
  if (subject.keys.some(({ accessKeyId }) => accessKeyId === event.key)) return ofKey(subject, event)
  const own = subject.attempts.find(
    ({ sessionName, request }) => request === subject.request && sessionName === event.session,
  )
  return own === undefined ? null : ofName(event, own)
}

/** A call that asks for a session under the name of an attempt. */
function ofIssue(subject: Subject, event: TrailEvent, attempts: readonly Attempt[]): JudgedEvent {
  const gave = attempts.find(({ grant }) => grant !== null && grant.accessKeyId === event.issued)
  const attempt = gave ?? nearest(attempts, event.at)
  const as = (role: Role) => roleIn(subject, attempt, role)
  const of = attempt.grant?.id ?? attempt.id
  if (gave !== undefined) {
    const difference = isAsAsked(event, gave) ? null : ('call-differs' as const)
    return { event, ...as('issue'), of, difference }
  }
  const isNear = isAbout(event, attempt)
  const roleArn = event.asked?.roleArn ?? ''
  if (event.error !== null) {
    const isByKey = subject.keys.some(({ accessKeyId }) => accessKeyId === event.key)
    if (!isNear && isByKey) return { event, role: 'odd', of: attempt.id, difference: 'key-unexplained' }
    return { event, ...as('tried'), of: attempt.id, difference: null }
  }
  if (isNear && onTheWay(attempt).includes(roleArn)) return { event, ...as('way'), of, difference: null }
  if (isNear && afterwards(attempt).includes(roleArn)) return { event, ...as('aftercare'), of, difference: null }
  return { event, role: 'odd', of: attempt.id, difference: 'session-unknown' }
}

/** What a call is that an attempt explains, which may be another case's. */
function roleIn(subject: Subject, { request }: Attempt, role: Role): Pick<JudgedEvent, 'role' | 'otherCase'> {
  return request === subject.request ? { role } : { role: 'other-case', otherCase: request }
}

/** Whether the call that gave a session asked for what the case says. */
function isAsAsked({ asked, key }: TrailEvent, { access, requester, seconds }: Attempt): boolean {
  const most = access.chain === undefined ? Number.POSITIVE_INFINITY : CHAINED_SECONDS
  return (
    asked !== null &&
    key !== null &&
    asked.roleArn === access.roleArn &&
    asked.sourceIdentity === requester &&
    asked.seconds === Math.min(most, Math.max(LEAST_SECONDS, seconds))
  )
}

/** AWS's limits: docs/formats/aws.md §2. */
const LEAST_SECONDS = 900
const CHAINED_SECONDS = 3600

/** Any other call with the long-lived key. */
function ofKey(subject: Subject, event: TrailEvent): JudgedEvent {
  const since = subject.keys.find(({ accessKeyId }) => accessKeyId === event.key)?.since ?? 0
  const near = subject.attempts.find((attempt) => isAbout(event, attempt))
  if (near?.access.sessionToken === true && event.name === 'GetSessionToken')
    return {
      event,
      ...roleIn(subject, near, 'way'),
      of: near.grant?.id ?? near.id,
      difference: null,
    }
  if (isTrial(subject, event)) return { event, role: 'trial', of: null, difference: null }
  if (event.at < since) return { event, role: 'before', of: null, difference: null }
  return { event, role: 'odd', of: null, difference: 'key-unexplained' }
}

/** Whether somebody who was replacing a key asked AWS whose the new one is, which does nothing. */
function isTrial({ trials }: Subject, { key, name, at }: TrailEvent): boolean {
  return (
    name === 'GetCallerIdentity' &&
    trials.some(
      ({ accessKeyId, from, until }) =>
        accessKeyId === key && at >= from - CLOCK_TOLERANCE_MS && at <= until + CLOCK_TOLERANCE_MS,
    )
  )
}

/** A call of a session that was handed over, or of what it made. */
function ofSession(event: TrailEvent, { grant, id }: Attempt): JudgedEvent {
  const isLate = grant !== null && event.at > grant.over + END_TOLERANCE_MS
  // By such a call the app itself looks whether AWS refuses the session; it does nothing.
  const isUse = event.error === null && !(event.service === 'sts.amazonaws.com' && LOOKS.has(event.name))
  return { event, role: 'session', of: grant?.id ?? id, difference: isLate && isUse ? 'after-end' : null }
}

const LOOKS: ReadonlySet<string> = new Set(['GetCallerIdentity', 'GetAccessKeyInfo'])

/** A call of another session under the name of an attempt of this case. */
function ofName(event: TrailEvent, attempt: Attempt): JudgedEvent {
  const of = attempt.grant?.id ?? attempt.id
  const role = event.role ?? ''
  // A service acts with keys of its own, in the name of whose call it carries out; so does the console, whose sign-in names no role.
  const isItsRole = event.role === null || event.role === attempt.access.roleArn
  if (event.via !== null && attempt.grant !== null && isItsRole) return ofSession(event, attempt)
  if (onTheWay(attempt).includes(role)) return { event, role: 'way', of, difference: null }
  if (afterwards(attempt).includes(role)) return { event, role: 'aftercare', of, difference: null }
  return { event, role: 'odd', of, difference: 'session-used' }
}

const onTheWay = ({ access }: Attempt) => (access.chain ?? []).map(({ roleArn }) => roleArn)

function afterwards({ access: { aftercare } }: Attempt): string[] {
  return [aftercare?.revoker, aftercare?.rotator?.roleArn].filter((one) => one !== undefined)
}

/** Whether a call may have been made for an attempt: statements' times are claims of clocks that may differ by so much. */
function isAbout({ at }: TrailEvent, attempt: Attempt): boolean {
  return Math.abs(at - attempt.at) <= CLOCK_TOLERANCE_MS
}

function nearest(attempts: readonly Attempt[], at: UnixMilliseconds): Attempt {
  return attempts.reduce((best, one) => (Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best))
}
