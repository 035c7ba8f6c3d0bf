import { sha256 } from '@noble/hashes/sha2.js'
import type { Sha256 } from '../bytes.ts'
import { LedgerError } from './errors.ts'

/** Length of every hash in the tree, bytes. */
export const HASH_BYTES = 32

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array())

// The two prefixes keep a node from passing for a leaf (second preimage, RFC 6962 §2.1).
const LEAF = 0
const NODE = 1

// What is hashed is put together in one place: entries are public, and of a million each would leave a copy to be collected.
const room = new Uint8Array(8192)
const roomFor = (bytes: number): Uint8Array => (bytes <= room.length ? room.subarray(0, bytes) : new Uint8Array(bytes))

/** Hash of one leaf: SHA-256(0x00 ‖ bytes), RFC 6962 §2.1. */
export function leafHash(bytes: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  const prefixed = roomFor(1 + bytes.length)
  prefixed[0] = LEAF
  prefixed.set(bytes, 1)
  return hash(prefixed)
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  const pair = roomFor(1 + left.length + right.length)
  pair[0] = NODE
  pair.set(left, 1)
  pair.set(right, 1 + left.length)
  return hash(pair)
}

/** Hashes of one level in one growing buffer: 32 bytes a hash, where a million small arrays would cost four times that. */
class HashColumn {
  #bytes = new Uint8Array(HASH_BYTES * 32)
  length = 0

  push(hash: Uint8Array): void {
    const at = this.length * HASH_BYTES
    if (at === this.#bytes.length) {
      const grown = new Uint8Array(at * 2)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes.set(hash, at)
    this.length++
  }

  at(index: number): Uint8Array {
    return this.#bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES)
  }
}

/**
 * An append-only RFC 6962 tree over SHA-256. Holds the hash of every complete subtree (64 bytes a leaf), so appending,
 * the root at any earlier size, and proofs all take O(log n). Leaves themselves are not kept.
 */
export class MerkleTree {
  /** `#levels[k]` has the hash of every complete, aligned subtree of 2^k leaves. */
  readonly #levels: HashColumn[] = [new HashColumn()]
  readonly #hash: Sha256

  /** @param hash - a platform's own, where there is one. */
  constructor(hash: Sha256 = sha256) {
    this.#hash = hash
  }

  /** Number of leaves. */
  get size(): number {
    return this.#level(0).length
  }

  /** Hashes an entry's bytes and appends them; returns the entry's index. */
  append(bytes: Uint8Array): number {
    return this.appendLeaf(leafHash(bytes, this.#hash))
  }

  /**
   * Appends the hash of a leaf, as made by {@link leafHash}; returns its index.
   *
   * @throws {TypeError} if it is not 32 bytes.
   */
  appendLeaf(hash: Uint8Array): number {
    if (hash.length !== HASH_BYTES) throw new TypeError(`expected a leaf hash of ${HASH_BYTES} bytes`)
    const index = this.size
    let complete = hash
    for (let level = 0; ; level++) {
      const column = this.#level(level)
      column.push(complete)
      if (column.length % 2 === 1) return index
      complete = nodeHash(column.at(column.length - 2), column.at(column.length - 1), this.#hash)
    }
  }

  /**
   * The leaf hash at an index.
   *
   * @throws {LedgerError} `out-of-range` if there is none.
   */
  leaf(index: number): Uint8Array {
    this.#need(Number.isSafeInteger(index) && index >= 0 && index < this.size, `no entry ${index}`)
    return this.#level(0).at(index)
  }

  /**
   * The root over the first `size` leaves (all of them by default), 32 bytes.
   *
   * @throws {LedgerError} `out-of-range` if there are fewer.
   */
  root(size: number = this.size): Uint8Array {
    this.#needSize(size)
    return size === 0 ? EMPTY_ROOT.slice() : this.#range(0, size)
  }

  /**
   * Audit path of leaf `index` in the tree of the first `size` leaves, leaf end first (RFC 6962 §2.1.1).
   *
   * @throws {LedgerError} `out-of-range` unless 0 ≤ index < size ≤ this tree's size.
   */
  inclusionProof(index: number, size: number = this.size): Uint8Array[] {
    this.#needSize(size)
    this.#need(Number.isSafeInteger(index) && index >= 0 && index < size, `no entry ${index} in a ledger of ${size}`)
    const path: Uint8Array[] = []
    let start = 0
    let width = size
    while (width > 1) {
      const left = leftWidth(width)
      if (index < start + left) {
        path.push(this.#range(start + left, width - left))
        width = left
      } else {
        path.push(this.#range(start, left))
        start += left
        width -= left
      }
    }
    return path.reverse()
  }

  /**
   * Proof that the tree of `to` leaves extends the tree of `from` leaves (RFC 6962 §2.1.2). Empty if the sizes are
   * equal, and for `from` = 0, where there is nothing to prove.
   *
   * @throws {LedgerError} `out-of-range` unless 0 ≤ from ≤ to ≤ this tree's size.
   */
  consistencyProof(from: number, to: number = this.size): Uint8Array[] {
    this.#needSize(to)
    this.#need(Number.isSafeInteger(from) && from >= 0 && from <= to, `no proof from size ${from} to ${to}`)
    if (from === 0 || from === to) return []
    const path: Uint8Array[] = []
    let start = 0
    let width = to
    while (from !== start + width) {
      const left = leftWidth(width)
      if (from <= start + left) {
        path.push(this.#range(start + left, width - left))
        width = left
      } else {
        path.push(this.#range(start, left))
        start += left
        width -= left
      }
    }
    // The verifier knows this subtree when it is the whole old tree; otherwise it has to be told.
    if (start !== 0) path.push(this.#range(start, width))
    return path.reverse()
  }

  /** Hash over `width` leaves from `start`, where `start` is a multiple of the power of two that is ≥ width. */
  #range(start: number, width: number): Uint8Array {
    const left = leftWidth(width)
    if (left * 2 === width || width === 1) return this.#complete(start, width)
    return nodeHash(this.#complete(start, left), this.#range(start + left, width - left), this.#hash)
  }

  #complete(start: number, width: number): Uint8Array {
    return this.#level(31 - Math.clz32(width)).at(start / width)
  }

  #level(level: number): HashColumn {
    return (this.#levels[level] ??= new HashColumn())
  }

  #needSize(size: number): void {
    this.#need(
      Number.isSafeInteger(size) && size >= 0 && size <= this.size,
      `this ledger has ${this.size} entries, not ${size}`,
    )
  }

  #need(holds: boolean, otherwise: string): void {
    if (!holds) throw new LedgerError('out-of-range', otherwise)
  }
}

/** Leaves in the left half: the largest power of two below `width` (RFC 6962 §2.1); 1 for 1. */
function leftWidth(width: number): number {
  let left = 1
  while (left * 2 < width) left *= 2
  return left
}
