import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { fits, isHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import { failuresOf, isOf } from './issuings.ts'
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
  readonly now: UnixMilliseconds
  readonly heard: Heard
  readonly refuse: (statement: VerifiedStatement, code: CaseRefusalCode) => void
  /** The roster by which membership is judged: the head, or once granted that of the basis. */
  readonly roster: Roster
  /** What a grant already stands on: it is not judged again. */
  readonly settled: ReadonlySet<Digest>
  /** Custodians whose approval counts: a share of somebody else is no part of an attempt. */
  readonly approved: readonly string[]
}

/**
 * The attempts of a case, newest first. Of several `ready` with one number the device earlier in the plan's list
 * counts, then the lower id.
 */
export function attemptsOf(context: AttemptContext): Attempt[] {
  refuseStrays(context)
  const readies = ofKind(context, 'ready').filter((ready) => isAllowed(context, ready))
  const inLine = new Set<VerifiedOf<'ready'>>()
  const inOrder: Attempt[] = []
  for (let number = 1; ; number++) {
    const candidates = readies.filter(
      (ready) => ready.payload.attempt === number && follows(context, ready, number, inLine),
    )
    for (const candidate of candidates) inLine.add(candidate)
    const [first] = candidates.sort((a, b) => rank(context, a) - rank(context, b) || (a.id < b.id ? -1 : 1))
    if (first === undefined) break
    inOrder.unshift(attemptOf(context, first))
  }
  for (const ready of readies) if (!inLine.has(ready)) context.refuse(ready, 'attempt-order')
  return inOrder
}

const rank = ({ plan }: AttemptContext, ready: VerifiedOf<'ready'>) => plan.issuers.indexOf(ready.payload.member)

function ofKind<K extends 'ready' | 'release' | 'issuing'>({ about }: AttemptContext, kind: K): VerifiedOf<K>[] {
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

function isAllowed(context: AttemptContext, ready: VerifiedOf<'ready'>): boolean {
  if (context.settled.has(ready.id)) return true
  const code = whyNotAllowed(context, ready)
  if (code !== null) context.refuse(ready, code)
  return code === null
}

function whyNotAllowed(
  { org, plan, request, roster }: AttemptContext,
  ready: VerifiedOf<'ready'>,
): CaseRefusalCode | null {
  if (!standsIn(roster, ready)) return 'not-active'
  if (!issuersFor(plan, request.payload.member).includes(ready.payload.member)) return 'not-issuer'
  const generation = org.generations.find(({ id }) => id === ready.payload.deposit)
  if (generation === undefined || !(isHeld(generation) || generation.state === 'retired') || !fits(generation, plan))
    return 'deposit-unfit'
  return ready.payload.expires > ready.payload.time + READY_VALID_MS ? 'ready-too-long' : null
}

/** Attempt 1 follows nothing; attempt k+1 names a ready k, and its failure or that nothing more was heard of it. */
function follows(
  context: AttemptContext,
  ready: VerifiedOf<'ready'>,
  number: number,
  inLine: ReadonlySet<VerifiedOf<'ready'>>,
): boolean {
  if (context.settled.has(ready.id)) return true
  const { after } = ready.payload
  if (after === null) return number === 1
  // Any ready k that was in line will do, not only the one that counts: it may have lost to another later on.
  const named = [...inLine].find((one) => one.id === after.ready && one.payload.attempt === number - 1)
  if (named === undefined) return false
  // Nor need it be the failure that is shown: a device that says twice that it failed must not undo what followed.
  if (after.failed !== null) return failuresOf(context, named).some(({ id }) => id === after.failed)
  return isSilent(context, named)
}

/** Silent: lapsed, or nothing came from its device for five minutes by this app's own clock. */
function isSilent(context: AttemptContext, ready: VerifiedOf<'ready'>): boolean {
  return context.now >= ready.payload.expires || nothingHeard(context, [ready, ...issuingsOf(context, ready)])
}

function nothingHeard({ heard, now }: AttemptContext, statements: readonly { readonly id: Digest }[]): boolean {
  const times = statements.map(({ id }) => heard(id)).filter((time) => time !== undefined)
  return times.length > 0 && now - Math.max(...times) >= SILENCE_MS
}

function issuingsOf(context: AttemptContext, ready: VerifiedOf<'ready'>): VerifiedOf<'issuing'>[] {
  return ofKind(context, 'issuing').filter((one) => isOf(one, ready))
}

function attemptOf(context: AttemptContext, ready: VerifiedOf<'ready'>): Attempt {
  const { now, roster } = context
  const failures = failuresOf(context, ready)
  const issuing = ofKind(context, 'issuing').find((one) => isOf(one, ready) && standsIn(roster, one)) ?? null
  const releases = releasesTo(context, ready)
  const lapsed = now >= ready.payload.expires || ready.payload.time > now + CLOCK_TOLERANCE_MS
  return {
    number: ready.payload.attempt,
    ready,
    releases,
    issuing,
    // Of two accounts of one failure the worse is believed.
    failed: failures.find(({ payload }) => payload.mayExist) ?? failures[0] ?? null,
    open: !lapsed && failures.length === 0,
    silent: nothingHeard(context, [ready, ...issuingsOf(context, ready), ...releases]),
  }
}

function releasesTo(context: AttemptContext, ready: VerifiedOf<'ready'>): VerifiedOf<'release'>[] {
  const counted = ofKind(context, 'release')
    .filter(({ payload }) => payload.ready === ready.id)
    .filter((release) => {
      const code = context.settled.has(release.id) ? null : whyNoRelease(context, ready, release)
      if (code !== null) context.refuse(release, code)
      return code === null
    })
  // One share of one custodian, should a device have released twice: the lower id.
  return context.plan.custodians.flatMap((member) => counted.find(({ payload }) => payload.member === member) ?? [])
}

function whyNoRelease(
  { plan, roster, approved }: AttemptContext,
  ready: VerifiedOf<'ready'>,
  release: VerifiedOf<'release'>,
): CaseRefusalCode | null {
  if (!standsIn(roster, release)) return 'not-active'
  const index = plan.custodians.indexOf(release.payload.member) + 1
  if (index === 0) return 'not-custodian'
  if (release.payload.index !== index || release.payload.deposit !== ready.payload.deposit) return 'share-index'
  // The grant could not stand on it, so the issuing device must not count on it either.
  return approved.includes(release.payload.member) ? null : 'no-approval'
}
