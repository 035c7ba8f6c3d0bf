import { PIECE } from './columns.ts'

const BYTES = 32
const NONE = -1

/**
 * Numbers for 32-byte digests, the first seen is 0: 32 bytes and a few more for each, where a map of texts would cost four times
 * that. Digests are hashes already, so their first bytes spread well; whoever crafts them to collide makes this slow by
 * no more than comparing them.
 */
export class Digests {
  /** Side by side, so many in each. */
  readonly #pieces: Uint8Array[] = []
  #slots = new Int32Array(4096).fill(NONE)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The number of the digest at `from` in `bytes`; a new one if it has none yet. */
  number(bytes: Uint8Array, from: number): number {
    let slot = this.#slotOf(bytes, from)
    const known = this.#slots[slot] as number
    if (known !== NONE) return known
    if ((this.#count + 1) * 2 > this.#slots.length) {
      this.#growSlots()
      slot = this.#slotOf(bytes, from)
    }
    if (this.#count % PIECE === 0) this.#pieces.push(new Uint8Array(PIECE * BYTES))
    this.#pieceOf(this.#count).set(bytes.subarray(from, from + BYTES), placeOf(this.#count))
    this.#slots[slot] = this.#count
    return this.#count++
  }

  #slotOf(bytes: Uint8Array, from: number): number {
    const mask = this.#slots.length - 1
    let slot = hashOf(bytes, from) & mask
    for (;;) {
      const known = this.#slots[slot] as number
      if (known === NONE || this.#equals(known, bytes, from)) return slot
      slot = (slot + 1) & mask
    }
  }

  #equals(number: number, bytes: Uint8Array, from: number): boolean {
    const piece = this.#pieceOf(number)
    const at = placeOf(number)
    for (let byte = 0; byte < BYTES; byte++) if (piece[at + byte] !== bytes[from + byte]) return false
    return true
  }

  #pieceOf(number: number): Uint8Array {
    return this.#pieces[Math.floor(number / PIECE)] as Uint8Array
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(NONE)
    const mask = slots.length - 1
    for (let number = 0; number < this.#count; number++) {
      let slot = hashOf(this.#pieceOf(number), placeOf(number)) & mask
      while (slots[slot] !== NONE) slot = (slot + 1) & mask
      slots[slot] = number
    }
    this.#slots = slots
  }
}

/** Where a digest begins in its piece. */
const placeOf = (number: number): number => (number % PIECE) * BYTES

// Bytes from the middle and both ends: whoever wants many ids that share them has to search for each.
function hashOf(bytes: Uint8Array, from: number): number {
  const at = (index: number) => bytes[from + index] ?? 0
  const low = at(0) | (at(1) << 8) | (at(2) << 16) | (at(3) << 24)
  const high = at(13) | (at(17) << 8) | (at(23) << 16) | (at(31) << 24)
  return Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 8
}
