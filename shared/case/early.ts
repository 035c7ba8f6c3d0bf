import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { foundationsOf, type Organization } from '../org/org-from.ts'
import type { Collection } from '../statements/collection.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { caseAbout, newestFirst } from './case-from.ts'
import { competitorsOf } from './findings.ts'
import { type Case, type Heard, REQUEST_VALID_MS } from './types.ts'

/**
 * What of a log is enough to judge some of its cases exactly as from all of it, be it with what came since. An app keeps it
 * beside its log, so that after unlocking it can show the newest cases before it has read everything.
 */
export interface EarlyPart {
  /** Requests whose cases can be judged. */
  readonly cases: readonly Digest[]
  /** Every request that claims this time or a later one is in the part, with all about it; null if every request is. */
  readonly since: UnixMilliseconds | null
  /** The statements of the part. */
  readonly statements: ReadonlySet<Digest>
}

/**
 * The part of a log for some of its cases: all that an organization is made of; all about these cases, about those that
 * compete with them, and about requests that are not here yet; and whatever the grants of these cases stand on.
 *
 * @param newest - the newest cases, newest first: all later ones are among them.
 * @param more - other cases, such as those that are still open.
 * @param awaited - requests that statements are about and that are not here.
 * @param hasAll - whether there are no other requests than those of `newest`.
 */
export function earlyPart(
  org: Organization,
  newest: readonly Case[],
  more: readonly Case[],
  awaited: Iterable<Digest>,
  hasAll: boolean,
): EarlyPart {
  const { collection } = org
  const chosen = new Map([...newest, ...more].map((one) => [one.id, one]))
  const competing = [...chosen.values()].flatMap(({ request }) => competitorsOf(collection, request))
  const whole = new Set([...chosen.keys(), ...competing.map(({ id }) => id), ...awaited])
  const statements = new Set(foundationsOf(collection).map(({ id }) => id))
  for (const request of whole) for (const { id } of collection.about(request)) statements.add(id)
  // A grant may name what was said in another case; it is refused for that, and would be judged otherwise without it.
  for (const { timeline } of chosen.values())
    for (const one of timeline)
      for (const id of standsOn(one)) if (collection.byId(id) !== undefined) statements.add(id)
  const oldest = newest.at(-1)
  // Of requests of one time with the oldest one only some may be among the newest.
  const since = hasAll || oldest === undefined ? null : oldest.request.payload.time + 1
  return { cases: [...chosen.keys()], since, statements }
}

function standsOn(one: VerifiedStatement): readonly Digest[] {
  if (one.kind !== 'grant') return []
  const { basis } = one.payload
  return [basis.request, basis.plan, basis.deposit, basis.ready, basis.issuing, ...basis.decisions, ...basis.releases]
}

/**
 * The cases that a part and what came since show as the whole log does; newest first. A case of which that cannot be told
 * is left out, so nothing may be concluded from one that is not there.
 *
 * @param org - the organization over the part and all that came since, and nothing else.
 * @param arrived - what came since.
 * @returns null if even the organization might be another one over the whole log.
 */
export function earlyCases(
  org: Organization,
  { cases, since }: Pick<EarlyPart, 'cases' | 'since'>,
  arrived: readonly VerifiedStatement[],
  now: UnixMilliseconds,
  heard: Heard,
): Case[] | null {
  const { collection } = org
  if (!arrived.every((one) => hasItsDrill(one, collection))) return null
  const fresh = arrived.filter((one) => one.kind === 'request' && hasItsCompetitors(one, since)).map(({ id }) => id)
  const known = new Set([...cases, ...fresh])
  return [...known]
    .map((id) => caseAbout(org, id, collection.about(id), now, heard))
    .filter((one) => one !== null)
    .filter(({ findings }) => findings.every(({ code }) => code !== 'basis-incomplete'))
    .sort(newestFirst)
}

/** A proof of custody counts if the drill is there that it was made in; that may be one that was not read yet. */
function hasItsDrill(one: VerifiedStatement, collection: Collection): boolean {
  if (one.kind !== 'custody') return true
  const { nonce, deposit } = one.payload
  return nonce === deposit || collection.get('request', nonce) !== undefined
}

/** Whether every request that could compete with this one is in the part, or came since. */
function hasItsCompetitors({ payload }: VerifiedStatement, since: UnixMilliseconds | null): boolean {
  return since === null || payload.time - REQUEST_VALID_MS >= since
}
