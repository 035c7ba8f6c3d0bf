import type { Doored } from './batch.ts'

/** Entries from `from` up to but without `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** What a file has that is what its device still holds, and which entries that device says it removed. */
export class Held {
  readonly #places: number[] = []
  readonly #removed: Range[] = []

  take({ places, pruned }: Pick<Doored, 'places' | 'pruned'>): void {
    for (const place of places) this.#places.push(place)
    this.#removed.push(...pruned)
  }

  /** How many entries of a ledger are neither here nor said to have been removed. */
  unaccounted(size: number): number {
    const places = [...new Set(this.#places)].sort((a, b) => a - b)
    const removed = unionOf(this.#removed)
    let lost = size - places.length
    for (const { from, to } of removed) lost -= to - from - (before(places, to) - before(places, from))
    return lost
  }
}

function unionOf(ranges: readonly Range[]): Range[] {
  const union: { from: number; to: number }[] = []
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = union.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else union.push({ from, to })
  }
  return union
}

/** How many of these numbers, ascending, are below a bound. */
function before(sorted: readonly number[], bound: number): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sorted[middle] as number) < bound) from = middle + 1
    else to = middle
  }
  return from
}
