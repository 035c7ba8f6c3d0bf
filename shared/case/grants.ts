import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import { type AboutGrant, isAboutGrant, saidOfGrant } from './after-grant.ts'
import { judgeBasis } from './basis.ts'
import { groupedBy } from './grouped.ts'
import { hasCome, type Now } from './moment.ts'
import { type CaseRefusalCode, END_CERTAIN_MS, type Ending, type Grant, type SessionState } from './types.ts'

/** What grants are judged by. */
export interface GrantContext {
  readonly org: Organization
  readonly request: VerifiedOf<'request'>
  readonly about: readonly VerifiedStatement[]
  readonly now: Now
  readonly refuse: (statement: VerifiedStatement, code: CaseRefusalCode) => void
}

/**
 * The grants of a case that their basis carries, the one that counts first: the lowest attempt, then the lowest id.
 * Every other is surplus. `missing` are grants whose basis is not all here yet.
 */
export function grantsOf(context: GrantContext): {
  readonly grants: readonly Grant[]
  readonly missing: readonly Digest[]
} {
  const grants: Grant[] = []
  const missing: Digest[] = []
  const said = saidOfGrants(context.about)
  for (const statement of context.about) {
    if (statement.kind !== 'grant') continue
    const verdict = judgeBasis(context.org, statement)
    if (verdict.verdict === 'carried') grants.push(grantOf(context, statement, said.get(statement.id) ?? [], verdict))
    else if (verdict.verdict === 'missing') missing.push(statement.id)
    else context.refuse(statement, verdict.code)
  }
  grants.sort((a, b) => a.statement.payload.attempt - b.statement.payload.attempt || (a.id < b.id ? -1 : 1))
  refuseStrays(context, said, new Set([...grants.map(({ id }) => id), ...missing]))
  return { grants, missing }
}

/** What is said of each grant, by its id. */
function saidOfGrants(about: readonly VerifiedStatement[]): ReadonlyMap<Digest, readonly AboutGrant[]> {
  return groupedBy(about.filter(isAboutGrant), ({ payload }) => payload.grant)
}

function grantOf(
  context: GrantContext,
  statement: VerifiedOf<'grant'>,
  said: readonly AboutGrant[],
  { plan, roster, quorum, soonest }: Pick<Grant, 'plan' | 'roster' | 'quorum' | 'soonest'>,
): Grant {
  const people = { requester: context.request.payload.member, issuer: statement.payload.member }
  const ground = { statement, plan, roster, ...people }
  const grant = { id: statement.id, quorum, soonest, ...ground, ...saidOfGrant(context, ground, said) }
  return { state: stateOf(grant, context.now), ...grant }
}

/** A grant and what is said of it. */
type Told = Omit<Grant, 'state'>

function refuseStrays(
  { refuse }: GrantContext,
  said: ReadonlyMap<Digest, readonly AboutGrant[]>,
  known: ReadonlySet<Digest>,
): void {
  for (const [grant, statements] of said)
    if (!known.has(grant)) for (const one of statements) refuse(one, 'grant-unknown')
}

/** How far the sessions of a case are: as far as the one that is least far, for a case is over only when none may live. */
export function endStateOf(grants: readonly Grant[]): SessionState {
  return (['granted', 'ending'] as const).find((state) => grants.some((one) => one.state === state)) ?? 'ended'
}

function stateOf(grant: Told, now: Now): SessionState {
  if (isCertainlyOver(grant, now)) return 'ended'
  return grant.ends.length + grant.revokes.length > 0 || hasCome(now, diesAt(grant)) ? 'ending' : 'granted'
}

/** That somebody wants a session ended before its time, or says that it was, as long as nobody can be sure; null where that is not so. */
export function endingOf(org: Organization, grant: Grant, now: Now): Ending | null {
  const asked = [...grant.ends.filter(isEarly), ...grant.revokes]
  if (asked.length === 0 || grant.state === 'ended') return null
  const dies = diesAt(grant)
  return {
    grant: grant.id,
    since: asked.reduce((first, { payload }) => Math.min(first, payload.time), Number.POSITIVE_INFINITY),
    dies,
    expired: hasCome(now, dies),
    denied: grant.revocations.length > 0 && isDenyHeeded(org, grant, now),
    saidBy: [...new Set(grant.ends.filter(saysRefused).map(({ payload }) => payload.member))].sort(),
  }
}

/**
 * When a session dies by itself: at AWS's expiration, by AWS's clock as the issuing device measured it. That device's word alone makes it
 * no earlier than its basis bears out, but for the margin that every clock is given.
 */
export function diesAt({ statement, soonest }: Pick<Grant, 'statement' | 'soonest'>): UnixMilliseconds {
  const { expires, skewMs } = statement.payload
  return Math.max(expires - skewMs, soonest - END_CERTAIN_MS)
}

/**
 * Whether a session expired long enough ago for every clock. Whatever may still end one goes by this alone: what is said of it
 * must not keep anybody from that.
 */
export function isOver(grant: Pick<Grant, 'statement' | 'soonest'>, now: Now): boolean {
  return hasCome(now, diesAt(grant) + END_CERTAIN_MS)
}

/** Whether it may be said of a session that it ended: it is over, or AWS is believed to have refused a call with it. */
function isCertainlyOver(grant: Told, now: Now): boolean {
  const isPast = hasCome(now, Math.max(diesAt(grant), grant.soonest))
  return isOver(grant, now) || isSeenDenied(grant) || (isPast && grant.ends.some(saysRefused))
}

/**
 * Whether AWS refused a session before its time, by the word of two people: of whoever had it, who saw it refused, and of
 * somebody else, whose app gave AWS the deny. Who misuses a session would gladly have it taken for ended.
 */
export function isSeenDenied({ ends, revocations, requester }: Told): boolean {
  return (
    ends.some((end) => saysRefused(end) && end.payload.member === requester) &&
    revocations.some(({ payload }) => payload.member !== requester)
  )
}

/** AWS's refusal of a session, as far as it is believed. */
export interface Refusal {
  readonly at: UnixMilliseconds
  /** Whose device claims that time. */
  readonly member: string
  /** The word of whoever saw the refusal. */
  readonly end: VerifiedOf<'ended'>
}

/**
 * The refusal that an end is measured by, or null: of a session that was seen denied before its time, no earlier than somebody else
 * says that AWS had the deny; else one that is said to be after its time, when AWS refuses everybody. Who misuses a session
 * would gladly have it measured shorter, so that one's word alone that it was refused before is no measure of it. Nor is one that came
 * when the session was over by every clock, as of a laptop that slept: it does not say until when the session lived.
 */
export function believedRefusal(grant: Told): Refusal | null {
  const { ends, requester } = grant
  const dies = diesAt(grant)
  const refused = ends.filter(saysRefused)
  const seen = isSeenDenied(grant) ? earliest(refused.filter(({ payload }) => payload.member === requester)) : undefined
  if (seen !== undefined) {
    const denied = earliest(grant.revocations.filter(({ payload }) => payload.member !== requester))
    const { at, member } = [seen, denied ?? seen].reduce((a, b) => (b.payload.at > a.payload.at ? b : a)).payload
    if (at < dies) return { at, member, end: seen }
  }
  const late = earliest(refused.filter(({ payload: { at } }) => at >= dies && at < dies + END_CERTAIN_MS))
  return late === undefined ? null : { at: late.payload.at, member: late.payload.member, end: late }
}

/** The one that claims the earliest time, of equal ones that with the lowest id. */
export function earliest<One extends VerifiedOf<'ended'> | VerifiedOf<'revoked'>>(
  some: readonly One[],
): One | undefined {
  return some.toSorted((a, b) => a.payload.at - b.payload.at || (a.id < b.id ? -1 : 1))[0]
}

/** Whether a custodian who still stands in the head ordered the end of this session. */
export function isOrderedToEnd({ head }: Organization, { revokes }: Pick<Grant, 'revokes'>): boolean {
  return revokes.some((one) => standsIn(head.roster, one))
}

/**
 * Whether word that AWS has the deny may be believed. No touch stands behind it, so that by itself it must end nobody's session:
 * only where a custodian ordered the end, whoever had the session said that it ended early, or its time is over, would an app have denied it.
 */
function isDenyHeeded(org: Organization, grant: Grant, now: Now): boolean {
  const isOwnEnd = grant.ends.some((end) => isEarly(end) && end.payload.member === grant.requester)
  return isOrderedToEnd(org, grant) || isOwnEnd || hasCome(now, diesAt(grant))
}

/** Whether an end is said that may come before the session's time. */
export function isEarly(end: VerifiedOf<'ended'>): boolean {
  const { how } = end.payload
  return how === 'done' || how === 'revoked' || saysRefused(end)
}

const saysRefused = ({ payload }: VerifiedOf<'ended'>) => payload.confirmation === 'aws-refused'
