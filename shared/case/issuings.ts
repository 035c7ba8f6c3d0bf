import type { UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import { END_CERTAIN_MS, type Grant } from './types.ts'

/** Whether the device that made `ready` says this of it. */
export function isOf(statement: VerifiedOf<'issuing' | 'failed'>, ready: VerifiedOf<'ready'>): boolean {
  return statement.payload.ready === ready.id && statement.payload.device === ready.payload.device
}

/** What the device of a `ready` said of its failure, by id. */
export function failuresOf(
  { about, roster }: { readonly about: readonly VerifiedStatement[]; readonly roster: Roster },
  ready: VerifiedOf<'ready'>,
): VerifiedOf<'failed'>[] {
  return about.filter((one) => one.kind === 'failed').filter((one) => isOf(one, ready) && standsIn(roster, one))
}

/** Whether keys of some roster of this organization's history signed it, be it the head or one that lies behind. */
export function stoodIn({ history }: Pick<Organization, 'history'>, statement: VerifiedStatement): boolean {
  return history.some(({ roster }) => standsIn(roster, statement))
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
  return about
    .filter((one) => one.kind === 'issuing')
    .filter((one) => issuers.includes(one.payload.member) && stoodIn(org, one) && !granted.has(one.id))
    .filter((one) => {
      const failures = about.filter((other) => other.kind === 'failed').filter((other) => isSame(other, one))
      return failures.length === 0 || failures.some(({ payload }) => payload.mayExist)
    })
}

function isSame(failed: VerifiedOf<'failed'>, issuing: VerifiedOf<'issuing'>): boolean {
  return failed.payload.ready === issuing.payload.ready && failed.payload.device === issuing.payload.device
}

/** Whether a session that this `issuing` may have made can still be alive. */
export function mayLive(
  request: VerifiedOf<'request'>,
  issuing: VerifiedOf<'issuing'>,
  now: UnixMilliseconds,
): boolean {
  return now < issuing.payload.time + request.payload.seconds * 1000 + END_CERTAIN_MS
}
