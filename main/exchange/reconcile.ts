import { createHash } from 'node:crypto'
import type { Digest } from '../../shared/bytes.ts'

/** Ids are compared in so many buckets, by their first byte. */
const BUCKETS = 256
const HASH_BYTES = 16
/** Bytes of a summary. */
export const SUMMARY_BYTES = BUCKETS * HASH_BYTES

/** A set of ids, ready to be compared with another. */
export interface Summary {
  /** For each bucket the first 16 bytes of SHA-256 over its ids, ascending, back to back. */
  readonly bytes: Uint8Array
  /** The ids of each bucket. */
  readonly buckets: readonly (readonly Digest[])[]
}

/** Summarizes a set of ids (docs/formats/lan.md §5). */
export function summarize(ids: readonly Digest[]): Summary {
  return growingSummary(() => ids)()
}

/**
 * Summarizes a set that only ever grows. What came since it was asked last is put in its place, and only buckets that grew
 * are hashed anew.
 *
 * @returns what gives the summary; its buckets grow with the next one.
 */
export function growingSummary(ids: () => readonly Digest[]): () => Summary {
  const buckets = Array.from({ length: BUCKETS }, (): Digest[] => [])
  const grown = new Set(buckets.keys())
  const bytes = new Uint8Array(SUMMARY_BYTES)
  let count = 0
  return () => {
    const all = ids()
    for (; count < all.length; count++) grown.add(putIn(buckets, all[count] as Digest))
    for (const index of grown) bytes.set(hashOf(buckets[index] as Digest[]), index * HASH_BYTES)
    grown.clear()
    return { bytes: bytes.slice(), buckets }
  }
}

const bytesOf = (id: Digest): Buffer => Buffer.from(id, 'base64url')

/** @returns which bucket it is in. */
function putIn(buckets: readonly Digest[][], id: Digest): number {
  const bytes = bytesOf(id)
  const index = bytes[0] as number
  const bucket = buckets[index] as Digest[]
  let [from, to] = [0, bucket.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (Buffer.compare(bytesOf(bucket[middle] as Digest), bytes) < 0) from = middle + 1
    else to = middle
  }
  bucket.splice(from, 0, id)
  return index
}

function hashOf(bucket: readonly Digest[]): Uint8Array {
  const hash = createHash('sha256')
  for (const id of bucket) hash.update(bytesOf(id))
  return hash.digest().subarray(0, HASH_BYTES)
}

/** Our ids in the buckets that differ from those of the other side's summary: what it may lack is among them. */
export function idsToOffer(ours: Summary, theirs: Uint8Array): Digest[] {
  return ours.buckets.flatMap((bucket, index) => {
    const at = index * HASH_BYTES
    const same = Buffer.compare(ours.bytes.subarray(at, at + HASH_BYTES), theirs.subarray(at, at + HASH_BYTES)) === 0
    return same ? [] : bucket
  })
}
