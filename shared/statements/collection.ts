import type { Digest } from '../bytes.ts'
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
  /** Every statement that names this request, and the request itself. */
  about(request: Digest): readonly VerifiedStatement[]
  /**
   * The same with one statement more, as if all had been gathered anew. An app asks for it after each statement that it
   * accepts, so it copies a list rather than sort it again; this collection stays as it is.
   */
  with(statement: VerifiedStatement): Collection
}

/** Gathers statements: one for each id, ordered by id, so that every app computes over the same sequence. */
export function collect(statements: Iterable<VerifiedStatement>): Collection {
  const byId = new Map<Digest, VerifiedStatement>()
  for (const statement of statements) {
    const known = byId.get(statement.id)
    if (known === undefined || rank(statement) < rank(known)) byId.set(statement.id, statement)
  }
  const all = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return new Sorted(all, new Map(GROUPINGS.map((of) => [of, groupBy(all, of)])))
}

/** What a statement is grouped by; null where it belongs to no group. */
type Grouping = (statement: VerifiedStatement) => string | null
type Groups = ReadonlyMap<string, readonly VerifiedStatement[]>

const kindOf: Grouping = ({ kind }) => kind
const endorsedBy: Grouping = ({ kind, payload }) => (kind === 'endorsement' ? payload.of : null)
const GROUPINGS: readonly Grouping[] = [kindOf, endorsedBy, requestOf]

// One for all: what a collection has of something is the same list until something is added to it.
const NONE: readonly VerifiedStatement[] = []

class Sorted implements Collection {
  /** Ordered by id, and so is each group. */
  readonly all: readonly VerifiedStatement[]
  readonly #groups: ReadonlyMap<Grouping, Groups>

  constructor(all: readonly VerifiedStatement[], groups: ReadonlyMap<Grouping, Groups>) {
    this.all = all
    this.#groups = groups
  }

  byId(id: Digest): VerifiedStatement | undefined {
    const found = this.all[placeOf(this.all, id)]
    return found?.id === id ? found : undefined
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

  about(request: Digest): readonly VerifiedStatement[] {
    return this.#group(requestOf, request)
  }

  with(statement: VerifiedStatement): Collection {
    const known = this.byId(statement.id)
    if (known === undefined) return new Sorted(inserted(this.all, statement), this.#groupsWith(statement))
    // Another copy of one that is here: rare, so no trouble is taken.
    return rank(statement) < rank(known) ? collect([...this.all, statement]) : this
  }

  #groupsWith(statement: VerifiedStatement): ReadonlyMap<Grouping, Groups> {
    return new Map(
      [...this.#groups].map(([of, groups]) => {
        const name = of(statement)
        if (name === null) return [of, groups]
        return [of, new Map(groups).set(name, inserted(groups.get(name) ?? [], statement))]
      }),
    )
  }

  #group(of: Grouping, name: string): readonly VerifiedStatement[] {
    return this.#groups.get(of)?.get(name) ?? NONE
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

/** Where a statement of that id stands among statements ordered by id, or would stand. */
function placeOf(statements: readonly VerifiedStatement[], id: Digest): number {
  let [from, to] = [0, statements.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((statements[middle] as VerifiedStatement).id < id) from = middle + 1
    else to = middle
  }
  return from
}

function inserted(statements: readonly VerifiedStatement[], statement: VerifiedStatement): VerifiedStatement[] {
  return statements.toSpliced(placeOf(statements, statement.id), 0, statement)
}

function groupBy(statements: readonly VerifiedStatement[], of: Grouping): Groups {
  const groups = new Map<string, VerifiedStatement[]>()
  for (const statement of statements) {
    const name = of(statement)
    if (name === null) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [statement])
    else group.push(statement)
  }
  return groups
}
