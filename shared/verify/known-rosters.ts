import type { Digest, DigestOf } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { verify } from '../statements/door.ts'
import { parse, type StatementOf } from '../statements/envelope.ts'
import type { Batch } from './batch.ts'
import type { KnownRoster, Means } from './examine.ts'

/**
 * The rosters among these entries that pass the door, each judged by those it names: again and again, until no more are
 * known. None of them needs to be endorsed for that. What is wrong with the others is said when all entries are examined.
 */
export async function rostersIn(
  batches: readonly Batch[],
  organization: Digest,
  files: number,
  { checks, digestOf }: Means,
): Promise<KnownRoster[]> {
  const known = new Map<Digest, { id: Digest; roster: StatementOf<'roster'>['payload']; places: (number | null)[] }>()
  let open = parsedIn(batches, digestOf)
  for (let before = -1; before !== open.length; ) {
    before = open.length
    const waiting: typeof open = []
    for (const one of open) {
      const { statement, file, at } = one
      const context = { organization, roster: (id: Digest) => known.get(id)?.roster }
      const verdict = await verify(statement, context, checks).catch(refused)
      if (verdict?.verdict === 'waiting') waiting.push(one)
      if (verdict?.verdict !== 'verified') continue
      const here = known.get(statement.id) ?? {
        id: statement.id,
        roster: statement.payload,
        places: Array<null>(files).fill(null),
      }
      here.places[file] ??= at
      known.set(statement.id, here)
    }
    open = waiting
  }
  return [...known.values()]
}

function parsedIn(batches: readonly Batch[], digestOf: DigestOf) {
  const found: { readonly statement: StatementOf<'roster'>; readonly file: number; readonly at: number }[] = []
  for (const { file, bytes, ends, places } of batches)
    for (let row = 0; row < places.length; row++)
      try {
        const statement = parse(bytes.subarray(ends[row - 1] ?? 0, ends[row]), digestOf)
        if (statement.kind === 'roster') found.push({ statement, file, at: places[row] as number })
      } catch (error) {
        refused(error)
      }
  return found
}

function refused(error: unknown): null {
  if (error instanceof LockboxError) return null
  throw error
}
