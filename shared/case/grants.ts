import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import { type AboutGrant, isAboutGrant, saidOfGrant } from './after-grant.ts'
import { judgeBasis } from './basis.ts'
import { groupedBy } from './grouped.ts'
import { type CaseRefusalCode, type CaseState, END_CERTAIN_MS, type Ending, type Grant } from './types.ts'

/** What grants are judged by. */
export interface GrantContext {
  readonly org: Organization
  readonly request: VerifiedOf<'request'>
  readonly about: readonly VerifiedStatement[]
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
  { plan, roster, quorum }: Pick<Grant, 'plan' | 'roster' | 'quorum'>,
): Grant {
  const people = { requester: context.request.payload.member, issuer: statement.payload.member }
  const ground = { statement, plan, roster, ...people }
  return { id: statement.id, ...ground, quorum, ...saidOfGrant(context, ground, said) }
}

function refuseStrays(
  { refuse }: GrantContext,
  said: ReadonlyMap<Digest, readonly AboutGrant[]>,
  known: ReadonlySet<Digest>,
): void {
  for (const [grant, statements] of said)
    if (!known.has(grant)) for (const one of statements) refuse(one, 'grant-unknown')
}

/** How far a granted session is, by AWS's clock as the issuing device measured it. */
export function endStateOf(grant: Grant, now: UnixMilliseconds): CaseState {
  const { expires, skewMs } = grant.statement.payload
  if (isCertainlyOver(grant, now)) return 'ended'
  return grant.ends.length > 0 || isOrdered(grant) || now + skewMs >= expires ? 'ending' : 'granted'
}

/** That somebody wants a session ended before its time, as long as nobody can be sure that it is; null where that is not so. */
export function endingOf(grant: Grant, now: UnixMilliseconds): Ending | null {
  const asked = [...grant.ends.filter(isEarly), ...grant.revokes, ...grant.revocations]
  if (asked.length === 0 || isCertainlyOver(grant, now)) return null
  const { expires, skewMs } = grant.statement.payload
  return {
    grant: grant.id,
    since: asked.reduce((first, { payload }) => Math.min(first, payload.time), Number.POSITIVE_INFINITY),
    dies: expires - skewMs,
    expired: now + skewMs >= expires,
    denied: grant.revocations.length > 0,
  }
}

/** Whether AWS refused a call with it, or it expired long enough ago for every clock. */
export function isCertainlyOver({ statement, ends }: Grant, now: UnixMilliseconds): boolean {
  const { expires, skewMs } = statement.payload
  const refused = ends.some(({ payload }) => payload.confirmation === 'aws-refused')
  return refused || now + skewMs >= expires + END_CERTAIN_MS
}

const isOrdered = ({ revokes, revocations }: Grant) => revokes.length + revocations.length > 0

function isEarly({ payload: { how } }: VerifiedOf<'ended'>): boolean {
  return how === 'done' || how === 'revoked'
}
