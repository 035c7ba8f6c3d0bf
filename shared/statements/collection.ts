import type { Digest } from '../bytes.ts'
import type { VerifiedOf, VerifiedStatement } from './door.ts'
import type { Kind } from './kinds.ts'

/** A set of verified statements, without repetition and in an order that does not depend on how they came. */
export interface Collection {
  readonly all: readonly VerifiedStatement[]
  byId(id: Digest): VerifiedStatement | undefined
  /** The statement of that id if it is of that kind. */
  get<K extends Kind>(kind: K, id: Digest): VerifiedOf<K> | undefined
  /** All of one kind, by id. */
  of<K extends Kind>(kind: K): readonly VerifiedOf<K>[]
  endorsementsOf(id: Digest): readonly VerifiedOf<'endorsement'>[]
  /** Every statement that names this request, and the request itself. */
  about(request: Digest): readonly VerifiedStatement[]
}

/** Gathers statements: one for each id, ordered by id, so that every app computes over the same sequence. */
export function collect(statements: Iterable<VerifiedStatement>): Collection {
  const byId = new Map<Digest, VerifiedStatement>()
  for (const statement of statements) {
    const known = byId.get(statement.id)
    if (known === undefined || rank(statement) < rank(known)) byId.set(statement.id, statement)
  }
  const all = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const kinds = groupBy(all, (statement) => statement.kind)
  const endorsements = groupBy(of('endorsement'), (statement) => statement.payload.of)
  const cases = groupBy(all, requestOf)
  function of<K extends Kind>(kind: K): readonly VerifiedOf<K>[] {
    return (kinds.get(kind) ?? []) as readonly VerifiedStatement[] as readonly VerifiedOf<K>[]
  }
  return {
    all,
    byId: (id) => byId.get(id),
    get: (kind, id) => {
      const found = byId.get(id)
      return found?.kind === kind ? (found as VerifiedOf<typeof kind>) : undefined
    },
    of,
    endorsementsOf: (id) => endorsements.get(id) ?? [],
    about: (request) => cases.get(request) ?? [],
  }
}

// A member may touch two keys for one statement. Which copy counts must not depend on which came first, since a roster
// may later hold only one of the keys.
function rank({ hardware }: VerifiedStatement): string {
  return hardware?.keyid ?? ''
}

/** The case a statement belongs to: the request's id, or null for statements outside cases. */
export function requestOf(statement: VerifiedStatement): Digest | null {
  if (statement.kind === 'request') return statement.id
  return 'request' in statement.payload ? statement.payload.request : null
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K | null): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const name = key(item)
    if (name === null) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return groups
}
