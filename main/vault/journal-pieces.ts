import { concat } from '../../shared/bytes.ts'
import type { SealedRun } from './journal-ahead.ts'
import type { Place } from './journal-places.ts'
import type { Reading } from './journal-reading.ts'
import { type JournalIdentity, type Label, recordHash, sealFrame } from './journal-record.ts'
import type { Entry, Head, HeadMarker, Scan } from './journal-scan.ts'

/** The most records that are written at once; what a failed sync left in doubt is never more than that. */
export const MOST_IN_PIECE = 128
const MOST_BYTES = 512 * 1024

/** What a record will say. */
export interface NewRecord {
  readonly label: Label
  readonly value: Uint8Array
}

/** A record that waits for the disk. */
export interface WaitingRecord extends NewRecord {
  readonly deferrable: boolean
  /** Told its position once it is on the medium. */
  readonly resolve: (position: number) => void
  readonly reject: (error: unknown) => void
}

/** Records whose appends came while the disk was busy: they are written as one piece, which it keeps with one sync. */
export class Piece {
  readonly records: WaitingRecord[] = []
  /** How it was sealed before its turn came, since the keys went. */
  ahead: readonly SealedRun[] | null = null
  #bytes = 0

  constructor(first: WaitingRecord) {
    this.add(first)
  }

  /** Takes one more, if there is room for it; its first has room in any case. */
  add(record: WaitingRecord): boolean {
    const isFull = this.records.length >= MOST_IN_PIECE || this.#bytes + record.value.length > MOST_BYTES
    if (isFull && this.records.length > 0) return false
    this.records.push(record)
    this.#bytes += record.value.length
    return true
  }
}

/** Records as they will lie in the file. */
export interface SealedPiece {
  readonly bytes: Uint8Array
  /** Their entries, as if the first byte were the file's first. */
  readonly entries: readonly Entry[]
  /** The place of the record that will follow. */
  readonly next: Scan['next']
}

/** What is written with no key any more: a piece for one very place, and the head marker for when it is on the medium. */
export interface ReadyPiece extends SealedPiece {
  /** The place for which it was sealed. */
  readonly from: Scan['next']
  readonly marker: Uint8Array
}

/** Seals records for the places from `next` on, one behind the other. */
export function sealPiece(
  identity: JournalIdentity,
  records: readonly NewRecord[],
  { position, previous }: Scan['next'],
): SealedPiece {
  const frames: Uint8Array[] = []
  const entries: Entry[] = []
  let [at, before] = [0, previous]
  for (const [count, { label, value }] of records.entries()) {
    const bytes = sealFrame(identity, { position: position + count, previous: before }, label, value)
    const hash = recordHash(bytes)
    entries.push({ at, length: bytes.length, table: label.table, previous: before, hash })
    frames.push(bytes)
    at += bytes.length
    before = hash
  }
  return { bytes: concat(...frames), entries, next: { position: position + records.length, previous: before } }
}

/**
 * Where the records begin that a reader sees and the medium may lack, because a sync failed: those behind the marked one,
 * which are one piece at most, and in any case the last.
 */
export function firstInDoubt({ places, next }: Pick<Reading, 'places' | 'next'>, marker: HeadMarker): Place | null {
  const marked = typeof marker === 'string' ? -1 : (marker satisfies Head).position
  const from = Math.min(Math.max(marked + 1, next.position - MOST_IN_PIECE, 0), places.size - 1)
  for (let position = Math.max(from, 0); position < places.size; position++) {
    const place = places.get(position)
    if (place !== undefined) return place
  }
  return null
}
