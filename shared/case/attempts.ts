import type { Digest } from '../bytes.ts'
import { fits, isHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import { groupedBy } from './grouped.ts'
import { isOf } from './issuings.ts'
import { hasCome, type Now } from './moment.ts'
import { isOnChain } from './on-chain.ts'
import {
  type Attempt,
  type CaseRefusalCode,
  CLOCK_TOLERANCE_MS,
  type Heard,
  READY_VALID_MS,
  SILENCE_MS,
} from './types.ts'

/** What attempts are judged by. */
export interface AttemptContext {
  readonly org: Organization
  readonly plan: Plan
  readonly request: VerifiedOf<'request'>
  readonly about: readonly VerifiedStatement[]
  readonly now: Now
  readonly heard: Heard
  readonly refuse: (statement: VerifiedStatement, code: CaseRefusalCode) => void
  /** The roster by which membership is judged: the head, or once granted that of the basis. */
  readonly roster: Roster
  /** What a grant already stands on: it is not judged again. */
  readonly settled: ReadonlySet<Digest>
  /** Custodians whose approval counts: a share of somebody else is no part of an attempt. */
  readonly approved: readonly string[]
}

type Ready = VerifiedOf<'ready'>

/** The same, with what is said of each `ready` at hand. */
interface Judging extends AttemptContext {
  readonly releasesTo: (ready: Ready) => readonly VerifiedOf<'release'>[]
  /** What its own device said of it, by id; of failures those that stand. */
  readonly issuingsOf: (ready: Ready) => readonly VerifiedOf<'issuing'>[]
  readonly failuresOf: (ready: Ready) => readonly VerifiedOf<'failed'>[]
  readonly failedWith: (ready: Ready) => ReadonlySet<Digest>
  readonly isSilent: (ready: Ready) => boolean
}

function judging(context: AttemptContext): Judging {
  const named = <K extends 'release' | 'issuing' | 'failed'>(kind: K) => {
    const groups = groupedBy(ofKind(context, kind), ({ payload }) => payload.ready)
    return (ready: Ready) => groups.get(ready.id) ?? []
  }
  const [issuings, failures] = [named('issuing'), named('failed')]
  const issuingsOf = remembered((ready) => issuings(ready).filter((one) => isOf(one, ready)))
  const failuresOf = remembered((ready) =>
    failures(ready).filter((one) => isOf(one, ready) && standsIn(context.roster, one)),
  )
  return {
    releasesTo: named('release'),
    issuingsOf,
    failuresOf,
    failedWith: remembered((ready) => new Set(failuresOf(ready).map(({ id }) => id))),
    isSilent: remembered((ready) => isSilent(context, ready, issuingsOf(ready))),
    ...context,
  }
}

/** Asked for a `ready` as often as there are others that follow it. */
function remembered<Result>(answer: (ready: Ready) => Result): (ready: Ready) => Result {
  const known = new Map<Ready, Result>()
  return (ready) => {
    const found = known.get(ready) ?? answer(ready)
    known.set(ready, found)
    return found
  }
}

/**
 * The attempts of a case, newest first. Of several `ready` with one number the device earlier in the plan's list
 * counts, then the lower id.
 */
export function attemptsOf(context: AttemptContext): Attempt[] {
  refuseStrays(context)
  const judged = judging(context)
  const readies = ofKind(context, 'ready').filter((ready) => isAllowed(context, ready))
  const numbered = groupedBy(readies, ({ payload }) => payload.attempt)
  const inLine = new Map<Digest, Ready>()
  const inOrder: Attempt[] = []
  for (let number = 1; ; number++) {
    const candidates = numbered.get(number)?.filter((ready) => follows(judged, ready, number, inLine)) ?? []
    for (const candidate of candidates) inLine.set(candidate.id, candidate)
    const [first] = candidates.sort((a, b) => rank(context, a) - rank(context, b) || (a.id < b.id ? -1 : 1))
    if (first === undefined) break
    inOrder.unshift(attemptOf(judged, first))
  }
  for (const ready of readies) if (!inLine.has(ready.id)) context.refuse(ready, 'attempt-order')
  return inOrder
}

const rank = ({ plan }: AttemptContext, ready: Ready) => plan.issuers.indexOf(ready.payload.member)

function ofKind<K extends 'ready' | 'release' | 'issuing' | 'failed'>(
  { about }: AttemptContext,
  kind: K,
): VerifiedOf<K>[] {
  return about.filter((one): one is VerifiedOf<K> & VerifiedStatement => one.kind === kind)
}

/** Whoever speaks of a `ready` that is not here, or of one that another device made, is not part of any attempt. */
function refuseStrays({ about, refuse }: AttemptContext): void {
  const readies = new Map(about.filter((one) => one.kind === 'ready').map((one) => [one.id, one]))
  for (const one of about) {
    if (one.kind !== 'release' && one.kind !== 'issuing' && one.kind !== 'failed') continue
    const ready = readies.get(one.payload.ready)
    if (ready === undefined) refuse(one, 'ready-unknown')
    else if (one.kind !== 'release' && !isOf(one, ready)) refuse(one, 'not-issuer')
  }
}

function isAllowed(context: AttemptContext, ready: Ready): boolean {
  if (context.settled.has(ready.id)) return true
  const code = whyNotAllowed(context, ready)
  if (code !== null) context.refuse(ready, code)
  return code === null
}

function whyNotAllowed({ org, plan, request, roster }: AttemptContext, ready: Ready): CaseRefusalCode | null {
  if (!standsIn(roster, ready) || !isOnChain(org, ready)) return 'not-active'
  if (!issuersFor(plan, request.payload.member).includes(ready.payload.member)) return 'not-issuer'
  const generation = org.generations.find(({ id }) => id === ready.payload.deposit)
  if (generation === undefined || !(isHeld(generation) || generation.state === 'retired') || !fits(generation, plan))
    return 'deposit-unfit'
  return ready.payload.expires > ready.payload.time + READY_VALID_MS ? 'ready-too-long' : null
}

/** Attempt 1 follows nothing; attempt k+1 names a ready k, and its failure or that nothing more was heard of it. */
function follows(context: Judging, ready: Ready, number: number, inLine: ReadonlyMap<Digest, Ready>): boolean {
  if (context.settled.has(ready.id)) return true
  const { after } = ready.payload
  if (after === null) return number === 1
  // Any ready k that was in line will do, not only the one that counts: it may have lost to another later on.
  const named = inLine.get(after.ready)
  if (named?.payload.attempt !== number - 1) return false
  // Nor need it be the failure that is shown: a device that says twice that it failed must not undo what followed.
  return after.failed !== null ? context.failedWith(named).has(after.failed) : context.isSilent(named)
}

/** Silent: lapsed, or nothing came from its device for five minutes by this app's own clock. */
function isSilent(context: AttemptContext, ready: Ready, issuings: readonly VerifiedOf<'issuing'>[]): boolean {
  return hasCome(context.now, ready.payload.expires) || nothingHeard(context, [ready, ...issuings])
}

function nothingHeard({ heard, now }: AttemptContext, statements: readonly { readonly id: Digest }[]): boolean {
  // Not all at once as arguments: there is a limit to those, and none to what may be said.
  const last = statements.reduce<number | undefined>((latest, { id }) => {
    const time = heard(id)
    return time === undefined ? latest : Math.max(time, latest ?? time)
  }, undefined)
  return last !== undefined && hasCome(now, last + SILENCE_MS)
}

function attemptOf(context: Judging, ready: Ready): Attempt {
  const { now, roster } = context
  const failures = context.failuresOf(ready)
  const issuings = context.issuingsOf(ready)
  const releases = releasesCounted(context, ready)
  const lapsed = hasCome(now, ready.payload.expires) || !hasCome(now, ready.payload.time - CLOCK_TOLERANCE_MS)
  return {
    number: ready.payload.attempt,
    ready,
    releases,
    issuing: issuings.find((one) => standsIn(roster, one)) ?? null,
    // Of two accounts of one failure the worse is believed.
    failed: failures.find(({ payload }) => payload.mayExist) ?? failures[0] ?? null,
    open: !lapsed && failures.length === 0,
    silent: nothingHeard(context, [ready, ...issuings, ...releases]),
  }
}

function releasesCounted(context: Judging, ready: Ready): VerifiedOf<'release'>[] {
  const counted = context.releasesTo(ready).filter((release) => {
    const code = context.settled.has(release.id) ? null : whyNoRelease(context, ready, release)
    if (code !== null) context.refuse(release, code)
    return code === null
  })
  // One share of one custodian, should a device have released twice: the lower id.
  return context.plan.custodians.flatMap((member) => counted.find(({ payload }) => payload.member === member) ?? [])
}

function whyNoRelease(
  { org, plan, roster, approved }: AttemptContext,
  ready: Ready,
  release: VerifiedOf<'release'>,
): CaseRefusalCode | null {
  if (!standsIn(roster, release) || !isOnChain(org, release)) return 'not-active'
  const index = plan.custodians.indexOf(release.payload.member) + 1
  if (index === 0) return 'not-custodian'
  if (release.payload.index !== index || release.payload.deposit !== ready.payload.deposit) return 'share-index'
  // The grant could not stand on it, so the issuing device must not count on it either.
  return approved.includes(release.payload.member) ? null : 'no-approval'
}
