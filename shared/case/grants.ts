import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Roster } from '../statements/kinds.ts'
import { judgeBasis } from './basis.ts'
import { groupedBy } from './grouped.ts'
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
  const said = saidOfGrants(context.about)
  for (const statement of context.about) {
    if (statement.kind !== 'grant') continue
    const verdict = judgeBasis(context.org, statement)
    if (verdict.verdict === 'carried')
      grants.push(grantOf(context.request, statement, said.get(statement.id) ?? [], verdict))
    else if (verdict.verdict === 'missing') missing.push(statement.id)
    else context.refuse(statement, verdict.code)
  }
  grants.sort((a, b) => a.statement.payload.attempt - b.statement.payload.attempt || (a.id < b.id ? -1 : 1))
  refuseStrays(context, grants, missing)
  return { grants, missing }
}

type AboutGrant = VerifiedOf<'handover'> | VerifiedOf<'ended'>

/** What is said of each grant, by its id. */
function saidOfGrants(about: readonly VerifiedStatement[]): ReadonlyMap<Digest, readonly AboutGrant[]> {
  return groupedBy(
    about.filter((one): one is AboutGrant & VerifiedStatement => one.kind === 'handover' || one.kind === 'ended'),
    ({ payload }) => payload.grant,
  )
}

function grantOf(
  request: VerifiedOf<'request'>,
  statement: VerifiedOf<'grant'>,
  said: readonly AboutGrant[],
  { plan, roster, quorum }: Pick<Grant, 'plan' | 'roster' | 'quorum'>,
): Grant {
  const { id, payload } = statement
  const people = { requester: request.payload.member, issuer: payload.member }
  const handover = said.find((one) => one.kind === 'handover' && isHandover(one, statement))
  const ends = said.filter((one) => one.kind === 'ended' && mayEnd(one, people, roster))
  return {
    id,
    statement,
    plan,
    roster,
    quorum,
    ...people,
    handover: (handover as VerifiedOf<'handover'> | undefined) ?? null,
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
  const carried = new Map(grants.map((grant) => [grant.id, grant]))
  const open = new Set(missing)
  for (const one of about) {
    if (one.kind !== 'handover' && one.kind !== 'ended') continue
    const grant = carried.get(one.payload.grant)
    if (grant !== undefined) {
      if (one.kind === 'handover' && !isHandover(one, grant.statement)) refuse(one, 'not-issuer')
      if (one.kind === 'ended' && !mayEnd(one, grant, grant.roster)) refuse(one, 'not-requester')
    } else if (!open.has(one.payload.grant)) refuse(one, 'grant-unknown')
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
