import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { type Generation, newestHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import type { PlanVersion } from '../org/plans.ts'
import { memberOf } from '../statements/door.ts'
import type { Roster } from '../statements/kinds.ts'
import { deviceId, keyId } from '../statements/member.ts'
import { newestOpening, type Opening } from './openings.ts'
import { thereSince } from './there-since.ts'

const DAY_MS = 24 * 60 * 60_000

/**
 * What changed since a plan was last exercised: it is a new version that was never used; custodians, issuers, their devices or
 * hardware keys are others; its key was neither opened nor dealt in the place of one that was.
 */
export type DrillReason = 'plan' | 'people' | 'generation'

/** When the next drill of a plan is due. A reminder: nothing an app does depends on it. */
export interface DrillDue {
  /** What it is counted from; null if the credential was never opened by another device than its dealer's. */
  readonly last: Opening | null
  /** By the calendar. */
  readonly due: UnixMilliseconds
  /** Not empty: a drill is due at once. */
  readonly changed: readonly DrillReason[]
  /** `overdue` by the calendar; `due` because something changed. */
  readonly state: 'well' | 'due' | 'overdue'
}

/**
 * When the next drill of a plan version is due; null unless it is in effect and a held key serves it: before, there is nothing
 * that a drill could open.
 *
 * @param openings - of all cases.
 */
export function drillDue(
  org: Organization,
  version: PlanVersion,
  openings: readonly Opening[],
  now: UnixMilliseconds,
): DrillDue | null {
  const { plan } = version
  const key = version.state === 'effective' ? newestHeld(org.generations, plan) : undefined
  if (key === undefined) return null
  const keys = org.generations.filter(({ deposit }) => deposit.header.credential === key.deposit.header.credential)
  const ids = new Set(keys.map(({ id }) => id))
  const of = openings.filter(({ deposit, byDealer }) => !byDealer && ids.has(deposit))
  const alike = of.filter(isAlike(org, version))
  const last = newestOpening(alike) ?? newestOpening(of)
  const changed = last === null ? [] : reasons(version, key, keys, { of, alike })
  const due = (last?.at ?? readySince(org, version, keys)) + plan.obligations.drillDays * DAY_MS
  return { last, due, changed, state: now >= due ? 'overdue' : changed.length > 0 ? 'due' : 'well' }
}

function reasons(
  { id, plan }: PlanVersion,
  key: Generation,
  keys: readonly Generation[],
  { of, alike }: { readonly of: readonly Opening[]; readonly alike: readonly Opening[] },
): DrillReason[] {
  const isNew = plan.predecessor !== null && of.every((one) => one.plan !== id)
  return [
    ...(isNew ? ['plan' as const] : []),
    ...(alike.length === 0 ? ['people' as const] : []),
    ...(isUnlooked(key, keys, of) ? ['generation' as const] : []),
  ]
}

/**
 * Whether a key was neither opened nor dealt next after one that was. Every opening has its key replaced, so a drill that had
 * to follow each new key would have to follow itself.
 */
function isUnlooked(key: Generation, keys: readonly Generation[], openings: readonly Opening[]): boolean {
  const opened = new Set(openings.map(({ deposit }) => deposit))
  const before = keys
    .filter((one) => one.problems.length === 0 && numberOf(one) < numberOf(key))
    .sort((a, b) => numberOf(b) - numberOf(a))[0]
  return !opened.has(key.id) && !(before !== undefined && opened.has(before.id))
}

const numberOf = ({ deposit }: Generation) => deposit.header.generation

/**
 * Since when a plan that was never exercised could have been: since its first version was there, or the credential's first deposit,
 * whichever is later. Neither a new version nor a new key puts it off, nor a time that their author made up.
 */
function readySince(org: Organization, version: PlanVersion, keys: readonly Generation[]): UnixMilliseconds {
  const dealt = keys.filter(({ problems }) => problems.length === 0)
  const first = dealt.reduce(
    (time, { id, deposit }) => Math.min(time, thereSince(org, id, deposit.time)),
    Number.POSITIVE_INFINITY,
  )
  const { id, plan } = firstVersion(org.plans, version)
  return Math.max(thereSince(org, id, plan.time), first)
}

function firstVersion(plans: readonly PlanVersion[], version: PlanVersion): PlanVersion {
  const seen = new Set<Digest>([version.id])
  let first = version
  for (let at = version.plan.predecessor; at !== null && !seen.has(at); at = first.plan.predecessor) {
    seen.add(at)
    const before = plans.find(({ id }) => id === at)
    if (before?.plan.plan !== version.plan.plan) break
    first = before
  }
  return first
}

/** As {@link areSamePeople}, looked at once for all openings under one plan version and roster. */
function isAlike(org: Organization, version: PlanVersion): (opening: Opening) => boolean {
  const known = new Map<string, boolean>()
  return (opening) => {
    const ground = `${opening.plan} ${opening.roster}`
    const same = known.get(ground) ?? areSamePeople(org, version, opening)
    known.set(ground, same)
    return same
  }
}

/** Whether those who would release and issue are those of an opening, with the devices and hardware keys they had then. */
function areSamePeople({ plans, history, head }: Organization, { plan }: PlanVersion, opening: Opening): boolean {
  const then = history.find(({ id }) => id === opening.roster)?.roster
  const under = plans.find(({ id }) => id === opening.plan)?.plan
  if (then === undefined || under === undefined) return false
  const isSame = sameSet(plan.custodians, under.custodians) && sameSet(plan.issuers, under.issuers)
  return isSame && [...plan.custodians, ...plan.issuers].every((member) => hasSameKeys(member, then, head.roster))
}

function hasSameKeys(member: string, then: Roster, now: Roster): boolean {
  return sameSet(keysOf(then, member), keysOf(now, member))
}

function keysOf(roster: Roster, member: string): string[] {
  const found = memberOf(roster, member)
  return found === undefined ? [] : [deviceId(found), ...found.authenticators.map(({ publicKey }) => keyId(publicKey))]
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const [one, other] = [new Set(a), new Set(b)]
  return one.size === other.size && [...one].every((item) => other.has(item))
}
