import { type Digest, equalBytes, fromBase64Url, type Sha256 } from '../bytes.ts'
import type { Leaves } from '../ledger/leaves.ts'
import { HASH_BYTES } from '../ledger/merkle.ts'

/** The first thing that a device said of its own ledger and that is not so. */
export interface FalseHead {
  readonly at: number
  readonly size: number
  /** The largest size that fitted in what it said before. */
  readonly good: number
}

/** What the exporting device wrote into its statements about its own ledger: some 50 bytes each. */
export class OwnHeads {
  #places = new Float64Array(256)
  #sizes = new Float64Array(256)
  #roots = new Uint8Array(256 * HASH_BYTES)
  #count = 0

  add({ at, size, root }: { readonly at: number; readonly size: number; readonly root: Digest }): void {
    if (this.#count === this.#places.length) this.#grow()
    this.#places[this.#count] = at
    this.#sizes[this.#count] = size
    this.#roots.set(fromBase64Url(root), this.#count * HASH_BYTES)
    this.#count++
  }

  /**
   * Compares them with the ledger in the file, in its order. Whoever leaves out an entry and signs the rest anew still has
   * those words of the device's own against it.
   */
  firstFalse(leaves: Leaves, sha256?: Sha256): FalseHead | null {
    const fits = new Uint8Array(this.#count)
    const bySize = this.#order(this.#sizes)
    let next = 0
    leaves.eachRoot(
      this.#sizes.subarray(0, this.#count),
      (size, root) => {
        while (next < bySize.length && this.#size(bySize[next]) < size) next++
        for (; next < bySize.length && this.#size(bySize[next]) === size; next++) {
          const one = bySize[next] as number
          const said = this.#roots.subarray(one * HASH_BYTES, (one + 1) * HASH_BYTES)
          if (size <= (this.#places[one] as number) && equalBytes(said, root)) fits[one] = 1
        }
      },
      sha256,
    )
    let good = 0
    for (const one of this.#order(this.#places)) {
      const size = this.#size(one)
      if (fits[one] === 0) return { at: this.#places[one] as number, size, good }
      good = Math.max(good, size)
    }
    return null
  }

  /** In a part of a ledger: the first that speaks of more entries than came before it. */
  firstAhead(): FalseHead | null {
    for (const one of this.#order(this.#places)) {
      const [at, size] = [this.#places[one] as number, this.#size(one)]
      if (size > at) return { at, size, good: 0 }
    }
    return null
  }

  #size(one: number | undefined): number {
    return this.#sizes[one as number] as number
  }

  #order(by: Float64Array): Uint32Array {
    return Uint32Array.from({ length: this.#count }, (_, at) => at).sort(
      (a, b) => (by[a] as number) - (by[b] as number),
    )
  }

  #grow(): void {
    const [places, sizes, roots] = [this.#places, this.#sizes, this.#roots]
    this.#places = new Float64Array(places.length * 2)
    this.#sizes = new Float64Array(places.length * 2)
    this.#roots = new Uint8Array(roots.length * 2)
    this.#places.set(places)
    this.#sizes.set(sizes)
    this.#roots.set(roots)
  }
}
