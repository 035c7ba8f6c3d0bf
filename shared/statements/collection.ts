import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { VerifiedOf, VerifiedStatement } from './door.ts'
import type { Statement } from './envelope.ts'
import type { Kind } from './kinds.ts'

/** A set of verified statements, without repetition and in an order that does not depend on how they came. */
export interface Collection {
  readonly all: readonly VerifiedStatement[]
  byId(id: Digest): VerifiedStatement | undefined
  /** The statement of that id if it is of that kind. */
  get<K extends Kind>(kind: K, id: Digest): VerifiedOf<K> | undefined
  /** All of one kind, by id. Like every list here it is the same one after {@link with} if nothing was added to it. */
  of<K extends Kind>(kind: K): readonly VerifiedOf<K>[]
  endorsementsOf(id: Digest): readonly VerifiedOf<'endorsement'>[]
  /** Proofs of custody of a deposit's shares. */
  custodyOf(deposit: Digest): readonly VerifiedOf<'custody'>[]
  /** Every statement that names this request, and the request itself. */
  about(request: Digest): readonly VerifiedStatement[]
  /** Requests for a plan whose claimed time is at most so many milliseconds from one, by id. */
  requestsNear(plan: Digest, time: UnixMilliseconds, withinMs: number): readonly VerifiedOf<'request'>[]
  /**
   * The same with one statement more, as if all had been gathered anew; this collection stays as it is. An app asks for it
   * after each statement that it accepts, so it takes as long with a million statements as with one.
   */
  with(statement: VerifiedStatement): Collection
  /** What came since an earlier collection that this one grew out of; null if it did not grow out of that one. */
  since(earlier: Collection): readonly VerifiedStatement[] | null
}

/** Gathers statements: one for each id, ordered by id, so that every app computes over the same sequence. */
export function collect(statements: Iterable<VerifiedStatement>): Collection {
  const byId = new Map<Digest, VerifiedStatement>()
  for (const statement of statements) {
    const known = byId.get(statement.id)
    if (known === undefined || rank(statement) < rank(known)) byId.set(statement.id, statement)
  }
  const ground = new Ground()
  for (const statement of byId.values()) ground.add(statement)
  return new Grown(ground, ground.order.length)
}

/** What a statement is grouped by; null where it belongs to no group. */
type Grouping = (statement: VerifiedStatement) => string | null

/** Requests are looked up by the hours they claim. */
const HOUR_MS = 60 * 60_000
const hourOf = (time: UnixMilliseconds): number => Math.floor(time / HOUR_MS)

const everything: Grouping = () => ''
const kindOf: Grouping = ({ kind }) => kind
const endorsedBy: Grouping = ({ kind, payload }) => (kind === 'endorsement' ? payload.of : null)
const provenFor: Grouping = ({ kind, payload }) => (kind === 'custody' ? payload.deposit : null)
const planAndHour: Grouping = ({ kind, payload }) =>
  kind === 'request' ? `${payload.plan} ${hourOf(payload.time)}` : null
const GROUPINGS: readonly Grouping[] = [everything, kindOf, endorsedBy, provenFor, requestOf, planAndHour]

// One for all: what a collection has of something is the same list until something is added to it.
const NONE: readonly VerifiedStatement[] = []

/**
 * Statements in the order they came, shared by all collections that grew out of each other: each sees as many of them as
 * there were when it was made.
 */
class Ground {
  readonly order: VerifiedStatement[] = []
  readonly #places = new Map<Digest, number>()
  readonly #groups = new Map(GROUPINGS.map((of) => [of, new Map<string, Group>()]))

  add(statement: VerifiedStatement): void {
    this.#places.set(statement.id, this.order.length)
    for (const [of, groups] of this.#groups) {
      const name = of(statement)
      if (name === null) continue
      const group = groups.get(name)
      if (group === undefined) groups.set(name, new Group(this.order.length))
      else group.places.push(this.order.length)
    }
    this.order.push(statement)
  }

  /** Where it stands among those that came, or never. */
  placeOf(id: Digest): number {
    return this.#places.get(id) ?? Number.POSITIVE_INFINITY
  }

  group(of: Grouping, name: string): Group | undefined {
    return this.#groups.get(of)?.get(name)
  }
}

/** The members of one group, of whom older collections see fewer; a list by id is made when somebody asks for it. */
class Group {
  readonly places: number[]
  #made: readonly VerifiedStatement[] = NONE

  constructor(first: number) {
    this.places = [first]
  }

  /** Those among the first `count` statements, by id. */
  list(order: readonly VerifiedStatement[], count: number): readonly VerifiedStatement[] {
    const seen = placeAmong(this.places, count)
    if (seen === this.#made.length) return this.#made
    // Filled one by one: what map() gives is of another kind once V8 has compiled it, and all that walks such lists is compiled anew.
    const list: VerifiedStatement[] = []
    for (const place of this.places.slice(0, seen)) list.push(order[place] as VerifiedStatement)
    list.sort((a, b) => (a.id < b.id ? -1 : 1))
    // An older collection is seldom asked again, and not worth forgetting the newest for.
    if (seen > this.#made.length) this.#made = list
    return list
  }
}

class Grown implements Collection {
  readonly #ground: Ground
  readonly #count: number

  constructor(ground: Ground, count: number) {
    this.#ground = ground
    this.#count = count
  }

  get all(): readonly VerifiedStatement[] {
    return this.#group(everything, '')
  }

  byId(id: Digest): VerifiedStatement | undefined {
    const place = this.#ground.placeOf(id)
    return place < this.#count ? this.#ground.order[place] : undefined
  }

  get<K extends Kind>(kind: K, id: Digest): VerifiedOf<K> | undefined {
    const found = this.byId(id)
    return found?.kind === kind ? (found as VerifiedOf<typeof kind>) : undefined
  }

  of<K extends Kind>(kind: K): readonly VerifiedOf<K>[] {
    return this.#group(kindOf, kind) as readonly VerifiedOf<K>[]
  }

  endorsementsOf(id: Digest): readonly VerifiedOf<'endorsement'>[] {
    return this.#group(endorsedBy, id) as readonly VerifiedOf<'endorsement'>[]
  }

  custodyOf(deposit: Digest): readonly VerifiedOf<'custody'>[] {
    return this.#group(provenFor, deposit) as readonly VerifiedOf<'custody'>[]
  }

  about(request: Digest): readonly VerifiedStatement[] {
    return this.#group(requestOf, request)
  }

  requestsNear(plan: Digest, time: UnixMilliseconds, withinMs: number): readonly VerifiedOf<'request'>[] {
    const hours: VerifiedStatement[][] = []
    for (let hour = hourOf(time - withinMs); hour <= hourOf(time + withinMs); hour++)
      hours.push([...this.#group(planAndHour, `${plan} ${hour}`)])
    return (hours.flat() as VerifiedOf<'request'>[])
      .filter(({ payload }) => Math.abs(payload.time - time) <= withinMs)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  with(statement: VerifiedStatement): Collection {
    const known = this.byId(statement.id)
    // Another copy of one that is here: rare, so no trouble is taken.
    if (known !== undefined) return rank(statement) < rank(known) ? collect([...this.all, statement]) : this
    // Something else was added to this one before.
    if (this.#count < this.#ground.order.length) return collect([...this.all, statement])
    this.#ground.add(statement)
    return new Grown(this.#ground, this.#count + 1)
  }

  since(earlier: Collection): readonly VerifiedStatement[] | null {
    if (!(earlier instanceof Grown) || earlier.#ground !== this.#ground || earlier.#count > this.#count) return null
    return this.#ground.order.slice(earlier.#count, this.#count)
  }

  #group(of: Grouping, name: string): readonly VerifiedStatement[] {
    return this.#ground.group(of, name)?.list(this.#ground.order, this.#count) ?? NONE
  }
}

// A member may touch two keys for one statement. Which copy counts must not depend on which came first, since a roster
// may later hold only one of the keys.
function rank({ hardware }: VerifiedStatement): string {
  return hardware?.keyid ?? ''
}

/** The case a statement belongs to: the request's id, or null for statements outside cases. */
export function requestOf(statement: Statement): Digest | null {
  if (statement.kind === 'request') return statement.id
  return 'request' in statement.payload ? statement.payload.request : null
}

/** How many of some numbers, ascending, are below another. */
function placeAmong(numbers: readonly number[], below: number): number {
  // The newest collection, which is asked most, sees all.
  if ((numbers.at(-1) ?? -1) < below) return numbers.length
  let [from, to] = [0, numbers.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((numbers[middle] as number) < below) from = middle + 1
    else to = middle
  }
  return from
}
