import type { Digest } from '../bytes.ts'
import { fromBase64Url } from '../bytes.ts'
import { verifyCustody } from '../secrets/custody.ts'
import { SecretsError } from '../secrets/errors.ts'
import type { Collection } from '../statements/collection.ts'
import { memberOf, standsIn, type VerifiedOf } from '../statements/door.ts'
import type { Deposit, Plan, Roster } from '../statements/kinds.ts'
import type { RosterVersion } from './org-from.ts'
import type { PlanVersion } from './plans.ts'
import { satisfies } from './quorum.ts'
import { adminConsent } from './roster-rules.ts'

/** A custodian's place in a generation. */
export interface Seat {
  readonly member: string
  /** 1 for the first custodian. */
  readonly index: number
  readonly accepted: boolean
  /** Times (as claimed) of the custody proofs that hold, oldest first. */
  readonly provenAt: readonly number[]
}

/** One key of a credential. */
export interface Generation {
  /** The deposit's id. */
  readonly id: Digest
  readonly deposit: Deposit
  readonly plan: Digest
  readonly seats: readonly Seat[]
  /**
   * `dealt`: boxes are out. `held`: so many custodians accepted and proved their share that the rule could be met with
   * any one of them absent, be it under an earlier roster, and can still be met. `proven`: all did. `retired`: a newer one is held.
   */
  readonly state: 'dealt' | 'held' | 'proven' | 'retired'
  /**
   * Whether the rule can be met with any one holder absent (with all of them where the plan is N of N). What is held without a
   * spare opens, until one more holder is gone.
   */
  readonly hasSpare: boolean
  readonly problems: readonly GenerationProblem[]
}

export type GenerationProblem =
  | 'author-no-admin'
  | 'plan-unknown'
  | 'plan-not-endorsed'
  | 'custodians-differ'
  | 'threshold-differs'
  | 'credential-differs'
  | 'organization-differs'
  | 'generation-twice'

/** All generations that deposits made by admins of some pinned roster have dealt, by credential and generation. */
export function generationsFrom(
  collection: Collection,
  history: readonly RosterVersion[],
  plans: readonly PlanVersion[],
): Generation[] {
  const head = (history.at(-1) as RosterVersion).roster
  const dealt = collection.of('deposit').map((deposit) => generation(deposit, collection, history, head, plans))
  return markRetired(markTwice(dealt)).sort(
    (a, b) =>
      compare(a.deposit.header.credential, b.deposit.header.credential) ||
      a.deposit.header.generation - b.deposit.header.generation ||
      compare(a.id, b.id),
  )
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function generation(
  statement: VerifiedOf<'deposit'>,
  collection: Collection,
  history: readonly RosterVersion[],
  head: Roster,
  plans: readonly PlanVersion[],
): Generation {
  const { header } = statement.payload
  const plan = plans.find(({ id }) => id === header.plan)?.plan
  const problems = problemsOf(statement, collection, history, plan)
  const seatsUnder = (roster: Roster) =>
    header.custodians.map((member, at) => seat(statement, member, at + 1, collection, roster))
  const seats = seatsUnder(head)
  const hasSpare = problems.length === 0 && isSpared(seats, plan as Plan, head)
  const wasSpared = () => history.some(({ roster }) => isSpared(seatsUnder(roster), plan as Plan, roster))
  return {
    id: statement.id,
    deposit: statement.payload,
    plan: header.plan,
    seats,
    state: problems.length > 0 ? 'dealt' : stateOf(seats, plan as Plan, head, hasSpare, wasSpared),
    hasSpare,
    problems,
  }
}

function problemsOf(
  statement: VerifiedOf<'deposit'>,
  collection: Collection,
  history: readonly RosterVersion[],
  plan: Plan | undefined,
): GenerationProblem[] {
  const { header, boxes } = statement.payload
  const author = history.find(({ id }) => id === statement.payload.roster)?.roster
  const problems: GenerationProblem[] = []
  if (author === undefined || !memberOf(author, statement.payload.member)?.roles.includes('admin'))
    problems.push('author-no-admin')
  if (header.organization !== statement.payload.organization) problems.push('organization-differs')
  if (plan === undefined) return [...problems, 'plan-unknown']
  // Under some roster: admins who left later do not undo it, and one admin alone cannot retire a key by dealing another.
  const endorsements = collection.endorsementsOf(header.plan)
  if (!history.some(({ roster }) => adminConsent(roster, endorsements).met)) problems.push('plan-not-endorsed')
  if (!sameMembers(header.custodians, plan.custodians) || boxes.length !== plan.custodians.length)
    problems.push('custodians-differ')
  if (header.commitments.length !== plan.quorum.count) problems.push('threshold-differs')
  if (header.credential !== plan.credential.credential) problems.push('credential-differs')
  return problems
}

function seat(
  deposit: VerifiedOf<'deposit'>,
  member: string,
  index: number,
  collection: Collection,
  roster: Roster,
): Seat {
  const accepted = collection
    .endorsementsOf(deposit.id)
    .some((one) => one.payload.member === member && standsIn(roster, one))
  const provenAt = collection
    .custodyOf(deposit.id)
    .filter(({ payload }) => payload.member === member && payload.index === index)
    .filter((custody) => isFresh(custody, collection) && standsIn(roster, custody) && holdsShare(deposit, custody))
    .map(({ payload }) => payload.time)
    .sort((a, b) => a - b)
  return { member, index, accepted, provenAt }
}

// A nonce of the prover's choice could have been signed long ago, before the share was lost.
function isFresh({ payload }: VerifiedOf<'custody'>, collection: Collection): boolean {
  return payload.nonce === payload.deposit || collection.get('request', payload.nonce)?.payload.purpose === 'drill'
}

// By the statement's id, which stands for the deposit too, whose id is in it.
const checkedCustody = new Map<Digest, boolean>()
const MOST_KNOWN = 4096

/** Whether a custody statement's proof was made with the share of that deposit and index. Remembered: it costs milliseconds. */
function holdsShare(deposit: VerifiedOf<'deposit'>, custody: VerifiedOf<'custody'>): boolean {
  const known = checkedCustody.get(custody.id)
  if (known !== undefined) return known
  const { organization, member, index, nonce, proof } = custody.payload
  const { commitments, custodians } = deposit.payload.header
  const dealing = {
    commitments: commitments.map(fromBase64Url),
    threshold: commitments.length,
    members: custodians.length,
  }
  const holds = proves({ organization, deposit: deposit.id, member, index, nonce }, dealing, fromBase64Url(proof))
  if (checkedCustody.size >= MOST_KNOWN) checkedCustody.clear()
  checkedCustody.set(custody.id, holds)
  return holds
}

function proves(...proof: Parameters<typeof verifyCustody>): boolean {
  try {
    verifyCustody(...proof)
    return true
  } catch (error) {
    if (error instanceof SecretsError) return false
    throw error
  }
}

// With one to spare before it takes another's place; but once it has, whoever can still meet the rule must not be kept from it.
function stateOf(
  seats: readonly Seat[],
  plan: Plan,
  head: Roster,
  hasSpare: boolean,
  wasSpared: () => boolean,
): Generation['state'] {
  const holders = holdersOf(seats)
  if (holders.length === seats.length) return 'proven'
  return hasSpare || (satisfies(plan, head, holders) && wasSpared()) ? 'held' : 'dealt'
}

function holdersOf(seats: readonly Seat[]): string[] {
  return seats.filter(({ accepted, provenAt }) => accepted && provenAt.length > 0).map(({ member }) => member)
}

function isSpared(seats: readonly Seat[], plan: Plan, roster: Roster): boolean {
  const holders = holdersOf(seats)
  if (holders.length === seats.length) return true
  const without = (absent: string) => holders.filter((member) => member !== absent)
  return holders.length > 0 && holders.every((absent) => satisfies(plan, roster, without(absent)))
}

// Two held deposits claiming one generation number: which is meant cannot be told, so neither is used until people deal
// anew. One that its custodians did not take is no twin: else any admin, even a removed one, could spoil every key.
function markTwice(all: readonly Generation[]): Generation[] {
  return all.map((one) => {
    const twin = isHeld(one) && all.some((other) => isHeld(other) && other.id !== one.id && sameGeneration(one, other))
    return twin ? { ...one, state: 'dealt', hasSpare: false, problems: ['generation-twice'] } : one
  })
}

function sameGeneration(a: Generation, b: Generation): boolean {
  return (
    a.deposit.header.credential === b.deposit.header.credential &&
    a.deposit.header.generation === b.deposit.header.generation
  )
}

function markRetired(all: readonly Generation[]): Generation[] {
  return all.map((one) => {
    const newer = all.some(
      (other) =>
        isHeld(other) &&
        other.deposit.header.credential === one.deposit.header.credential &&
        other.deposit.header.generation > one.deposit.header.generation,
    )
    return newer && one.problems.length === 0 ? { ...one, state: 'retired' } : one
  })
}

/**
 * Whether a newer key of the credential is held in the place of a deposit's: then nobody needs that one any more. The same
 * key of AWS dealt anew replaces nothing. It says nothing of whether the old key was deleted at AWS: no statement does.
 */
export function isReplaced(generations: readonly Generation[], deposit: Digest): boolean {
  const used = generations.find(({ id }) => id === deposit)?.deposit.header
  const inPlace = (one: Generation, { header } = one.deposit) =>
    isHeld(one) &&
    header.credential === used?.credential &&
    header.generation > used.generation &&
    header.accessKeyId !== used.accessKeyId
  return generations.some((one) => inPlace(one))
}

/**
 * The number that the next deposit of a credential takes: above every one that is held, and none that waits for its
 * custodians. Whoever deposits under the highest number there is keeps nobody from dealing a newer key: what no custodian took
 * takes no number away.
 */
export function nextGeneration(generations: readonly Generation[], credential: string): number {
  // One that is there twice was held as well.
  const own = generations.filter(
    ({ deposit, problems }) => problems.every(isTwice) && deposit.header.credential === credential,
  )
  const taken = new Set(own.map(({ deposit }) => deposit.header.generation))
  const held = own.filter((one) => isHeld(one) || one.problems.length > 0)
  let next = Math.max(0, ...held.map(({ deposit }) => deposit.header.generation)) + 1
  while (taken.has(next)) next++
  return next
}

function isTwice(problem: GenerationProblem): boolean {
  return problem === 'generation-twice'
}

/** Whether a generation may be used. */
export function isHeld({ state }: Pick<Generation, 'state'>): boolean {
  return state === 'held' || state === 'proven'
}

/** Whether a generation may take another's place: that one's key is only turned off while any one holder of this one may be absent. */
export function maySucceed(generation: Pick<Generation, 'state' | 'hasSpare'>): boolean {
  return isHeld(generation) && generation.hasSpare
}

/** Whether a generation can serve a plan version: sound, same credential, same custodians in order, same threshold. */
export function fits(generation: Generation, plan: Plan): boolean {
  return generation.problems.length === 0 && isDealtFor(generation, plan)
}

/** As {@link fits}, but looking only at what no later statement can change: for a grant that already stands on it. */
export function isDealtFor({ deposit, problems }: Generation, plan: Plan): boolean {
  const { header } = deposit
  return (
    problems.every(isTwice) &&
    header.credential === plan.credential.credential &&
    header.commitments.length === plan.quorum.count &&
    sameMembers(header.custodians, plan.custodians)
  )
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member, at) => member === b[at])
}

/** The newest held generation that serves a plan. */
export function newestHeld(generations: readonly Generation[], plan: Plan): Generation | undefined {
  return generations
    .filter((one) => isHeld(one) && fits(one, plan))
    .sort((a, b) => b.deposit.header.generation - a.deposit.header.generation)[0]
}
