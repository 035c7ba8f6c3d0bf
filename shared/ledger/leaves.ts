import type { Sha256 } from '../bytes.ts'
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './merkle.ts'

const PAGE = 4096

/**
 * Leaf hashes by their place, in whatever order they come: 32 bytes a leaf, so that a million are 32 MiB. A bundle has
 * entries by case, and its roots are computed once all are here.
 */
export class Leaves {
  readonly #pages: (Uint8Array | undefined)[] = []
  readonly #taken: Uint8Array
  /** How many places the ledger has. */
  readonly size: number
  #count = 0

  /** @param size - at most 2^24 or so: a bit is kept for each place. */
  constructor(size: number) {
    this.size = size
    this.#taken = new Uint8Array(Math.ceil(size / 8))
  }

  /** How many places are taken. */
  get count(): number {
    return this.#count
  }

  has(at: number): boolean {
    return at < this.size && ((this.#taken[at >> 3] ?? 0) & (1 << (at & 7))) !== 0
  }

  /** Puts a leaf hash (32 bytes) in its place; false if the place is taken, or there is none. */
  set(at: number, hash: Uint8Array): boolean {
    if (at >= this.size || this.has(at)) return false
    const page = (this.#pages[Math.floor(at / PAGE)] ??= new Uint8Array(PAGE * HASH_BYTES))
    page.set(hash, (at % PAGE) * HASH_BYTES)
    this.#taken[at >> 3] = (this.#taken[at >> 3] ?? 0) | (1 << (at & 7))
    this.#count++
    return true
  }

  /** The first place that is not taken, from `from` on; `size` if all are. */
  firstGap(from = 0): number {
    let at = from
    while (at < this.size && this.has(at)) at++
    return at
  }

  /** The next place that is taken, from `from` on; `size` if there is none. */
  nextTaken(from: number): number {
    let at = from
    while (at < this.size && !this.has(at)) at++
    return at
  }

  /**
   * Computes the roots over the first n leaves for each n asked for (RFC 6962 §2.1), smallest first and each once, in one walk;
   * those beyond the first gap are left out.
   */
  eachRoot(sizes: Iterable<number>, visit: (size: number, root: Uint8Array) => void, sha256?: Sha256): void {
    // Hashes of complete subtrees, the largest first: one for each bit of the number of leaves so far.
    const edge: Uint8Array[] = []
    let at = 0
    for (const size of Float64Array.from(new Set(sizes)).sort()) {
      for (; at < size && this.has(at); at++) {
        edge.push(this.#leaf(at))
        for (let left = at; left % 2 === 1; left = (left - 1) / 2) merge(edge, sha256)
      }
      if (at < size) break
      visit(size, rootOf(edge, sha256))
    }
  }

  #leaf(at: number): Uint8Array {
    const from = (at % PAGE) * HASH_BYTES
    return (this.#pages[Math.floor(at / PAGE)] as Uint8Array).subarray(from, from + HASH_BYTES)
  }
}

function merge(edge: Uint8Array[], sha256?: Sha256): void {
  const right = edge.pop() as Uint8Array
  edge.push(nodeHash(edge.pop() as Uint8Array, right, sha256))
}

function rootOf(edge: readonly Uint8Array[], sha256?: Sha256): Uint8Array {
  const last = edge.at(-1)
  if (last === undefined) return EMPTY_ROOT.slice()
  return edge
    .slice(0, -1)
    .reduceRight((right, left) => nodeHash(left, right, sha256), last)
    .slice()
}
