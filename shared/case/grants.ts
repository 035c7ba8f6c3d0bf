import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import { judgeBasis } from './basis.ts'
import { type CaseRefusalCode, type CaseState, END_CERTAIN_MS, type Grant } from './types.ts'

/** What grants are judged by. */
export interface GrantContext {
  readonly org: Organization
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
    if (verdict.verdict === 'carried') grants.push(grantOf(context, statement, verdict.plan, verdict.requester))
    else if (verdict.verdict === 'missing') missing.push(statement.id)
    else context.refuse(statement, verdict.code)
  }
  grants.sort((a, b) => a.statement.payload.attempt - b.statement.payload.attempt || (a.id < b.id ? -1 : 1))
  refuseStrays(context, [...grants.map(({ id }) => id), ...missing])
  return { grants, missing }
}

function grantOf(
  { org, about }: GrantContext,
  statement: VerifiedOf<'grant'>,
  plan: Grant['plan'],
  requester: string,
): Grant {
  const roster = org.history.find(({ id }) => id === statement.payload.basis.roster)?.roster
  const issuer = statement.payload.member
  const handovers = about
    .filter((one) => one.kind === 'handover')
    .filter((one) => one.payload.grant === statement.id && one.payload.device === statement.payload.device)
  // Whoever had the session or issued it may say that it ended; membership at the time of the grant is enough.
  const ends = about
    .filter((one) => one.kind === 'ended')
    .filter((one) => one.payload.grant === statement.id && [requester, issuer].includes(one.payload.member))
    .filter((one) => roster !== undefined && standsIn(roster, one))
  return { id: statement.id, statement, plan, requester, issuer, handover: handovers[0] ?? null, ends }
}

function refuseStrays({ about, refuse }: GrantContext, known: readonly Digest[]): void {
  for (const one of about)
    if ((one.kind === 'handover' || one.kind === 'ended') && !known.includes(one.payload.grant))
      refuse(one, 'grant-unknown')
}

/** How far a granted session is, by AWS's clock as the issuing device measured it. */
export function endStateOf({ statement, ends }: Grant, now: UnixMilliseconds): CaseState {
  const { expires, skewMs } = statement.payload
  const awsNow = now + skewMs
  if (ends.some(({ payload }) => payload.confirmation === 'aws-refused') || awsNow >= expires + END_CERTAIN_MS)
    return 'ended'
  return ends.length > 0 || awsNow >= expires ? 'ending' : 'granted'
}
