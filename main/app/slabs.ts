/** As long as the largest value of a record. */
const SLAB = 1024 * 1024

/** Bytes that are kept for as long as the app is open, side by side: each by itself leaves holes that fill a computer's memory. */
export class Slabs {
  #slab = new Uint8Array(SLAB)
  #used = 0

  /**
   * The same bytes in a place of their own.
   *
   * @throws {RangeError} for more than a megabyte.
   */
  keep(bytes: Uint8Array): Uint8Array {
    if (this.#used + bytes.length > SLAB) {
      this.#slab = new Uint8Array(SLAB)
      this.#used = 0
    }
    const kept = this.#slab.subarray(this.#used, this.#used + bytes.length)
    kept.set(bytes)
    this.#used += bytes.length
    return kept
  }
}
