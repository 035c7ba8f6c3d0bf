import type { UnixMilliseconds } from '../bytes.ts'
import { isDealtFor } from '../org/generations.ts'
import type { Organization, RosterVersion } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { problemsOf } from '../org/plans.ts'
import { judgeQuorum, type Quorum } from '../org/quorum.ts'
import { adminConsent } from '../org/roster-rules.ts'
import { naming, standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Kind, Plan, Roster } from '../statements/kinds.ts'
import { mayAsk } from './ask.ts'
import { type CaseRefusalCode, CHAINED_SECONDS, REQUEST_VALID_MS } from './types.ts'

/** What a grant's own basis says of it: carried, refused with a code, or not to be told while a statement is missing. */
export type BasisVerdict =
  | {
      readonly verdict: 'carried'
      readonly plan: Plan
      readonly roster: Roster
      readonly quorum: Quorum
      readonly soonest: UnixMilliseconds
    }
  | { readonly verdict: 'missing' }
  | { readonly verdict: 'refused'; readonly code: CaseRefusalCode }

type Basis = {
  [K in 'request' | 'plan' | 'deposit' | 'ready' | 'issuing']: VerifiedOf<K>
} & { readonly decisions: readonly VerifiedOf<'decision'>[]; readonly releases: readonly VerifiedOf<'release'>[] }

/**
 * Judges a grant on its basis alone, so that nothing that comes later undoes it: not a removal, not a new plan, not a
 * late denial. Only the statements the basis names are looked at, under the roster it names.
 */
export function judgeBasis(org: Organization, grant: VerifiedOf<'grant'>): BasisVerdict {
  const roster = org.history.find(({ id }) => id === grant.payload.basis.roster)
  const basis = gather(org, grant)
  if (basis === null) return { verdict: 'missing' }
  if (roster === undefined || !isNewest(org, roster, [...statementsOf(basis), grant]))
    return { verdict: 'refused', code: 'basis-roster' }
  const quorum = quorumOf(roster.roster, basis)
  const code = firstBroken(org, roster, basis, quorum, grant)
  return code === null
    ? { verdict: 'carried', plan: basis.plan.payload, roster: roster.roster, quorum, soonest: soonestEnd(basis) }
    : { verdict: 'refused', code }
}

/**
 * When the session ends at the soonest: AWS gives it for as long as was asked for, and not before the last share was released. One of
 * these is an honest custodian's, so that the issuing device, which may lie about all that it says itself, makes it no earlier.
 * Nobody's date makes it later than that of a session begun as the request expired, since no app releases after that.
 */
function soonestEnd({ plan, request, issuing, releases }: Basis): UnixMilliseconds {
  const { seconds, time } = request.payload
  const isChained = plan.payload.access.chain !== undefined
  const begun = Math.max(...[issuing, ...releases].map(({ payload }) => payload.time))
  return Math.min(begun, time + REQUEST_VALID_MS) + (isChained ? Math.min(CHAINED_SECONDS, seconds) : seconds) * 1000
}

function gather({ collection }: Organization, grant: VerifiedOf<'grant'>): Basis | null {
  const { basis } = grant.payload
  const one = <K extends Kind>(kind: K, id: string) => collection.get(kind, id)
  const [request, plan, deposit, ready, issuing] = [
    one('request', basis.request),
    one('plan', basis.plan),
    one('deposit', basis.deposit),
    one('ready', basis.ready),
    one('issuing', basis.issuing),
  ]
  const decisions = basis.decisions.map((id) => one('decision', id)).filter((found) => found !== undefined)
  const releases = basis.releases.map((id) => one('release', id)).filter((found) => found !== undefined)
  if (!request || !plan || !deposit || !ready || !issuing) return null
  if (decisions.length !== basis.decisions.length || releases.length !== basis.releases.length) return null
  return { request, plan, deposit, ready, issuing, decisions, releases }
}

function statementsOf({ request, plan, deposit, ready, issuing, decisions, releases }: Basis): VerifiedStatement[] {
  return [request, plan, deposit, ready, issuing, ...decisions, ...releases]
}

/** `basis.roster` is the newest roster that any of these statements names, and all they name are on the pinned chain. */
function isNewest({ history }: Organization, roster: RosterVersion, statements: readonly VerifiedStatement[]): boolean {
  const positions = statements.map((statement) => history.findIndex(({ id }) => id === naming(statement).roster))
  return positions.every((at) => at >= 0) && Math.max(...positions) === history.indexOf(roster)
}

function quorumOf(roster: Roster, { plan, request, decisions }: Basis): Quorum {
  const of = (verdict: 'approve' | 'deny') =>
    new Set(
      decisions
        .filter((one) => one.payload.verdict === verdict && standsIn(roster, one))
        .map(({ payload }) => payload.member),
    )
  return judgeQuorum(plan.payload, roster, request.payload.member, of('approve'), of('deny'))
}

function firstBroken(
  org: Organization,
  { roster }: RosterVersion,
  basis: Basis,
  quorum: Quorum,
  grant: VerifiedOf<'grant'>,
): CaseRefusalCode | null {
  const { request, plan, deposit, ready, issuing, decisions, releases } = basis
  const { member: issuer, device, attempt } = ready.payload
  const stands = (statement: VerifiedStatement) => standsIn(roster, statement)
  const sameCase = [ready, issuing, grant, ...decisions, ...releases].every((one) => one.payload.request === request.id)
  if (!sameCase || request.payload.plan !== plan.id || mayAsk(plan.payload, roster, request) !== null)
    return 'basis-request'
  if (!isPlan(org, roster, plan) || !isDealt(org, deposit, plan.payload)) return 'basis-plan'
  if (!quorum.met) return 'basis-quorum'
  const mayIssue = issuersFor(plan.payload, request.payload.member).includes(issuer) && stands(ready)
  if (!mayIssue || ready.payload.deposit !== deposit.id || attempt !== grant.payload.attempt) return 'basis-ready'
  const good = releases.filter((one) => isRelease(one, basis, quorum.approved) && stands(one))
  const releasers = new Set(good.map(({ payload }) => payload.member))
  if (releasers.size !== releases.length || releasers.size < plan.payload.quorum.count) return 'basis-releases'
  const sameDevice = [issuing, grant].every((one) => one.payload.device === device && stands(one))
  const sameAttempt = issuing.payload.ready === ready.id && issuing.payload.attempt === attempt
  return sameDevice && sameAttempt ? null : 'basis-issuing'
}

/** Whether a plan was in effect under a roster: its admins endorsed it, and nothing in it is wrong there. */
export function isPlan({ collection }: Organization, roster: Roster, { id, payload }: VerifiedOf<'plan'>): boolean {
  return adminConsent(roster, collection.endorsementsOf(id)).met && problemsOf(payload, roster).length === 0
}

function isDealt({ generations }: Organization, { id }: VerifiedOf<'deposit'>, plan: Plan): boolean {
  const generation = generations.find((one) => one.id === id)
  return generation !== undefined && isDealtFor(generation, plan)
}

function isRelease(
  release: VerifiedOf<'release'>,
  { ready, deposit, plan }: Basis,
  approved: readonly string[],
): boolean {
  const { payload } = release
  return (
    payload.ready === ready.id &&
    payload.deposit === deposit.id &&
    payload.index === plan.payload.custodians.indexOf(payload.member) + 1 &&
    approved.includes(payload.member)
  )
}
