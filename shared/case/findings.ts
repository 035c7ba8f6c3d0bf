import type { Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import type { Collection } from '../statements/collection.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import { evidenceFindings } from './evidence.ts'
import { stoodIn } from './issuings.ts'
import { classificationOf, type Doubt, unnamedBy } from './reviews.ts'
import { type Finding, type Grant, grantsIn, REQUEST_VALID_MS, type Review } from './types.ts'

interface Context {
  readonly org: Organization
  readonly request: VerifiedOf<'request'>
  readonly about: readonly VerifiedStatement[]
  readonly plan: Plan | null
  readonly grant: Grant | null
  readonly surplus: readonly Grant[]
  readonly missing: readonly Digest[]
  readonly unsettled: readonly VerifiedOf<'issuing'>[]
  /** See {@link strayReleases}. */
  readonly stray: readonly VerifiedOf<'release'>[]
  /** Those that count. */
  readonly reviews: readonly Review[]
  readonly evidence: readonly VerifiedOf<'evidence'>[]
  /** What reviews have to name, beside the grants. */
  readonly doubts: readonly Doubt[]
}

/** What people should look at in a case, though it stops nothing. */
export function findingsOf(context: Context): Finding[] {
  return [
    ...context.surplus.map(({ id }): Finding => ({ code: 'surplus-grant', id })),
    ...context.missing.map((id): Finding => ({ code: 'basis-incomplete', id })),
    ...context.unsettled.map(({ id }): Finding => ({ code: 'session-may-exist', id })),
    ...context.stray.map(({ id }): Finding => ({ code: 'released-without-grant', id })),
    ...otherOpenRequests(context),
    ...verdictFindings(context),
    ...unwitnessed(context),
    ...evidenceFindings(context.evidence),
    ...afterwards(context),
    ...reviewFindings(context),
  ]
}

// A custodian's app cannot see whether anybody acknowledged `issuing`; that the grant names nobody, everybody can.
function unwitnessed({ grant }: Context): Finding[] {
  const missing = grant !== null && grant.plan.witness === 'required' && grant.statement.payload.witness === null
  return missing ? [{ code: 'no-witness', id: grant.id }] : []
}

/** That somebody had to end a session, and what nobody can end or replace as the plan wants it. */
function afterwards(context: Context): Finding[] {
  const grants = grantsIn(context)
  return [
    ...grants.flatMap(({ revokes }) => revokes.map(({ id }): Finding => ({ code: 'revoked', id }))),
    ...grants.filter(lacksAftercare).map(({ id }): Finding => ({ code: 'aftercare-missing', id })),
  ]
}

/** Whether no account of its device says that all is made which the plan wants. */
function lacksAftercare({ plan, aftercare }: Grant): boolean {
  const wanted = plan.access.aftercare
  if (wanted === undefined) return false
  return !aftercare.some(
    ({ payload: { revoker, rotator, lacks } }) =>
      lacks === '' &&
      (wanted.revoker === undefined || revoker !== null) &&
      (wanted.rotator === undefined || rotator !== null),
  )
}

function reviewFindings({ reviews, doubts, ...context }: Context): Finding[] {
  if (reviews.length === 0) return []
  const shown = classificationOf(reviews)
  const that = (code: ReviewFinding, holds: (one: Review) => boolean): Finding[] =>
    reviews.filter(holds).map(({ id }) => ({ code, id }))
  const grants = grantsIn(context)
  // Once somebody who is still there has reviewed it all, nothing rests on the word of those who left.
  const here = reviews.filter(({ left }) => !left)
  const restsOnThem = unnamedBy(here, { grants, doubts }).length > 0
  return [
    ...that('misuse', ({ statement }) => statement.payload.classification === 'misuse'),
    ...that('suspicious-activity', ({ statement }) => statement.payload.suspicious.answer === 'yes'),
    ...that('reviews-differ', ({ statement }) => statement.payload.classification !== shown),
    ...that('reviewer-left', ({ left }) => left && restsOnThem),
  ]
}

type ReviewFinding = 'misuse' | 'suspicious-activity' | 'reviews-differ' | 'reviewer-left'

/** Statements whose author's keys were once in a roster of ours: nobody is blamed for what someone signed in their name. */
function genuine<K extends 'decision' | 'release'>(
  { about, org }: Pick<Context, 'about' | 'org'>,
  kind: K,
): VerifiedOf<K>[] {
  return about.filter((one): one is VerifiedOf<K> & VerifiedStatement => one.kind === kind && stoodIn(org, one))
}

/**
 * Releases of custodians that no carried grant accounts for, once nobody can issue on them any more.
 *
 * @param context.over - whether nobody can grant the request any more.
 */
export function strayReleases(
  context: Pick<Context, 'about' | 'org' | 'grant' | 'surplus' | 'plan'> & { readonly over: boolean },
): VerifiedOf<'release'>[] {
  const { grant, surplus, over, plan } = context
  if (grant === null && !over) return []
  const carried = new Set([grant, ...surplus].flatMap((one) => one?.statement.payload.basis.releases ?? []))
  return genuine(context, 'release').filter(
    ({ id, payload }) => !carried.has(id) && (plan === null || plan.custodians.includes(payload.member)),
  )
}

function otherOpenRequests({ org, request }: Context): Finding[] {
  if (isWithdrawn(org, request)) return []
  return competitorsOf(org.collection, request)
    .filter((other) => stoodIn(org, other) && !isWithdrawn(org, other))
    .map(({ id }) => ({ code: 'second-open-request', id }))
}

/** Other requests for one plan at one time, by id; see {@link couldCompete}. */
export function competitorsOf(collection: Collection, request: VerifiedOf<'request'>): VerifiedOf<'request'>[] {
  const { plan, time } = request.payload
  return collection
    .requestsNear(plan, time, REQUEST_VALID_MS)
    .filter((other) => other.id !== request.id && couldCompete(request, other))
}

/** Whether two requests are for one plan at one time, so that people may have to choose. */
function couldCompete({ payload: one }: VerifiedOf<'request'>, { payload: other }: VerifiedOf<'request'>): boolean {
  return one.plan === other.plan && Math.abs(one.time - other.time) < REQUEST_VALID_MS
}

/** Whether whoever asked took the request back: then it no longer waits beside another, and nobody has to choose. */
function isWithdrawn(org: Organization, { id, payload }: VerifiedOf<'request'>): boolean {
  return org.collection
    .about(id)
    .some((one) => one.kind === 'withdrawal' && one.payload.member === payload.member && stoodIn(org, one))
}

function verdictFindings(context: Context): Finding[] {
  const decisions = genuine(context, 'decision')
  const denied = new Set(
    decisions.filter(({ payload }) => payload.verdict === 'deny').map(({ payload }) => payload.member),
  )
  const both = decisions.filter(({ payload }) => payload.verdict === 'approve' && denied.has(payload.member))
  // Came too late, or the issuing device left it out: which of them, people can only ask.
  const { grant } = context
  const late = decisions.filter(
    ({ id, payload }) =>
      grant !== null &&
      payload.verdict === 'deny' &&
      grant.plan.custodians.includes(payload.member) &&
      !grant.statement.payload.basis.decisions.includes(id),
  )
  return [
    ...both.map(({ id }): Finding => ({ code: 'two-verdicts', id })),
    ...late.map(({ id }): Finding => ({ code: 'late-denial', id })),
  ]
}
