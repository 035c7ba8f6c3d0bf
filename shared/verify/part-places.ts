import type { Doored } from './batch.ts'

/** Entries from `from` up to but without `to`. */
interface Range {
  readonly from: number
  readonly to: number
}

/**
 * Where the entries of a part of a ledger stand, eight bytes each, and what its device says it removed, if the part is what that one still
 * holds. Its places may be any, so they are compared once all are here.
 */
export class PartPlaces {
  #places = new Float64Array(1024)
  #count = 0
  #isSorted = false
  readonly #removed: Range[] = []

  take({ places, pruned }: Pick<Doored, 'places' | 'pruned'>): void {
    while (this.#count + places.length > this.#places.length) this.#grow()
    this.#places.set(places, this.#count)
    this.#count += places.length
    this.#isSorted = false
    this.#removed.push(...pruned)
  }

  /** Each entry that claims a place which another has taken: the place. */
  *twice(): Generator<number> {
    const places = this.#sorted()
    for (let at = 1; at < places.length; at++) if (places[at] === places[at - 1]) yield places[at] as number
  }

  /** How many entries of a ledger are neither here nor said to have been removed. */
  unaccounted(size: number): number {
    const places = this.#sorted().filter((place, at, all) => place !== all[at - 1])
    const removed = unionOf(this.#removed)
    let lost = size - places.length
    for (const { from, to } of removed) lost -= to - from - (before(places, to) - before(places, from))
    return lost
  }

  #sorted(): Float64Array {
    const places = this.#places.subarray(0, this.#count)
    if (!this.#isSorted) places.sort()
    this.#isSorted = true
    return places
  }

  #grow(): void {
    const wider = new Float64Array(this.#places.length * 2)
    wider.set(this.#places)
    this.#places = wider
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
function before(sorted: Float64Array, bound: number): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sorted[middle] as number) < bound) from = middle + 1
    else to = middle
  }
  return from
}
