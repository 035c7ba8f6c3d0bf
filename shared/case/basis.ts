import { fits } from '../org/generations.ts'
import type { Organization, RosterVersion } from '../org/org-from.ts'
import { issuersFor, planProblems } from '../org/plan-rules.ts'
import { judgeQuorum } from '../org/quorum.ts'
import { adminConsent } from '../org/roster-rules.ts'
import { memberOf, naming, standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Kind, Plan } from '../statements/kinds.ts'
import { mayAsk } from './ask.ts'
import type { CaseRefusalCode } from './types.ts'

/** What a grant's own basis says of it: carried, refused with a code, or not to be told while a statement is missing. */
export type BasisVerdict =
  | { readonly verdict: 'carried'; readonly plan: Plan; readonly requester: string }
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
  const code = firstBroken(org, roster, basis, grant)
  return code === null
    ? { verdict: 'carried', plan: basis.plan.payload, requester: basis.request.payload.member }
    : { verdict: 'refused', code }
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

function firstBroken(
  org: Organization,
  { roster }: RosterVersion,
  basis: Basis,
  grant: VerifiedOf<'grant'>,
): CaseRefusalCode | null {
  const { request, plan, deposit, ready, issuing, decisions, releases } = basis
  const requester = request.payload.member
  const same = [ready, issuing, grant, ...decisions, ...releases].every(({ payload }) => payload.request === request.id)
  if (!same || request.payload.plan !== plan.id || mayAsk(plan.payload, roster, request) !== null)
    return 'basis-request'
  if (
    !adminConsent(roster, org.collection.endorsementsOf(plan.id)).met ||
    planProblems(plan.payload, roster).length > 0
  )
    return 'basis-plan'
  const generation = org.generations.find(({ id }) => id === deposit.id)
  if (generation === undefined || !fits(generation, plan.payload)) return 'basis-plan'
  const approvals = new Set(
    decisions
      .filter((one) => one.payload.verdict === 'approve' && standsIn(roster, one))
      .map(({ payload }) => payload.member),
  )
  const denials = new Set(
    decisions
      .filter((one) => one.payload.verdict === 'deny' && standsIn(roster, one))
      .map(({ payload }) => payload.member),
  )
  const quorum = judgeQuorum(plan.payload, roster, requester, approvals, denials)
  if (!quorum.met) return 'basis-quorum'
  const issuer = ready.payload.member
  const mayIssue =
    issuersFor(plan.payload, requester).includes(issuer) &&
    standsIn(roster, ready) &&
    ready.payload.deposit === deposit.id
  if (!mayIssue || ready.payload.attempt !== grant.payload.attempt) return 'basis-ready'
  const releasers = new Set(
    releases
      .filter((one) => releases.length <= 15 && isRelease(one, basis, quorum.approved) && standsIn(roster, one))
      .map(({ payload }) => payload.member),
  )
  if (releasers.size !== releases.length || releasers.size < plan.payload.quorum.count) return 'basis-releases'
  const sameDevice = [issuing, grant].every(
    (one) => one.payload.member === issuer && one.payload.device === ready.payload.device && standsIn(roster, one),
  )
  if (!sameDevice || issuing.payload.ready !== ready.id || memberOf(roster, issuer) === undefined)
    return 'basis-issuing'
  return null
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
