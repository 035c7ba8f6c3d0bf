import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import type { PlanVersion } from '../org/plans.ts'
import { judgeQuorum, type Quorum } from '../org/quorum.ts'
import { collect } from '../statements/collection.ts'
import { naming, standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import { mayAsk } from './ask.ts'
import { attemptsOf } from './attempts.ts'
import { differingIn, evidenceOf } from './evidence.ts'
import { findingsOf, strayReleases } from './findings.ts'
import { endingOf, endStateOf, grantsOf } from './grants.ts'
import { mayLive, unsettledIssuings } from './issuings.ts'
import { hasCome, type Now } from './moment.ts'
import { obligationsOf } from './obligations.ts'
import { isOnChain } from './on-chain.ts'
import { classificationOf, reviewsOf } from './reviews.ts'
import {
  type Attempt,
  type Case,
  type CaseRefusal,
  type CaseRefusalCode,
  type CaseState,
  CLOCK_TOLERANCE_MS,
  type Grant,
  type Heard,
  REQUEST_VALID_MS,
  type RequestProblem,
} from './types.ts'

/**
 * What the statements about one request add up to at `now`, as this app sees its organization. Any order and any
 * repetition gives the same case; a statement that breaks a rule becomes a refusal, never an exception.
 *
 * @param statements - whatever there is; those of other cases are passed over.
 * @param now - this app's own clock.
 * @param heard - when this app first had a statement, by its own clock; needed only to tell silence of an issuing device.
 * @returns null if the request itself is not among the statements.
 */
export function caseFrom(
  org: Organization,
  id: Digest,
  statements: Iterable<VerifiedStatement>,
  now: UnixMilliseconds,
  heard: Heard = () => undefined,
): Case | null {
  return caseAbout(org, id, collect(statements).about(id), now, heard)
}

/**
 * As {@link caseFrom}, of what a collection has about this request.
 *
 * @param now - a `Moment` where it matters how long the case stays as it is.
 */
export function caseAbout(
  org: Organization,
  id: Digest,
  about: readonly VerifiedStatement[],
  now: Now,
  heard: Heard,
): Case | null {
  const request = about.find((one): one is VerifiedOf<'request'> => one.kind === 'request')
  if (request === undefined) return null
  const refusals = new Map<Digest, CaseRefusal>()
  const refuse = (statement: VerifiedStatement, code: CaseRefusalCode) => {
    refusals.set(statement.id, { id: statement.id, kind: statement.kind, member: statement.payload.member, code })
  }
  const judged = judge({ org, request, about, now, heard, refuse })
  const timeline = about.toSorted(asSaid)
  return {
    id,
    request,
    expires: request.payload.time + REQUEST_VALID_MS,
    refused: [...refusals.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    timeline,
    ...judged,
  }
}

/** By the time that each claims; what one device says in the same moment stands in the order of its chain. */
function asSaid(a: VerifiedStatement, b: VerifiedStatement): number {
  const { payload: one } = a
  const { payload: other } = b
  if (one.time !== other.time) return one.time - other.time
  if (one.device !== other.device) return one.device < other.device ? -1 : 1
  return one.sequence - other.sequence || (a.id < b.id ? -1 : 1)
}

/** Every case among an organization's statements, newest request first (by its claimed time, then id). */
export function casesFrom(org: Organization, now: UnixMilliseconds, heard: Heard = () => undefined): Case[] {
  const { collection } = org
  const cases = collection.of('request').map(({ id }) => caseAbout(org, id, collection.about(id), now, heard))
  return cases.filter((one) => one !== null).sort(newestFirst)
}

/** The order in which cases are shown. */
export function newestFirst(a: Case, b: Case): number {
  return b.request.payload.time - a.request.payload.time || (a.id < b.id ? -1 : Number(a.id !== b.id))
}

interface Context {
  readonly org: Organization
  readonly request: VerifiedOf<'request'>
  readonly about: readonly VerifiedStatement[]
  readonly now: Now
  readonly heard: Heard
  readonly refuse: (statement: VerifiedStatement, code: CaseRefusalCode) => void
}

type Judged = Omit<Case, 'id' | 'request' | 'expires' | 'refused' | 'timeline'>

// What is spread into an object stands last in it, here and wherever cases are judged by the thousand: what follows a spread takes V8
// some microseconds, and leaves a description of its own behind for each object that is made (Node 20).
function judge(context: Context): Judged {
  const { grants, missing } = grantsOf(context)
  const grant = grants[0] ?? null
  const version = context.org.plans.find(({ id }) => id === context.request.payload.plan)
  const plan = grant?.plan ?? version?.plan ?? null
  const problem = grant ? null : problemOf(context, version)
  // A granted case is judged on its basis alone: what the head says about membership and plan no longer matters.
  const roster = grant?.roster ?? context.org.head.roster
  const judging: Judging = { roster, settled: settledBy(grant), ...context }
  const quorum = quorumOf(judging, plan, grant)
  const attempts = plan && quorum ? attemptsOf({ plan, approved: quorum.approved, ...judging }) : []
  const unsettled = unsettledIssuings(context, plan, grants)
  const asked = askedStateOf(context, problem, plan, quorum)
  const state = grant ? endStateOf(grants) : openStateOf(context, asked, attempts[0], unsettled)
  const surplus = grants.slice(1)
  const reviews = reviewsOf({ grants, missing, ...context })
  const { evidence, recordings } = evidenceOf({ grants, ...context })
  const doubts = [...unsettled.filter((one) => !mayLive(context, one)), ...differingIn(evidence)]
  const stray = strayReleases({ plan, over: OVER.includes(asked), grant, surplus, ...context })
  return {
    plan,
    quorum,
    attempts,
    attempt: attempts[0]?.open ? attempts[0] : null,
    grant,
    surplus,
    endings: grants.map((one) => endingOf(context.org, one, context.now)).filter((one) => one !== null),
    problem,
    answerable: grant === null && (asked === 'asked' || asked === 'approved'),
    state,
    reviews,
    evidence,
    recordings,
    classification: classificationOf(reviews),
    findings: findingsOf({ plan, grant, surplus, missing, unsettled, stray, reviews, evidence, doubts, ...context }),
    obligations: obligationsOf({ plan, grants, stray, reviews, doubts, ...context }),
  }
}

function settledBy(grant: Grant | null): ReadonlySet<Digest> {
  if (grant === null) return new Set()
  const { decisions, releases, ready } = grant.statement.payload.basis
  return new Set([...decisions, ...releases, ready])
}

interface Judging extends Context {
  readonly roster: Roster
  readonly settled: ReadonlySet<Digest>
}

/** Who approved. Once granted, whether the rule is met is what the basis says; later decisions are only shown. */
function quorumOf(context: Judging, plan: Plan | null, grant: Grant | null): Quorum | null {
  const { approvals, denials } = decisionsOf(context, plan)
  if (plan === null) return null
  const now = judgeQuorum(plan, context.roster, context.request.payload.member, approvals, denials)
  if (grant === null) return now
  const approved = plan.custodians.filter((one) => grant.quorum.approved.includes(one) || now.approved.includes(one))
  return { ...grant.quorum, approved, denied: now.denied.filter((member) => !approved.includes(member)) }
}

function problemOf({ org, request, now }: Context, version: PlanVersion | undefined): RequestProblem | null {
  if (!org.supported) return 'protocol-unsupported'
  if (version === undefined) return 'plan-unknown'
  if (version.state !== 'effective') return 'plan-not-effective'
  const problem = isOnChain(org, request) ? mayAsk(version.plan, org.head.roster, request) : 'requester-not-active'
  return problem ?? (hasCome(now, request.payload.time - CLOCK_TOLERANCE_MS) ? null : 'clock-ahead')
}

const OVER: readonly CaseState[] = ['impossible', 'withdrawn', 'expired', 'blocked']

function openStateOf(
  context: Context,
  asked: CaseState,
  newest: Attempt | undefined,
  unsettled: readonly VerifiedOf<'issuing'>[],
): CaseState {
  const living = unsettled.filter((issuing) => mayLive(context, issuing))
  // While the newest attempt runs, or once nobody can try again, "a session may exist" is what people must read first.
  const runs = newest?.open === true && living.some(({ payload }) => payload.ready === newest.ready.id)
  return runs || (living.length > 0 && OVER.includes(asked)) ? 'issuing' : asked
}

/** What may be wrong with a request that was sound when it was made. */
const CAME_LATER: readonly RequestProblem[] = ['plan-not-effective', 'requester-not-active', 'not-allowed-to-ask']

/** Whether whoever asked might do so by the head, or might by the list of people that the request names, if that is of the history. */
function mightAsk({ head, history }: Organization, plan: Plan, request: VerifiedOf<'request'>): boolean {
  const named = history.find(({ id }) => id === naming(request).roster)
  return named !== undefined && [head, named].some(({ roster }) => mayAsk(plan, roster, request) === null)
}

function askedStateOf(
  { about, org, request, now }: Context,
  problem: RequestProblem | null,
  plan: Plan | null,
  quorum: Quorum | null,
): CaseState {
  if (plan === null || quorum === null) return 'impossible'
  // Plans and people change long after many a request was over: what became of those must not change with them.
  const outlived = problem !== null && CAME_LATER.includes(problem) && mightAsk(org, plan, request)
  if (problem !== null && !outlived) return 'impossible'
  const withdrawn = about.some(
    (one) =>
      one.kind === 'withdrawal' && one.payload.member === request.payload.member && standsIn(org.head.roster, one),
  )
  if (withdrawn) return 'withdrawn'
  if (hasCome(now, request.payload.time + REQUEST_VALID_MS)) return 'expired'
  if (outlived) return 'impossible'
  if (quorum.blocked) return 'blocked'
  return quorum.met ? 'approved' : 'asked'
}

function decisionsOf({ org, request, about, refuse, roster, settled }: Judging, plan: Plan | null) {
  const approvals = new Set<string>()
  const denials = new Set<string>()
  for (const one of about) {
    if (one.kind !== 'decision' && one.kind !== 'withdrawal') continue
    const code = settled.has(one.id) ? null : whyNot(one)
    if (code !== null) refuse(one, code)
    else if (one.kind === 'decision') (one.payload.verdict === 'approve' ? approvals : denials).add(one.payload.member)
  }
  return { approvals, denials }

  function whyNot(one: VerifiedOf<'decision'> | VerifiedOf<'withdrawal'>): CaseRefusalCode | null {
    const own = one.payload.member === request.payload.member
    if (one.kind === 'withdrawal' && !own) return 'not-requester'
    if (one.kind === 'decision' && own) return 'own-request'
    if (one.kind === 'decision' && plan !== null && !plan.custodians.includes(one.payload.member))
      return 'not-custodian'
    // A denial gives nobody anything: it counts whatever it names.
    const mayGive = one.kind === 'decision' && one.payload.verdict === 'approve'
    return standsIn(roster, one) && (!mayGive || isOnChain(org, one)) ? null : 'not-active'
  }
}
