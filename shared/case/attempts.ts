import type { UnixMilliseconds } from '../bytes.ts'
import { fits, isHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
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
  readonly statements: readonly VerifiedStatement[]
  readonly now: UnixMilliseconds
  readonly heard: Heard
  readonly refuse: (statement: VerifiedStatement, code: CaseRefusalCode) => void
}

/**
 * The attempts of a case that was not granted yet, newest first. Of several `ready` with one number the device earlier
 * in the plan's list counts, then the lower id.
 */
export function attemptsOf(context: AttemptContext): Attempt[] {
  const readies = context.statements.filter((one) => one.kind === 'ready').filter((ready) => isAllowed(context, ready))
  const inOrder: Attempt[] = []
  for (let number = 1; ; number++) {
    const candidates = readies.filter(
      (ready) => ready.payload.attempt === number && follows(context, ready, inOrder[0]),
    )
    const [first] = candidates.sort((a, b) => rank(context, a) - rank(context, b) || (a.id < b.id ? -1 : 1))
    if (first === undefined) break
    inOrder.unshift(attemptOf(context, first))
  }
  for (const ready of readies) if (ready.payload.attempt > inOrder.length + 1) context.refuse(ready, 'attempt-order')
  return inOrder
}

const rank = ({ plan }: AttemptContext, ready: VerifiedOf<'ready'>) => plan.issuers.indexOf(ready.payload.member)

function isAllowed({ org, plan, request, refuse }: AttemptContext, ready: VerifiedOf<'ready'>): boolean {
  const code = whyNot()
  if (code !== null) refuse(ready, code)
  return code === null

  function whyNot(): CaseRefusalCode | null {
    if (!standsIn(org.head.roster, ready)) return 'not-active'
    if (!issuersFor(plan, request.payload.member).includes(ready.payload.member)) return 'not-issuer'
    const generation = org.generations.find(({ id }) => id === ready.payload.deposit)
    if (generation === undefined || !(isHeld(generation) || generation.state === 'retired') || !fits(generation, plan))
      return 'deposit-unfit'
    return ready.payload.expires > ready.payload.time + READY_VALID_MS ? 'ready-too-long' : null
  }
}

/** Attempt 1 follows nothing; attempt k+1 names ready k, and its failure or that nothing more was heard of it. */
function follows(context: AttemptContext, ready: VerifiedOf<'ready'>, before: Attempt | undefined): boolean {
  const { after } = ready.payload
  if (before === undefined || after === null) return before === undefined && after === null
  // Another device's ready of the same attempt may be the one that was followed: it lost to `before` later on.
  const named = context.statements.find((one) => one.id === after.ready)
  if (named?.kind !== 'ready' || named.payload.attempt !== before.number) return false
  if (after.failed !== null) return failureOf(context, named)?.id === after.failed
  return isSilent(context, named)
}

function isSilent({ heard, now }: AttemptContext, ready: VerifiedOf<'ready'>): boolean {
  const since = heard(ready.id)
  return now >= ready.payload.expires || (since !== undefined && now - since >= SILENCE_MS)
}

function attemptOf(context: AttemptContext, ready: VerifiedOf<'ready'>): Attempt {
  const { statements, now, org } = context
  const issuing =
    statements
      .filter((one) => one.kind === 'issuing')
      .find((one) => isOf(one, ready) && standsIn(org.head.roster, one)) ?? null
  const failed = failureOf(context, ready)
  const lapsed = now >= ready.payload.expires || ready.payload.time > now + CLOCK_TOLERANCE_MS
  return {
    number: ready.payload.attempt,
    ready,
    releases: releasesTo(context, ready),
    issuing,
    failed,
    open: !lapsed && failed === null,
  }
}

function failureOf({ statements, org }: AttemptContext, ready: VerifiedOf<'ready'>): VerifiedOf<'failed'> | null {
  return (
    statements
      .filter((one) => one.kind === 'failed')
      .find((one) => isOf(one, ready) && standsIn(org.head.roster, one)) ?? null
  )
}

function isOf(statement: VerifiedOf<'issuing' | 'failed'>, ready: VerifiedOf<'ready'>): boolean {
  return statement.payload.ready === ready.id && statement.payload.device === ready.payload.device
}

function releasesTo(
  { statements, plan, org, refuse }: AttemptContext,
  ready: VerifiedOf<'ready'>,
): VerifiedOf<'release'>[] {
  const counted = statements
    .filter((one) => one.kind === 'release')
    .filter((one) => one.payload.ready === ready.id)
    .filter((release) => {
      const code = whyNot(release)
      if (code !== null) refuse(release, code)
      return code === null
    })
  // One share of one custodian, should a device have released twice: the lower id.
  return plan.custodians.flatMap((member) => counted.find(({ payload }) => payload.member === member) ?? [])

  function whyNot(release: VerifiedOf<'release'>): CaseRefusalCode | null {
    if (!standsIn(org.head.roster, release)) return 'not-active'
    const index = plan.custodians.indexOf(release.payload.member) + 1
    if (index === 0) return 'not-custodian'
    if (release.payload.index !== index || release.payload.deposit !== ready.payload.deposit) return 'share-index'
    return null
  }
}
