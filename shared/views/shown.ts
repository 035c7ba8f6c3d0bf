import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { stoodIn } from '../case/issuings.ts'
import type { Case } from '../case/types.ts'
import type { Generation } from '../org/generations.ts'
import type { Organization, RosterDraft } from '../org/org-from.ts'
import type { PlanVersion } from '../org/plans.ts'
import type { VerifiedStatement } from '../statements/door.ts'

// What a picture for the window carries. It crosses whole after every change, and whoever ever stood in a roster can sign as
// much as they like: without bounds one of them, or some years of use, would make it larger than may cross, and then nobody
// would see anything any more. Everything stands in the log. What counts is never left out for what does not.

/** Statements of one case. */
export const MOST_STATEMENTS = 200
/** Drafts of the roster, drafts of plans, plans that were replaced, keys that are not in use: so many of each. */
export const MOST_OTHERS = 20

/** What a statement says of itself, by which a few of many are chosen. */
interface Said {
  readonly time: UnixMilliseconds
  readonly device: Digest
}

/** Of some statements the newest, at most so many: of each device its newest first, so that no device crowds out another. */
function newestOf<T>(items: readonly T[], saidOf: (item: T) => Said, most: number): ReadonlySet<T> {
  if (items.length <= most) return new Set(items)
  const turns = new Map<Digest, number>()
  const turned = items
    .toSorted((a, b) => saidOf(b).time - saidOf(a).time)
    .map((item) => {
      const { device } = saidOf(item)
      const turn = turns.get(device) ?? 0
      turns.set(device, turn + 1)
      return { item, turn }
    })
  return new Set(
    turned
      .sort((a, b) => a.turn - b.turn)
      .slice(0, most)
      .map(({ item }) => item),
  )
}

/** The statements of a case that are shown, in the case's order: those that break no rule before those that do. */
export function shownStatements({ timeline, refused, request }: Case, most: number): readonly VerifiedStatement[] {
  if (timeline.length <= most) return timeline
  const isOut = new Set(refused.map(({ id }) => id))
  const others = timeline.filter(({ id }) => id !== request.id)
  const saidOf = ({ payload }: VerifiedStatement) => payload
  const good = newestOf(
    others.filter(({ id }) => !isOut.has(id)),
    saidOf,
    most - 1,
  )
  const bad = newestOf(
    others.filter(({ id }) => isOut.has(id)),
    saidOf,
    most - 1 - good.size,
  )
  return timeline.filter((one) => one.id === request.id || good.has(one) || bad.has(one))
}

/**
 * The plan versions that are shown: what enough admins endorsed and nothing replaced, and what these cases were asked under;
 * of the others the newest, if their authors were ever in the organization.
 */
export function shownPlans({ plans, ...org }: Organization, cases: readonly Case[]): readonly PlanVersion[] {
  const asked = new Set(cases.map(({ request }) => request.payload.plan))
  const isKept = ({ id, state, consent }: PlanVersion) => asked.has(id) || (consent.met && state !== 'replaced')
  const others = plans.filter((one) => !isKept(one) && isGenuine(org, one.id))
  const saidOf = ({ plan }: PlanVersion) => plan
  const some = [others.filter(({ state }) => state === 'replaced'), others.filter(({ state }) => state !== 'replaced')]
  const chosen = new Set(some.flatMap((list) => [...newestOf(list, saidOf, MOST_OTHERS)]))
  return plans.filter((one) => isKept(one) || chosen.has(one))
}

/** The keys that are shown: those in use, and what these cases used; of the others the newest, as with plans. */
export function shownGenerations({ generations, ...org }: Organization, cases: readonly Case[]): readonly Generation[] {
  const used = new Set(
    cases.flatMap(({ grant, attempts }) => [
      ...(grant === null ? [] : [grant.statement.payload.basis.deposit]),
      ...attempts.map(({ ready }) => ready.payload.deposit),
    ]),
  )
  const isKept = ({ id, problems, state }: Generation) => used.has(id) || (problems.length === 0 && state !== 'retired')
  const others = generations.filter((one) => !isKept(one) && isGenuine(org, one.id))
  const chosen = newestOf(others, ({ deposit }) => deposit, MOST_OTHERS)
  return generations.filter((one) => isKept(one) || chosen.has(one))
}

/** The drafts of the roster that are shown: the newest of those that follow the head, then of those that never can. */
export function shownDrafts({ drafts, head }: Organization): readonly RosterDraft[] {
  const saidOf = ({ roster }: RosterDraft) => roster
  const next = newestOf(
    drafts.filter(({ predecessor }) => predecessor === head.id),
    saidOf,
    MOST_OTHERS,
  )
  const late = newestOf(
    drafts.filter(({ predecessor }) => predecessor !== head.id),
    saidOf,
    MOST_OTHERS - next.size,
  )
  return drafts.filter((one) => next.has(one) || late.has(one))
}

/** Whether somebody who was ever in the organization said so, and not a stranger by a roster of their own. */
function isGenuine(org: Pick<Organization, 'collection' | 'history'>, id: Digest): boolean {
  const statement = org.collection.byId(id)
  return statement !== undefined && stoodIn(org, statement)
}
