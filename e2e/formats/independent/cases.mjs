import { ordersOf } from './aftercare.mjs'
import { openingOf } from './drills.mjs'
import { maySessionLive, owedBy } from './obligations.mjs'
import { standsIn } from './organization.mjs'
import { depositHasProblem, fits, hasProblem, mayIssue, quorumOf } from './plans.mjs'

// rules.md §5 to §9, as far as approvers, deniers, grants, the end and what is owed need it. Not here: attempts, releases
// before a grant, and findings.

const MINUTE = 60_000

/** @returns for every case `{facts, incomplete, opening}`; `incomplete` are the grants that stand on what is not here. */
export function casesFrom(statements, { history, head }, planState, generations, now) {
  const org = { history, head, planState, generations }
  return statements.ofKind('request').map((request) => caseFrom(statements, org, request, now))
}

function caseFrom(statements, org, request, now) {
  const about = (kind) => statements.ofKind(kind).filter(({ payload }) => payload.request === request.id)
  const judged = about('grant').map((grant) => ({ grant, code: judgeGrant(statements, org.history, request, grant) }))
  const carried = judged
    .filter(({ code }) => code === undefined)
    .sort(({ grant: a }, { grant: b }) => a.payload.attempt - b.payload.attempt || (a.id < b.id ? -1 : 1))
    .map((one) => one.grant)
  const [grant] = carried
  const roster = grant === undefined ? org.head : org.history.find(({ id }) => id === grant.payload.basis.roster)
  const plan = statements.get(request.payload.plan, 'plan')
  const { approvals, denials } = decisionsOf(about('decision'), request, plan?.payload, roster.payload, org.history)
  const withdrawn = about('withdrawal').some(
    (one) => one.payload.member === request.payload.member && standsIn(one, roster.payload),
  )
  const quorum = plan && quorumOf(plan.payload, roster.payload, request.payload.member, approvals, denials)
  const facts = {
    request: request.id,
    approvers: grant === undefined ? (quorum?.approved ?? []) : approvedIn(statements, org.history, request, grant),
    // verify.md §5: all that are not refused.
    deniers: [...denials],
  }
  const incomplete = judged.filter(({ code }) => code === 'basis-incomplete').map((one) => one.grant)
  if (grant === undefined) {
    const state = stateWithoutGrant(org, request, plan, { quorum, withdrawn, now })
    const isOver = ['impossible', 'withdrawn', 'expired', 'blocked'].includes(state)
    const owed = owedBy({ request, plan, grants: [], isOver, now }, statements, org.history, org.generations)
    const mayLive = isOver && plan && maySessionLive({ request, plan, grants: [], now }, statements, org.history)
    return {
      facts: { ...facts, state: mayLive ? 'issuing' : state, grant: null, end: null, owed },
      incomplete,
      opening: null,
    }
  }
  const endsBy = (one) => {
    const there = org.history.find(({ id }) => id === one.payload.basis.roster)
    return endsOf(about('ended'), request, one, there.payload)
  }
  const orders = (one) => ordersOf(statements, org.history, one, plan.payload)
  const termOf = (one) => sessionTerm(request, one, readBasis(statements, one.payload.basis))
  const states = carried.map((one) => sessionState(request, termOf(one), endsBy(one), orders(one), now))
  const owed = owedBy(
    { request, plan, grants: carried, incomplete, isOver: true, now },
    statements,
    org.history,
    org.generations,
  )
  const opening = openingOf(statements, request, grant)
  const term = termOf(grant)
  const end = measuredEnd(request, { grant, ...term }, endsBy(grant), { ...orders(grant), state: states[0] }, now)
  const { accessKeyId, expires } = grant.payload
  const issued = { id: grant.id, accessKeyId, expires }
  return { facts: { ...facts, state: leastFar(states), grant: issued, end, owed }, incomplete, opening }
}

/** rules.md §6: what gives access names a roster of the history. */
const isOnChain = ({ payload }, history) => history.some(({ id }) => id === payload.roster)

/** verify.md §5: whose approvals a grant stands on; nothing that came later undoes one. */
function approvedIn(statements, history, request, grant) {
  const { roster, plan, decisions } = readBasis(statements, grant.payload.basis)
  const { approvals, denials } = decisionsOf(decisions, request, plan.payload, roster.payload, history)
  return quorumOf(plan.payload, roster.payload, request.payload.member, approvals, denials).approved
}

function decisionsOf(decisions, request, plan, roster, history) {
  const counts = (one) =>
    (one.payload.verdict === 'deny' || isOnChain(one, history)) &&
    one.payload.member !== request.payload.member &&
    (plan === undefined || plan.custodians.includes(one.payload.member)) &&
    standsIn(one, roster)
  const by = (verdict) =>
    new Set(decisions.filter((one) => one.payload.verdict === verdict && counts(one)).map((one) => one.payload.member))
  return { approvals: by('approve'), denials: by('deny') }
}

const endsOf = (those, request, grant, roster) =>
  those.filter(
    (one) =>
      one.payload.grant === grant.id &&
      [request.payload.member, grant.payload.member].includes(one.payload.member) &&
      standsIn(one, roster),
  )

/** A case is over only when none of its sessions may live. */
const leastFar = (states) => ['granted', 'ending', 'ended'].find((state) => states.includes(state))

/** rules.md §8: when a session dies by itself, and what of that its basis bears out. */
function sessionTerm(request, { payload: { expires, skewMs } }, { plan, issuing, releases }) {
  const begun = Math.max(...[issuing, ...releases].map(({ payload }) => payload.time))
  const { time, seconds } = request.payload
  const given = plan.payload.access.chain === undefined ? seconds : Math.min(seconds, 3600)
  const soonest = Math.min(begun, time + 60 * MINUTE) + given * 1000
  return { soonest, dies: Math.max(expires - skewMs, soonest - 5 * MINUTE) }
}

function sessionState(request, { soonest, dies }, ends, { revokes, denies }, now) {
  const refused = ends.filter(({ payload }) => payload.confirmation === 'aws-refused')
  const isRequesters = ({ payload }) => payload.member === request.payload.member
  const isBornOut = refused.some(isRequesters) && !denies.every(isRequesters)
  const isPast = now >= dies && now >= soonest
  const isEnded = isBornOut || (refused.length > 0 && isPast) || now >= dies + 5 * MINUTE
  const isEnding = ends.length + revokes.length > 0 || now >= dies
  return isEnded ? 'ended' : isEnding ? 'ending' : 'granted'
}

/** verify.md §5: how a session's end is measured. */
function measuredEnd(request, { grant, dies }, ends, { revokes, denies, state }, now) {
  if (state === 'granted') return null
  const told = (known, one) => one && { at: one.payload.at, by: one.payload.member, known }
  if (state === 'ending' && ends.length > 0) return told('said', earliestOf(ends))
  if (state === 'ending' && revokes.length > 0 && now < dies) return null
  const isRequesters = ({ payload }) => payload.member === request.payload.member
  const refused = ends.filter(({ payload }) => payload.confirmation === 'aws-refused')
  const pair = [refused.filter(isRequesters), denies.filter((one) => !isRequesters(one))]
  const later = pair.every(({ length }) => length > 0) && pair.map(earliestOf).reduce(laterOf)
  const believed =
    later && later.payload.at < dies
      ? later
      : earliestOf(refused.filter(({ payload: { at } }) => at >= dies && at < dies + 5 * MINUTE))
  return told('refused', believed) ?? { at: dies, by: grant.payload.member, known: 'expired' }
}

const earliestOf = (some) => some.toSorted((a, b) => a.payload.at - b.payload.at || (a.id < b.id ? -1 : 1))[0]
const laterOf = (a, b) => (b.payload.at > a.payload.at ? b : a)

/** rules.md §7 and §8, but for `issuing`, which is told apart only where the state is over otherwise. */
function stateWithoutGrant({ history, head, planState }, request, plan, { quorum, withdrawn, now }) {
  if (head.payload.protocol > 1 || plan === undefined || !isOnChain(request, history)) return 'impossible'
  const named = history.find(({ id }) => id === request.payload.roster)
  const allowing = [head, named].filter(({ payload }) => mightAsk(request, plan.payload, payload))
  if (allowing.length === 0 || request.payload.time > now + 10 * MINUTE) return 'impossible'
  if (withdrawn) return 'withdrawn'
  if (now >= request.payload.time + 60 * MINUTE) return 'expired'
  if (planState.get(plan.id) !== 'effective' || !allowing.includes(head)) return 'impossible'
  return quorum.blocked ? 'blocked' : quorum.met ? 'approved' : 'asked'
}

/** rules.md §7 without plan and clock. */
const mightAsk = (request, plan, roster) =>
  (standsIn(request, roster)?.roles.includes('commander') ?? false) &&
  plan.requesters.includes(request.payload.member) &&
  plan.emergencies.includes(request.payload.emergency) &&
  plan.durations.includes(request.payload.seconds) &&
  (request.payload.purpose !== 'rotation' || plan.access.aftercare?.rotator !== undefined)

/** rules.md §5. @returns why the grant is refused, or undefined. */
function judgeGrant(statements, history, request, grant) {
  const { basis } = grant.payload
  const basisOf = readBasis(statements, basis)
  if (basisOf === null) return 'basis-incomplete'
  const { roster, plan, deposit, ready, issuing, decisions, releases } = basisOf
  const places = [request, plan, deposit, ready, issuing, ...decisions, ...releases, grant].map(({ payload }) =>
    history.findIndex(({ id }) => id === payload.roster),
  )
  if (places.includes(-1) || history[Math.max(...places)].id !== basis.roster) return 'basis-roster'
  const others = [ready, issuing, grant, ...decisions, ...releases].some((one) => one.payload.request !== basis.request)
  if (others || basis.request !== request.id || request.payload.plan !== plan.id) return 'basis-request'
  if (!mightAsk(request, plan.payload, roster.payload)) return 'basis-request'
  const sound = statements.hasAdminQuorum(plan.id, roster.payload) && !hasProblem(plan.payload, roster.payload)
  if (!sound || depositHasProblem(statements, history, deposit) || !fits(deposit, plan)) return 'basis-plan'
  const { approvals, denials } = decisionsOf(decisions, request, plan.payload, roster.payload, history)
  const { met, approved } = quorumOf(plan.payload, roster.payload, request.payload.member, approvals, denials)
  if (!met) return 'basis-quorum'
  return judgeIssue(basisOf, request, grant, approved)
}

function readBasis(statements, basis) {
  const one = (kind) => statements.get(basis[kind], kind)
  const all = {
    roster: one('roster'),
    plan: one('plan'),
    deposit: one('deposit'),
    request: one('request'),
    ready: one('ready'),
    issuing: one('issuing'),
  }
  const decisions = basis.decisions.map((id) => statements.get(id, 'decision'))
  const releases = basis.releases.map((id) => statements.get(id, 'release'))
  const here = [...Object.values(all), ...decisions, ...releases].every((it) => it !== undefined)
  return here ? { ...all, decisions, releases } : null
}

function judgeIssue({ roster, plan, deposit, ready, issuing, releases }, request, grant, approved) {
  const stands = (one) => standsIn(one, roster.payload) !== undefined
  const issuers = mayIssue(plan.payload, request.payload.member)
  if (!issuers.includes(ready.payload.member) || !stands(ready)) return 'basis-ready'
  if (ready.payload.deposit !== deposit.id || ready.payload.attempt !== grant.payload.attempt) return 'basis-ready'
  const good = releases.every(
    (one) =>
      stands(one) &&
      one.payload.ready === ready.id &&
      one.payload.deposit === deposit.id &&
      plan.payload.custodians[one.payload.index - 1] === one.payload.member &&
      approved.includes(one.payload.member),
  )
  const authors = new Set(releases.map(({ payload }) => payload.member))
  if (!good || authors.size < releases.length || releases.length < plan.payload.quorum.count) return 'basis-releases'
  const same = [issuing, grant].every((one) => one.payload.device === ready.payload.device && stands(one))
  const about = issuing.payload.ready === ready.id && issuing.payload.attempt === grant.payload.attempt
  return same && about ? undefined : 'basis-issuing'
}
