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
export function summarize(ids: Iterable<Digest>): Summary {
  const buckets = Array.from({ length: BUCKETS }, (): { id: Digest; bytes: Buffer }[] => [])
  for (const id of ids) {
    const bytes = Buffer.from(id, 'base64url')
    buckets[bytes[0] as number]?.push({ id, bytes })
  }
  const summary = new Uint8Array(SUMMARY_BYTES)
  for (const [index, bucket] of buckets.entries()) {
    bucket.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    const hash = createHash('sha256')
    for (const { bytes } of bucket) hash.update(bytes)
    summary.set(hash.digest().subarray(0, HASH_BYTES), index * HASH_BYTES)
  }
  return { bytes: summary, buckets: buckets.map((bucket) => bucket.map(({ id }) => id)) }
}

/** Summarizes a set that only ever grows, anew only after it did. */
export function growingSummary(ids: () => readonly Digest[]): () => Summary {
  let last: { count: number; summary: Summary } | null = null
  return () => {
    const all = ids()
    if (last?.count !== all.length) last = { count: all.length, summary: summarize(all) }
    return last.summary
  }
}

/** Our ids in the buckets that differ from those of the other side's summary: what it may lack is among them. */
export function idsToOffer(ours: Summary, theirs: Uint8Array): Digest[] {
  return ours.buckets.flatMap((bucket, index) => {
    const at = index * HASH_BYTES
    const same = Buffer.compare(ours.bytes.subarray(at, at + HASH_BYTES), theirs.subarray(at, at + HASH_BYTES)) === 0
    return same ? [] : bucket
  })
}
