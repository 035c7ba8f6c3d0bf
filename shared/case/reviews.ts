import type { Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { PayloadOf, Roster } from '../statements/kinds.ts'
import type { Member } from '../statements/member.ts'
import { CLASSIFICATIONS, type Classification, MOST_NAMED } from '../statements/review.ts'
import { historyFrom, stoodIn } from './issuings.ts'
import { type Case, type CaseRefusalCode, type Finding, type Grant, grantsIn, type Review } from './types.ts'

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

/** What has to be named by reviews, beside the grants: what differs from AWS's record, and what nobody told the outcome of. */
export type Doubt = VerifiedOf<'evidence'> | VerifiedOf<'issuing'>

/** What a new review names of a case: what no counting one names before the rest, for it names a hundred of each at most. */
export function toName(one: Pick<Case, 'grant' | 'surplus' | 'reviews' | 'findings'>): Named {
  const named = namedBy(one.reviews)
  const first = (ids: readonly Digest[], known: ReadonlySet<Digest>) => {
    const sorted = ids.toSorted()
    const order = [...sorted.filter((id) => !known.has(id)), ...sorted.filter((id) => known.has(id))]
    return order.slice(0, MOST_NAMED).sort()
  }
  const grants = grantsIn(one).map(({ id }) => id)
  const saw = doubtsIn(one)
  return { grants: first(grants, named.grants), ...(saw.length > 0 && { saw: first(saw, named.saw) }) }
}

type Named = Pick<PayloadOf<'review'>, 'grants' | 'saw'>

/** Of what a new review would name, what no counting one does. */
export function unseenIn(one: Pick<Case, 'grant' | 'surplus' | 'reviews' | 'findings'>): Digest[] {
  const named = namedBy(one.reviews)
  const grants = grantsIn(one).map(({ id }) => id)
  return [...grants.filter((id) => !named.grants.has(id)), ...doubtsIn(one).filter((id) => !named.saw.has(id))]
}

/** What of a case raises doubts: statements that its findings name. */
export function doubtsIn({ findings }: Pick<Case, 'findings'>): Digest[] {
  return findings.filter(({ code }) => DOUBTS.has(code)).map(({ id }) => id)
}

const DOUBTS: ReadonlySet<Finding['code']> = new Set(['evidence-differs', 'session-may-exist'])

function namedBy(reviews: readonly Review[]): {
  readonly grants: ReadonlySet<Digest>
  readonly saw: ReadonlySet<Digest>
} {
  const said = reviews.map(({ statement }) => statement.payload)
  return { grants: new Set(said.flatMap(({ grants }) => grants)), saw: new Set(said.flatMap(({ saw }) => saw ?? [])) }
}

/** What no review names: of the grants that their basis carries, and of what raises doubts. */
export function unnamedBy(
  reviews: readonly Review[],
  { grants, doubts }: { readonly grants: readonly Grant[]; readonly doubts: readonly Doubt[] },
): (VerifiedOf<'grant'> | Doubt)[] {
  const named = namedBy(reviews)
  const unnamed = grants.map(({ statement }) => statement).filter(({ id }) => !named.grants.has(id))
  return [...unnamed, ...doubts.filter(({ id }) => !named.saw.has(id))]
}

/** What a case was, by all reviews that count: the gravest that any of them says; null without one. */
export function classificationOf(reviews: readonly Review[]): Classification | null {
  return (
    CLASSIFICATIONS.find((one) => reviews.some(({ statement }) => statement.payload.classification === one)) ?? null
  )
}
