import type { Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import type { Attempt, CaseState, Finding, Grant } from './types.ts'
import { REQUEST_VALID_MS } from './types.ts'

interface Context {
  readonly org: Organization
  readonly request: VerifiedOf<'request'>
  readonly about: readonly VerifiedStatement[]
  readonly attempts: readonly Attempt[]
  readonly grant: Grant | null
  readonly surplus: readonly Grant[]
  readonly state: CaseState
  readonly missing: readonly Digest[]
}

const OVER: readonly CaseState[] = ['impossible', 'blocked', 'withdrawn', 'expired']

/** What people should look at in a case, though it stops nothing. */
export function findingsOf(context: Context): Finding[] {
  const { surplus, missing, attempts, about, grant, state } = context
  const inBasis = new Set(grant?.statement.payload.basis.releases)
  const stray = about.filter(
    (one) => one.kind === 'release' && !inBasis.has(one.id) && (grant !== null || OVER.includes(state)),
  )
  const unsure = attempts.filter(
    ({ issuing, failed, ready }) =>
      issuing !== null &&
      issuing.id !== grant?.statement.payload.basis.issuing &&
      (failed?.payload.mayExist ?? true) &&
      ready.id !== grant?.statement.payload.basis.ready,
  )
  return [
    ...surplus.map(({ id }): Finding => ({ code: 'surplus-grant', id })),
    ...missing.map((id): Finding => ({ code: 'basis-incomplete', id })),
    ...unsure.map(({ issuing }): Finding => ({ code: 'session-may-exist', id: (issuing as VerifiedOf<'issuing'>).id })),
    ...stray.map(({ id }): Finding => ({ code: 'released-without-grant', id })),
    ...otherOpenRequests(context),
    ...verdictFindings(context),
  ]
}

function otherOpenRequests({ org, request }: Context): Finding[] {
  return org.collection
    .of('request')
    .filter(
      (other) =>
        other.id !== request.id &&
        other.payload.plan === request.payload.plan &&
        Math.abs(other.payload.time - request.payload.time) < REQUEST_VALID_MS,
    )
    .map(({ id }) => ({ code: 'second-open-request', id }))
}

function verdictFindings({ about, grant }: Context): Finding[] {
  const decisions = about.filter((one) => one.kind === 'decision')
  const both = decisions.filter(
    (one) =>
      one.payload.verdict === 'approve' &&
      decisions.some((other) => other.payload.member === one.payload.member && other.payload.verdict === 'deny'),
  )
  const denials = decisions.filter(
    (one) =>
      one.payload.verdict === 'deny' &&
      grant !== null &&
      grant.statement.payload.basis.decisions.some((id) =>
        both.some((approval) => approval.id === id && approval.payload.member === one.payload.member),
      ),
  )
  return [
    ...both.map(({ id }): Finding => ({ code: 'two-verdicts', id })),
    ...denials.map(({ id }): Finding => ({ code: 'late-denial', id })),
  ]
}
