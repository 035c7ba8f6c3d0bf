import { keyId } from './keys.mjs'
import { standsIn } from './organization.mjs'
import { fits } from './plans.mjs'

// rules.md §4.1 and §4.2: how keys were opened last, and when the next drill of a plan is due.

const DAY_MS = 24 * 3_600_000
const HOUR_MS = 3_600_000

/** The opening that a case is, by its grant that counts; null if it is none. */
export function openingOf(statements, request, grant) {
  const { purpose, time } = request.payload
  if (grant === undefined || !['access', 'drill'].includes(purpose)) return null
  const { basis, device } = grant.payload
  const byDealer = statements.get(basis.deposit, 'deposit').payload.device === device
  const at = Math.min(grant.payload.time, time + HOUR_MS)
  return { case: request.id, grant: grant.id, purpose, at, device, byDealer, basis }
}

/** For each deposit its last opening by another device than its dealer's, and the last by that. */
export function openedOf(statements, openings) {
  return statements.ofKind('deposit').map(({ id }) => {
    const those = openings.filter(({ basis }) => basis.deposit === id)
    const other = those.filter(({ byDealer }) => !byDealer)
    const dealer = those.filter(({ byDealer }) => byDealer)
    return { id, opened: shown(newest(other)), openedByDealer: shown(newest(dealer)) }
  })
}

/** `{last, due, changed, state}`, or null unless the plan is in effect and a held key serves it. */
export function drillOf(statements, { history, head }, generations, plan, state, openings, now) {
  if (state !== 'effective') return null
  const { credential } = plan.payload.credential
  const keys = generations.filter(({ header }) => header.credential === credential)
  const serving = keys.filter((one) => one.held && fits(statements.get(one.id, 'deposit'), plan))
  const key = highest(serving)
  // A key behind another held one of its credential is retired.
  if (key === undefined || keys.some((one) => one.held && numberOf(one) > numberOf(key))) return null
  const of = openings.filter(({ byDealer, basis }) => !byDealer && keys.some(({ id }) => id === basis.deposit))
  const alike = of.filter(({ basis }) => {
    const then = history.find(({ id }) => id === basis.roster).payload
    const under = statements.get(basis.plan, 'plan').payload
    return isAlike(plan.payload, under, then, head.payload)
  })
  const last = newest(alike) ?? newest(of)
  const start = last?.at ?? readySince(statements, history, plan, keys)
  const due = start + plan.payload.obligations.drillDays * DAY_MS
  const changed = last === null ? [] : changesOf(plan, key, keys, of, alike)
  const how = now >= due ? 'overdue' : changed.length > 0 ? 'due' : 'well'
  return { last: shown(last), due, changed, state: how }
}

function changesOf(plan, key, keys, of, alike) {
  const changed = []
  if (plan.payload.predecessor !== null && !of.some(({ basis }) => basis.plan === plan.id)) changed.push('plan')
  if (alike.length === 0) changed.push('people')
  const below = highest(keys.filter((one) => one.sound && numberOf(one) < numberOf(key)))
  const seen = [key.id, below?.id]
  if (!of.some(({ basis }) => seen.includes(basis.deposit))) changed.push('generation')
  return changed
}

/** When a plan or deposit was there: no later than anybody endorsed it or proved custody of it. */
function thereSince(statements, history, one) {
  const said = [
    ...(statements.endorsements.get(one.id) ?? []),
    ...statements.ofKind('custody').filter(({ payload }) => payload.deposit === one.id),
  ].filter((each) => history.some(({ payload }) => standsIn(each, payload) !== undefined))
  return Math.min(one.payload.time, ...said.map(({ payload }) => payload.time))
}

function readySince(statements, history, plan, keys) {
  const sound = keys.filter((one) => one.sound)
  const first = Math.min(...sound.map(({ id }) => thereSince(statements, history, statements.get(id, 'deposit'))))
  let oldest = plan
  const seen = new Set([plan.id])
  for (;;) {
    const before = statements.get(oldest.payload.predecessor, 'plan')
    if (before === undefined || seen.has(before.id) || before.payload.plan !== plan.payload.plan) break
    seen.add(before.id)
    oldest = before
  }
  return Math.max(thereSince(statements, history, oldest), first)
}

function isAlike(plan, under, then, now) {
  const keysIn = (roster, id) => {
    const member = roster.members.find((one) => one.member === id)
    const keys = member?.authenticators.map(({ publicKey }) => keyId(publicKey)) ?? []
    return member === undefined ? [] : [keyId(member.device.keys.statement), ...keys]
  }
  return (
    isSame(plan.custodians, under.custodians) &&
    isSame(plan.issuers, under.issuers) &&
    [...plan.custodians, ...plan.issuers].every((id) => isSame(keysIn(then, id), keysIn(now, id)))
  )
}

function isSame(one, other) {
  const [those, others] = [new Set(one), new Set(other)]
  return those.size === others.size && [...those].every((each) => others.has(each))
}
const numberOf = ({ header }) => header.generation
const highest = (those) => [...those].sort((a, b) => numberOf(b) - numberOf(a))[0]
const newest = (those) => [...those].sort((a, b) => b.at - a.at || (a.grant < b.grant ? -1 : 1))[0] ?? null
const shown = (one) => one && { case: one.case, purpose: one.purpose, at: one.at, device: one.device }
