import { type Generation, isReplaced } from '../org/generations.ts'
import type { VerifiedOf } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import { areReviewed } from './reviews.ts'
import type { Grant, Obligation, Review } from './types.ts'

const HOUR_MS = 60 * 60_000

interface Used {
  readonly request: VerifiedOf<'request'>
  readonly plan: Plan | null
  /** The grant that counts, then every surplus one. */
  readonly grants: readonly Grant[]
  /** Releases that no grant accounts for; see `strayReleases`. */
  readonly stray: readonly VerifiedOf<'release'>[]
  readonly generations: readonly Generation[]
  /** Those that count. */
  readonly reviews: readonly Review[]
}

/**
 * What a case owes, earliest first: after a grant a review and a rotation, after stray releases a rotation. The rotation
 * is met when custody of newer keys is proved for all that were used or exposed, and owed again should that cease; the
 * review when reviews name every grant, and owed again should another grant come to light.
 */
export function obligationsOf({ request, plan, grants, stray, generations, reviews }: Used): Obligation[] {
  if (plan === null) return []
  const [grant] = grants
  const { rotationHours, reviewHours } = plan.obligations
  const since = (grant?.statement ?? request).payload.time
  const spent = new Set([
    ...grants.map(({ statement }) => statement.payload.basis.deposit),
    ...stray.map(({ payload }) => payload.deposit),
  ])
  const owed: Obligation[] = []
  if (![...spent].every((deposit) => isReplaced(generations, deposit)))
    owed.push({ code: grant === undefined ? 'rotate-exposed' : 'rotate', since, due: since + rotationHours * HOUR_MS })
  if (!areReviewed(grants, reviews)) owed.push({ code: 'review', since, due: since + reviewHours * HOUR_MS })
  return owed.sort((a, b) => a.due - b.due)
}
