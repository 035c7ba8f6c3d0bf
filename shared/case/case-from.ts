import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { judgeQuorum, type Quorum } from '../org/quorum.ts'
import { collect } from '../statements/collection.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import { mayAsk } from './ask.ts'
import { attemptsOf } from './attempts.ts'
import { findingsOf } from './findings.ts'
import { endStateOf, grantsOf } from './grants.ts'
import { obligationsOf } from './obligations.ts'
import {
  type Attempt,
  type Case,
  type CaseRefusal,
  type CaseRefusalCode,
  type CaseState,
  CLOCK_TOLERANCE_MS,
  END_CERTAIN_MS,
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
  const about = collect(statements).about(id)
  const request = about.find((one): one is VerifiedOf<'request'> => one.kind === 'request')
  if (request === undefined) return null
  const refusals = new Map<Digest, CaseRefusal>()
  const refuse = (statement: VerifiedStatement, code: CaseRefusalCode) => {
    refusals.set(statement.id, { id: statement.id, kind: statement.kind, member: statement.payload.member, code })
  }
  const judged = judge({ org, request, about, now, heard, refuse })
  const timeline = [...about].sort((a, b) => a.payload.time - b.payload.time || (a.id < b.id ? -1 : 1))
  return {
    id,
    request,
    expires: request.payload.time + REQUEST_VALID_MS,
    ...judged,
    refused: [...refusals.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    timeline,
  }
}

/** Every case among an organization's statements, newest request first (by its claimed time, then id). */
export function casesFrom(org: Organization, now: UnixMilliseconds, heard: Heard = () => undefined): Case[] {
  const { collection } = org
  const cases = collection.of('request').map(({ id }) => caseFrom(org, id, collection.about(id), now, heard))
  return cases
    .filter((one) => one !== null)
    .sort((a, b) => b.request.payload.time - a.request.payload.time || (a.id < b.id ? -1 : 1))
}

interface Context {
  readonly org: Organization
  readonly request: VerifiedOf<'request'>
  readonly about: readonly VerifiedStatement[]
  readonly now: UnixMilliseconds
  readonly heard: Heard
  readonly refuse: (statement: VerifiedStatement, code: CaseRefusalCode) => void
}

type Judged = Omit<Case, 'id' | 'request' | 'expires' | 'refused' | 'timeline'>

function judge(context: Context): Judged {
  const { grants, missing } = grantsOf(context)
  const [grant, ...surplus] = grants
  // A granted case is judged on its basis alone: what the head says about membership and plan no longer matters.
  const version = context.org.plans.find(({ id }) => id === context.request.payload.plan)
  const plan = grant?.plan ?? version?.plan ?? null
  const decisions = decisionsOf(context, plan)
  const quorum = grant
    ? quorumOfGrant(context, grant)
    : plan &&
      judgeQuorum(plan, context.org.head.roster, context.request.payload.member, decisions.approvals, decisions.denials)
  const attempts = plan === null ? [] : attemptsOf({ ...context, plan, statements: context.about })
  const problem = grant
    ? null
    : problemOf(context, version?.state === 'effective' ? version.plan : null, version !== undefined)
  const attempt = attempts[0]?.open ? attempts[0] : null
  const base = { plan, quorum, attempts, attempt, grant: grant ?? null, surplus, problem }
  const state = grant ? endStateOf(grant, context.now) : openStateOf(context, problem, quorum, attempts)
  const findings = findingsOf({ ...context, ...base, state, missing })
  return { ...base, state, findings, obligations: obligationsOf(context.request, base.grant, findings, plan) }
}

/** Who approved is what the basis says; a denial that is not in it is shown, but undoes nothing. */
function quorumOfGrant({ org, about }: Context, { statement, plan, requester }: Grant): Quorum {
  const { basis } = statement.payload
  const roster = org.history.find(({ id }) => id === basis.roster)?.roster ?? org.head.roster
  const decisions = about.filter((one) => one.kind === 'decision')
  const approvals = new Set(
    decisions
      .filter(({ id, payload }) => basis.decisions.includes(id) && payload.verdict === 'approve')
      .map(({ payload }) => payload.member),
  )
  const denials = decisions
    .filter((one) => one.payload.verdict === 'deny' && standsIn(roster, one))
    .map(({ payload }) => payload.member)
  return judgeQuorum(plan, roster, requester, approvals, new Set(denials.filter((member) => !approvals.has(member))))
}

function problemOf({ org, request, now }: Context, plan: Plan | null, known: boolean): RequestProblem | null {
  if (!org.supported) return 'protocol-unsupported'
  if (!known) return 'plan-unknown'
  if (plan === null) return 'plan-not-effective'
  return (
    mayAsk(plan, org.head.roster, request) ?? (request.payload.time > now + CLOCK_TOLERANCE_MS ? 'clock-ahead' : null)
  )
}

const OVER: readonly CaseState[] = ['impossible', 'withdrawn', 'expired', 'blocked']

function openStateOf(
  context: Context,
  problem: RequestProblem | null,
  quorum: Quorum | null,
  attempts: readonly Attempt[],
): CaseState {
  const state = askedStateOf(context, problem, quorum)
  const unsettled = attempts.filter((attempt) => maySessionLive(context, attempt))
  // While the newest attempt runs, or once nobody can try again, "a session may exist" is what people must read first.
  const runs = unsettled.some((attempt) => attempt === attempts[0] && attempt.open)
  return runs || (unsettled.length > 0 && OVER.includes(state)) ? 'issuing' : state
}

function maySessionLive({ request, now }: Context, { issuing, failed }: Attempt): boolean {
  if (issuing === null || (failed !== null && !failed.payload.mayExist)) return false
  return now < issuing.payload.time + request.payload.seconds * 1000 + END_CERTAIN_MS
}

function askedStateOf(
  { about, org, request, now }: Context,
  problem: RequestProblem | null,
  quorum: Quorum | null,
): CaseState {
  if (problem !== null || quorum === null) return 'impossible'
  const withdrawn = about.some(
    (one) =>
      one.kind === 'withdrawal' && one.payload.member === request.payload.member && standsIn(org.head.roster, one),
  )
  if (withdrawn) return 'withdrawn'
  if (now >= request.payload.time + REQUEST_VALID_MS) return 'expired'
  if (quorum.blocked) return 'blocked'
  return quorum.met ? 'approved' : 'asked'
}

function decisionsOf({ org, request, about, refuse }: Context, plan: Plan | null) {
  const approvals = new Set<string>()
  const denials = new Set<string>()
  for (const one of about) {
    if (one.kind === 'withdrawal' && one.payload.member !== request.payload.member) refuse(one, 'not-requester')
    if (one.kind !== 'decision') continue
    const code = whyNot(one)
    if (code !== null) refuse(one, code)
    else (one.payload.verdict === 'approve' ? approvals : denials).add(one.payload.member)
  }
  return { approvals, denials }

  function whyNot(decision: VerifiedOf<'decision'>): CaseRefusalCode | null {
    if (decision.payload.member === request.payload.member) return 'own-request'
    if (plan !== null && !plan.custodians.includes(decision.payload.member)) return 'not-custodian'
    return standsIn(org.head.roster, decision) ? null : 'not-active'
  }
}
