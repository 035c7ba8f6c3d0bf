import type { Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Roster } from '../statements/kinds.ts'
import type { Member } from '../statements/member.ts'
import { CLASSIFICATIONS, type Classification } from '../statements/review.ts'
import { historyFrom, stoodIn } from './issuings.ts'
import type { Case, CaseRefusalCode, Grant, Review } from './types.ts'

/** What reviews are judged by. */
interface Context {
  readonly org: Organization
  readonly request: VerifiedOf<'request'>
  readonly about: readonly VerifiedStatement[]
  /** The grant that counts, then every surplus one. */
  readonly grants: readonly Grant[]
  /** Grants whose basis is not all here. */
  readonly missing: readonly Digest[]
  readonly refuse: (statement: VerifiedStatement, code: CaseRefusalCode) => void
}

/**
 * The reviews of a case that count, in the order of their ids. Each is judged by itself, and none shuts another out: order
 * cannot decide, and what a second reviewer has to say must not be lost because a first one was quicker.
 */
export function reviewsOf(context: Context): Review[] {
  const written = context.about.filter((one) => one.kind === 'review')
  // To see who is who in the whole history is for the cases that need it.
  if (written.length === 0) return []
  const involved = involvedBy(context)
  const known = new Set([...context.grants.map(({ id }) => id), ...context.missing])
  return written.flatMap((statement) => {
    const code = whyNot(context, statement, involved, known)
    if (code !== null) {
      context.refuse(statement, code)
      return []
    }
    return [{ id: statement.id, statement, left: !standsIn(context.org.head.roster, statement) }]
  })
}

function whyNot(
  { org, grants }: Context,
  review: VerifiedOf<'review'>,
  involved: ReadonlySet<string>,
  known: ReadonlySet<Digest>,
): CaseRefusalCode | null {
  if (!reviewingRosters(org, grants[0]).some((roster) => standsIn(roster, review))) return 'not-active'
  if (involved.has(review.payload.member)) return 'reviewer-involved'
  return review.payload.grants.every((id) => known.has(id)) ? null : 'grant-unknown'
}

/**
 * Those in one of which a reviewer has to stand. Once granted, the basis's and every later one: people leave and get other
 * devices within the years that a log is kept, and that must not undo what they reviewed. Before, the head alone, as for
 * decisions.
 */
export function reviewingRosters(org: Organization, grant: Grant | undefined): Roster[] {
  return grant === undefined ? [org.head.roster] : historyFrom(org, grant.statement.payload.basis.roster)
}

/** Each picture asks it of each case several times. A case is another one as soon as anything came for it. */
const found = new WeakMap<Case, { readonly history: Organization['history']; readonly involved: ReadonlySet<string> }>()

/**
 * Members who may not review a case: who asked, and everybody of whom a genuine approval, release, issuing or grant is here,
 * whether a grant rests on it or not; and whoever else stood in a roster with a key of one of them.
 */
export function involvedIn(org: Organization, one: Case): ReadonlySet<string> {
  const before = found.get(one)
  if (before?.history === org.history) return before.involved
  const involved = involvedBy({ org, request: one.request, about: one.timeline })
  found.set(one, { history: org.history, involved })
  return involved
}

function involvedBy({ org, request, about }: Pick<Context, 'org' | 'request' | 'about'>): ReadonlySet<string> {
  const took = about.filter((one) => takesPart(one) && stoodIn(org, one)).map(({ payload }) => payload.member)
  return withAliases(org, new Set([request.payload.member, ...took]))
}

function takesPart(one: VerifiedStatement): boolean {
  if (one.kind === 'decision') return one.payload.verdict === 'approve'
  return one.kind === 'release' || one.kind === 'issuing' || one.kind === 'grant'
}

// Whoever left and came back under another name with the same device or hardware key is the same person.
function withAliases({ history }: Organization, members: Set<string>): ReadonlySet<string> {
  const entries = history.flatMap(({ roster }) => roster.members)
  for (let before = 0; before < members.size; ) {
    before = members.size
    const keys = new Set(entries.filter(({ member }) => members.has(member)).flatMap(keysOf))
    for (const entry of entries) if (keysOf(entry).some((key) => keys.has(key))) members.add(entry.member)
  }
  return members
}

function keysOf({ device, authenticators }: Member): string[] {
  return [device.keys.statement, ...authenticators.map(({ publicKey }) => publicKey)]
}

/** As many grants as a review may name. */
const MOST_NAMED = 100

/** What a new review names, ascending: the grants that no counting one names before others, for it names a hundred at most. */
export function grantsToName({ grant, surplus, reviews }: Pick<Case, 'grant' | 'surplus' | 'reviews'>): Digest[] {
  const named = new Set(reviews.flatMap(({ statement }) => statement.payload.grants))
  const grants = (grant === null ? [] : [grant, ...surplus]).map(({ id }) => id).sort()
  const order = [...grants.filter((id) => !named.has(id)), ...grants.filter((id) => named.has(id))]
  return order.slice(0, MOST_NAMED).sort()
}

/** Whether reviews together name every grant that their basis carries. */
export function areReviewed(grants: readonly Grant[], reviews: readonly Review[]): boolean {
  const named = new Set(reviews.flatMap(({ statement }) => statement.payload.grants))
  return grants.every(({ id }) => named.has(id))
}

/** What a case was, by all reviews that count: the gravest that any of them says; null without one. */
export function classificationOf(reviews: readonly Review[]): Classification | null {
  return (
    CLASSIFICATIONS.find((one) => reviews.some(({ statement }) => statement.payload.classification === one)) ?? null
  )
}
