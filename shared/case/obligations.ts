import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { isReplaced } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import { type Doubt, unnamedBy } from './reviews.ts'
import { type Case, type Grant, grantsIn, type Obligation, type Review } from './types.ts'

const HOUR_MS = 60 * 60_000

interface Used {
  readonly request: VerifiedOf<'request'>
  readonly plan: Plan | null
  /** The grant that counts, then every surplus one. */
  readonly grants: readonly Grant[]
  /** Releases that no grant accounts for; see `strayReleases`. */
  readonly stray: readonly VerifiedOf<'release'>[]
  /** Every `issuing` that may have made a session, and whose session is over by now; and each evidence that differs. */
  readonly doubts: readonly Doubt[]
  readonly org: Pick<Organization, 'generations'>
  readonly about: readonly VerifiedStatement[]
  /** Those that count. */
  readonly reviews: readonly Review[]
}

/**
 * What a case owes, earliest first: after a grant a review and a rotation, after stray releases a rotation, and a review
 * also after an `issuing` of which nobody told how it went, for to say nothing, or something that no app carries, must not get
 * anybody around it, and where AWS's record differs. The rotation is met when custody of newer keys is proved for all that were used or exposed, and owed
 * again should that cease; that the used key is retired, which a plan with a rotator asks for as well, when a device that
 * began to replace it says that it was deleted; the review when reviews name all of this, and owed again should more
 * come to light.
 */
export function obligationsOf({ request, plan, grants, stray, doubts, org, about, reviews }: Used): Obligation[] {
  if (plan === null) return []
  const [grant] = grants
  const { rotationHours, reviewHours } = plan.obligations
  const since = (grant?.statement ?? request).payload.time
  const spent = new Set([...grants.map(({ statement }) => statement.payload.basis.deposit), ...exposedBy(about, stray)])
  const owed: Obligation[] = []
  if (![...spent].every((deposit) => isReplaced(org.generations, deposit)))
    owed.push({ code: grant === undefined ? 'rotate-exposed' : 'rotate', since, due: since + rotationHours * HOUR_MS })
  if (!areRetired(grants)) owed.push({ code: 'retire', since, due: since + rotationHours * HOUR_MS })
  const unseen = unnamedBy(reviews, { grants, doubts })
  if (unseen.length > 0) {
    const from = Math.max(since, raisedAt(unseen))
    owed.push({ code: 'review', since: from, due: from + reviewHours * HOUR_MS })
  }
  return owed.sort((a, b) => a.due - b.due)
}

/** Since when there is something to review: evidence may come when all else was reviewed long ago. */
function raisedAt(unseen: ReturnType<typeof unnamedBy>): UnixMilliseconds {
  return Math.min(...unseen.map(({ kind, payload }) => (kind === 'evidence' ? payload.time : 0)))
}

/**
 * The generations of which releases gave a share away: those for which their `ready` are, whatever they say themselves. One
 * that names a deposit which never was could else be met by no rotation.
 */
function exposedBy(about: readonly VerifiedStatement[], releases: readonly VerifiedOf<'release'>[]): Digest[] {
  if (releases.length === 0) return []
  const named = new Map(about.flatMap((one) => (one.kind === 'ready' ? [[one.id, one.payload.deposit] as const] : [])))
  return releases.map(({ payload }) => named.get(payload.ready) ?? payload.deposit)
}

/**
 * Whether every key that these grants used was deleted, where their plan names a role that may: before, nobody may say
 * "rotated". One deletion is enough for several that used one key.
 */
export function areRetired(grants: readonly Grant[]): boolean {
  const depositOf = ({ statement }: Grant) => statement.payload.basis.deposit
  const retired = new Set(grants.filter(hasDeleted).map(depositOf))
  return grants.every((one) => one.plan.access.aftercare?.rotator === undefined || retired.has(depositOf(one)))
}

/** Whether some device says that it deleted a key which a case used. */
export function saysDeleted(one: Pick<Case, 'grant' | 'surplus'>): boolean {
  return grantsIn(one).some(hasDeleted)
}

function hasDeleted({ rotations }: Grant): boolean {
  return rotations.some(({ payload }) => payload.step === 'deleted')
}
