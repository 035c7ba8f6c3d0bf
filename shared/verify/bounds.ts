import { REQUEST_VALID_MS } from '../case/types.ts'
import type { VerifiedStatement } from '../statements/door.ts'

/**
 * How much is recomputed. Ledger and signatures take time in proportion to the file, whatever is in it; organization
 * and cases compare statements with one another, so a file made for it could take days. Far above what an
 * organization of 100 people writes in ten years.
 */
export const RECOMPUTE_LIMITS = {
  roster: 1000,
  plan: 256,
  deposit: 2000,
  custody: 20_000,
  /** Endorsements of one statement. */
  endorsements: 300,
  /** Statements of one case. */
  case: 2000,
  /** Pairs of requests for one plan within an hour: each names every other. */
  pairs: 20_000,
  /** Checkpoint keys of one device over all rosters. */
  keysOfDevice: 16,
  /** Devices over all rosters. */
  devices: 10_000,
} as const

const COUNTED = ['roster', 'plan', 'deposit', 'custody'] as const

/**
 * What there is too much of to recompute organization and cases, in words, or null. A single case with too many statements
 * is seen where it is judged.
 *
 * @param statements - all but those of cases, and the requests.
 */
export function tooMuch(statements: readonly VerifiedStatement[]): string | null {
  const kinds = new Map<string, number>()
  const endorsed = new Map<string, number>()
  for (const statement of statements) {
    count(kinds, statement.kind)
    if (statement.kind === 'endorsement') count(endorsed, statement.payload.of)
  }
  const kind = COUNTED.find((one) => (kinds.get(one) ?? 0) > RECOMPUTE_LIMITS[one])
  if (kind !== undefined)
    return `${kinds.get(kind)} statements of kind ${kind}; at most ${RECOMPUTE_LIMITS[kind]} are judged`
  if (largest(endorsed) > RECOMPUTE_LIMITS.endorsements)
    return `one statement has ${largest(endorsed)} endorsements; at most ${RECOMPUTE_LIMITS.endorsements} are judged`
  const pairs = pairsOf(statements)
  if (pairs > RECOMPUTE_LIMITS.pairs)
    return `${pairs} pairs of requests for one plan within an hour; at most ${RECOMPUTE_LIMITS.pairs} are judged`
  return null
}

/** How many pairs of requests for one plan lie within an hour, in time n log n. */
function pairsOf(statements: readonly VerifiedStatement[]): number {
  const times = new Map<string, number[]>()
  for (const { kind, payload } of statements) if (kind === 'request') push(times, payload.plan, payload.time)
  let pairs = 0
  for (const asked of times.values()) {
    const sorted = asked.toSorted((a, b) => a - b)
    let from = 0
    for (const [at, time] of sorted.entries()) {
      while (time - (sorted[from] as number) >= REQUEST_VALID_MS) from++
      pairs += at - from
    }
  }
  return pairs
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function largest(counts: ReadonlyMap<string, number>): number {
  let found = 0
  for (const value of counts.values()) found = Math.max(found, value)
  return found
}

function push(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
