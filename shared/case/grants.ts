import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Roster } from '../statements/kinds.ts'
import { judgeBasis } from './basis.ts'
import { type CaseRefusalCode, type CaseState, END_CERTAIN_MS, type Grant } from './types.ts'

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
  for (const statement of context.about) {
    if (statement.kind !== 'grant') continue
    const verdict = judgeBasis(context.org, statement)
    if (verdict.verdict === 'carried') grants.push(grantOf(context, statement, verdict))
    else if (verdict.verdict === 'missing') missing.push(statement.id)
    else context.refuse(statement, verdict.code)
  }
  grants.sort((a, b) => a.statement.payload.attempt - b.statement.payload.attempt || (a.id < b.id ? -1 : 1))
  refuseStrays(context, grants, missing)
  return { grants, missing }
}

function grantOf(
  { about, request }: GrantContext,
  statement: VerifiedOf<'grant'>,
  { plan, roster, quorum }: Pick<Grant, 'plan' | 'roster' | 'quorum'>,
): Grant {
  const { id, payload } = statement
  const people = { requester: request.payload.member, issuer: payload.member }
  const handovers = about.filter((one) => one.kind === 'handover' && isHandover(one, statement))
  const ends = about.filter((one) => one.kind === 'ended' && one.payload.grant === id && mayEnd(one, people, roster))
  return {
    id,
    statement,
    plan,
    roster,
    quorum,
    ...people,
    handover: (handovers[0] as VerifiedOf<'handover'> | undefined) ?? null,
    ends: ends as VerifiedOf<'ended'>[],
  }
}

function isHandover({ payload }: VerifiedOf<'handover'>, grant: VerifiedOf<'grant'>): boolean {
  return payload.grant === grant.id && payload.device === grant.payload.device
}

// Whoever had the session or issued it may say that it ended; membership at the time of the grant is enough.
function mayEnd(
  ended: VerifiedOf<'ended'>,
  { requester, issuer }: Pick<Grant, 'requester' | 'issuer'>,
  roster: Roster,
): boolean {
  return [requester, issuer].includes(ended.payload.member) && standsIn(roster, ended)
}

function refuseStrays({ about, refuse }: GrantContext, grants: readonly Grant[], missing: readonly Digest[]): void {
  for (const one of about) {
    if (one.kind !== 'handover' && one.kind !== 'ended') continue
    const grant = grants.find(({ id }) => id === one.payload.grant)
    if (grant !== undefined) {
      if (one.kind === 'handover' && !isHandover(one, grant.statement)) refuse(one, 'not-issuer')
      if (one.kind === 'ended' && !mayEnd(one, grant, grant.roster)) refuse(one, 'not-requester')
    } else if (!missing.includes(one.payload.grant)) refuse(one, 'grant-unknown')
  }
}

/** How far a granted session is, by AWS's clock as the issuing device measured it. */
export function endStateOf({ statement, ends }: Grant, now: UnixMilliseconds): CaseState {
  const { expires, skewMs } = statement.payload
  const awsNow = now + skewMs
  if (ends.some(({ payload }) => payload.confirmation === 'aws-refused') || awsNow >= expires + END_CERTAIN_MS)
    return 'ended'
  return ends.length > 0 || awsNow >= expires ? 'ending' : 'granted'
}
