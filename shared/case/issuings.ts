import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import { hasCome, type Now } from './moment.ts'
import { type Case, END_CERTAIN_MS, type Grant, REQUEST_VALID_MS } from './types.ts'

/** Whether the device that made `ready` says this of it. */
export function isOf(statement: VerifiedOf<'issuing' | 'failed'>, ready: VerifiedOf<'ready'>): boolean {
  return statement.payload.ready === ready.id && statement.payload.device === ready.payload.device
}

/** Whether keys of some roster of this organization's history signed it, be it the head or one that lies behind. */
export function stoodIn({ history }: Pick<Organization, 'history'>, statement: VerifiedStatement): boolean {
  return history.some(({ roster }) => standsIn(roster, statement))
}

/** A roster of this organization's history and every later one; all of them, if that one is not among them. */
export function historyFrom({ history }: Pick<Organization, 'history'>, roster: Digest): Roster[] {
  const from = history.findIndex(({ id }) => id === roster)
  return history.slice(Math.max(from, 0)).map(({ roster: one }) => one)
}

/**
 * Every `issuing` after which nothing says how it went: a session may exist. All of them count, also of a `ready` that
 * lost to another of its number, for its device may not have known.
 */
export function unsettledIssuings(
  context: Omit<Judged, 'now'>,
  plan: Plan | null,
  grants: readonly Grant[],
): VerifiedOf<'issuing'>[] {
  const { org, about, request } = context
  const issuers = plan === null ? [] : issuersFor(plan, request.payload.member)
  const granted = new Set(grants.map(({ statement }) => statement.payload.basis.issuing))
  // Of each attempt whether one of its failures says that a session may exist all the same.
  const failed = new Map<string, boolean>()
  for (const one of about)
    if (one.kind === 'failed')
      failed.set(attemptNamed(one), (failed.get(attemptNamed(one)) ?? false) || one.payload.mayExist)
  return about
    .filter((one) => one.kind === 'issuing')
    .filter((one) => issuers.includes(one.payload.member) && stoodIn(org, one) && !granted.has(one.id))
    .filter((one) => failed.get(attemptNamed(one)) ?? true)
}

/** The issuings of a case after which a session may exist, as its findings name them. */
export function unsettledIn({ findings, timeline }: Pick<Case, 'findings' | 'timeline'>): VerifiedOf<'issuing'>[] {
  const ids = new Set(findings.flatMap(({ code, id }) => (code === 'session-may-exist' ? [id] : [])))
  return timeline.filter((one) => one.kind === 'issuing').filter(({ id }) => ids.has(id))
}

/** Of which `ready` a device speaks. */
function attemptNamed({ payload }: VerifiedOf<'failed' | 'issuing'>): string {
  return `${payload.ready} ${payload.device}`
}

/**
 * When a session that this `issuing` may have made began at the latest, as far as that can be told: not before the last share was released
 * for it, whoever says so. Its device may lie about its own time; and nobody's date makes it later than the request's expiry, after which no app releases.
 */
export function begunBy(
  { about, request }: Pick<Judged, 'about' | 'request'>,
  { payload }: VerifiedOf<'issuing'>,
): UnixMilliseconds {
  const released = about
    .filter((one) => one.kind === 'release')
    .filter((one) => one.payload.ready === payload.ready)
    .reduce((last, one) => Math.max(last, one.payload.time), payload.time)
  return Math.max(payload.time, Math.min(released, request.payload.time + REQUEST_VALID_MS))
}

/** Whether a session that this `issuing` may have made can still be alive. */
export function mayLive(context: Judged, issuing: VerifiedOf<'issuing'>): boolean {
  const longestMs = context.request.payload.seconds * 1000
  return !hasCome(context.now, begunBy(context, issuing) + longestMs + END_CERTAIN_MS)
}

/** What the issuings of a case are judged by. */
interface Judged {
  readonly org: Organization
  readonly about: readonly VerifiedStatement[]
  readonly request: VerifiedOf<'request'>
  readonly now: Now
}
