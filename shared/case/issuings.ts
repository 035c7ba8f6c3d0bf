import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import { type Case, END_CERTAIN_MS, type Grant } from './types.ts'

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
  context: {
    readonly org: Organization
    readonly about: readonly VerifiedStatement[]
    readonly request: VerifiedOf<'request'>
  },
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

/** Whether a session that this `issuing` may have made can still be alive. */
export function mayLive(
  request: VerifiedOf<'request'>,
  issuing: VerifiedOf<'issuing'>,
  now: UnixMilliseconds,
): boolean {
  return now < issuing.payload.time + request.payload.seconds * 1000 + END_CERTAIN_MS
}
