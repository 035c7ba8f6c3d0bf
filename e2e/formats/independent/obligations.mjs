import { retiredBy } from './aftercare.mjs'
import { jcs } from './bytes.mjs'
import { standsIn } from './organization.mjs'
import { depositHasProblem, mayIssue, satisfies } from './plans.mjs'
import { differingOf, reviewsOf } from './reviews.mjs'
import { isCustodyProof } from './ristretto.mjs'

// rules.md §4 and §9: what a case owes.

const HOUR_MS = 3_600_000

/**
 * rules.md §4: every deposit, `{id, header, held, sound, proven, hasSpare}`: `held` is held or proven, be it retired;
 * `sound`: without any problem.
 */
export function generationsOf(statements, history, head) {
  const all = statements.ofKind('deposit').map((deposit) => {
    const { header } = deposit.payload
    const sound = !depositHasProblem(statements, history, deposit)
    const held = sound && isHeld(statements, history, head.payload, deposit)
    const proven = held && holdersOf(statements, head.payload, deposit).length === header.custodians.length
    const hasSpare = sound && isSpared(statements, head.payload, deposit, planOf(statements, deposit))
    return { id: deposit.id, header, held, sound, proven, hasSpare }
  })
  const isTwin = (one, other) =>
    other !== one &&
    other.held &&
    other.header.credential === one.header.credential &&
    other.header.generation === one.header.generation
  return all.map((one) => {
    const isTwice = one.held && all.some((other) => isTwin(one, other))
    return isTwice ? { ...one, held: false, sound: false, proven: false, hasSpare: false } : one
  })
}

/** rules.md §4: the state of each deposit, and whether it has a spare; by id. */
export function keyStates(generations) {
  const isRetired = (one) =>
    one.sound &&
    generations.some(
      ({ held, header }) =>
        held && header.credential === one.header.credential && header.generation > one.header.generation,
    )
  const stateOf = (one) => (isRetired(one) ? 'retired' : one.proven ? 'proven' : one.held ? 'held' : 'dealt')
  return new Map(generations.map((one) => [one.id, { state: stateOf(one), hasSpare: one.hasSpare }]))
}

const planOf = (statements, deposit) => statements.get(deposit.payload.header.plan, 'plan').payload

function isHeld(statements, history, head, deposit) {
  const plan = planOf(statements, deposit)
  const holders = holdersOf(statements, head, deposit)
  const isEnough = holders.length === deposit.payload.header.custodians.length || satisfies(plan, head, holders)
  return isEnough && history.some((roster) => isSpared(statements, roster.payload, deposit, plan))
}

function isSpared(statements, roster, deposit, plan) {
  const holders = holdersOf(statements, roster, deposit)
  if (holders.length === deposit.payload.header.custodians.length) return true
  const without = (absent) => holders.filter((member) => member !== absent)
  return holders.length > 0 && holders.every((absent) => satisfies(plan, roster, without(absent)))
}

function holdersOf(statements, roster, deposit) {
  const { custodians } = deposit.payload.header
  return custodians.filter((member, at) => isHolder(statements, roster, deposit, member, at + 1))
}

function isHolder(statements, roster, deposit, member, index) {
  if (!statements.endorsers(deposit.id, roster).has(member)) return false
  return statements.ofKind('custody').some((custody) => {
    const { payload } = custody
    const isOfSeat = payload.deposit === deposit.id && payload.member === member && payload.index === index
    const isDrill = statements.get(payload.nonce, 'request')?.payload.purpose === 'drill'
    const isFresh = payload.nonce === deposit.id || isDrill
    return isOfSeat && isFresh && standsIn(custody, roster) !== undefined && isProven(deposit, payload)
  })
}

function isProven({ payload: { header } }, { organization, deposit, member, index, nonce, proof }) {
  const message = jcs({ purpose: 'lockbox/custody/v1', organization, deposit, member, index, nonce })
  return isCustodyProof(header.commitments, header.custodians.length, index, Buffer.from(message), proof)
}

/**
 * rules.md §9.
 *
 * @param grants - the grant that counts, then every surplus one.
 * @param incomplete - grants that stand on what is not here.
 * @param now - milliseconds since 1970.
 * @param isOver - whether, without a grant, the state is one of those in which nobody can grant any more.
 * @returns `[{code, due}]`, the earliest first.
 */
export function owedBy({ request, plan, grants, incomplete = [], isOver, now }, statements, history, generations) {
  if (plan === undefined) return []
  const carried = new Set(grants.flatMap(({ payload }) => payload.basis.releases))
  const stray =
    grants.length === 0 && !isOver
      ? []
      : statements.ofKind('release').filter((release) => {
          const { payload } = release
          const isGenuine = history.some((roster) => standsIn(release, roster.payload) !== undefined)
          const isCustodian = plan.payload.custodians.includes(payload.member)
          return payload.request === request.id && isGenuine && isCustodian && !carried.has(release.id)
        })
  const used = [
    ...grants.map(({ payload }) => payload.basis.deposit),
    ...stray.map((one) => exposedBy(one, statements)),
  ]
  const [grant] = grants
  const since = (grant ?? request).payload.time
  const { rotationHours, reviewHours } = plan.payload.obligations
  const owed = []
  if (!used.every((id) => isReplaced(generations, id)))
    owed.push({ code: grant === undefined ? 'rotate-exposed' : 'rotate', due: since + rotationHours * HOUR_MS })
  const retired = retiredBy(statements, history, grants)
  const hasRotator = plan.payload.access.aftercare?.rotator !== undefined
  if (hasRotator && !grants.every(({ payload }) => retired.has(payload.basis.deposit)))
    owed.push({ code: 'retire', due: since + rotationHours * HOUR_MS })
  const known = new Set([...grants, ...incomplete].map(({ id }) => id))
  const reviews = reviewsOf(statements, history, request, grants, known)
  const named = new Set(reviews.flatMap(({ payload }) => payload.grants))
  const saw = new Set(reviews.flatMap(({ payload }) => payload.saw ?? []))
  const silent = unsettled({ request, plan, grants }, statements, history)
    .filter((issuing) => isPast(issuing, { request, now }, statements))
    .filter(({ id }) => !saw.has(id))
  const differing = differingOf(statements, history, request, grants).filter(({ id }) => !saw.has(id))
  if (!grants.every(({ id }) => named.has(id)) || silent.length > 0)
    owed.push({ code: 'review', due: since + reviewHours * HOUR_MS })
  else if (differing.length > 0) {
    const raised = Math.min(...differing.map(({ payload }) => payload.time))
    owed.push({ code: 'review', due: Math.max(since, raised) + reviewHours * HOUR_MS })
  }
  return owed.sort((one, other) => one.due - other.due)
}

/** Of which generation a release gave a share away: its ready's, if that is here. */
function exposedBy({ payload }, statements) {
  const ready = statements.get(payload.ready, 'ready')
  return ready?.payload.request === payload.request ? ready.payload.deposit : payload.deposit
}

/** rules.md §8: whether a session may live that an issuing was for of which nobody told how it went. */
export const maySessionLive = (asked, statements, history) =>
  unsettled(asked, statements, history).some((issuing) => !isPast(issuing, asked, statements))

function isPast({ payload }, { request, now }, statements) {
  const releases = statements
    .ofKind('release')
    .filter((one) => one.payload.request === request.id && one.payload.ready === payload.ready)
    .map((one) => Math.min(one.payload.time, request.payload.time + 60 * 60_000))
  return now >= Math.max(payload.time, ...releases) + request.payload.seconds * 1000 + 5 * 60_000
}

/** rules.md §8: issuings of which nobody told how they went. */
function unsettled({ request, plan, grants }, statements, history) {
  const granted = new Set(grants.map(({ payload }) => payload.basis.issuing))
  const failures = statements.ofKind('failed')
  return statements.ofKind('issuing').filter((issuing) => {
    const { member, device, ready } = issuing.payload
    const isGenuine = history.some((roster) => standsIn(issuing, roster.payload) !== undefined)
    const told = failures.filter(({ payload }) => payload.ready === ready && payload.device === device)
    const isOpen = told.length === 0 || told.some(({ payload }) => payload.mayExist)
    return (
      issuing.payload.request === request.id &&
      mayIssue(plan.payload, request.payload.member).includes(member) &&
      isGenuine &&
      !granted.has(issuing.id) &&
      isOpen
    )
  })
}

function isReplaced(generations, id) {
  const old = generations.find((one) => one.id === id)?.header
  return generations.some(
    ({ held, header }) =>
      held &&
      header.credential === old?.credential &&
      header.generation > old.generation &&
      header.accessKeyId !== old.accessKeyId,
  )
}
