import { equalBytes } from '../../shared/bytes.ts'
import type { VaultFile } from './files.ts'
import type { IndexEnd, Shapes } from './journal-index.ts'
import type { Lying } from './journal-options.ts'
import { Places } from './journal-places.ts'
import {
  FIRST_PREVIOUS,
  type JournalIdentity,
  type JournalRecord,
  openFrame,
  readFrame,
  recordHash,
} from './journal-record.ts'
import { type Entry, type HeadMarker, openEntry } from './journal-scan.ts'

/** What lies behind the end of an index. */
export interface Tail {
  /** From the position after the end on. */
  readonly entries: readonly Entry[]
  readonly newestVersion: number
  /** The same records, opened once more: what they say is kept no longer than somebody wants it. */
  records(): JournalRecord[]
}

/**
 * Reads what was appended since an index was made, if the journal there is the one that it was made of.
 *
 * @returns null if anything is wrong, be it only a torn tail: then the whole journal has to be read to say what.
 */
export async function readTail(
  identity: JournalIdentity,
  file: VaultFile,
  marker: HeadMarker,
  end: IndexEnd,
): Promise<Tail | null> {
  if (typeof marker === 'string' || marker.position < end.position) return null
  const size = await file.size()
  if (size < end.length || end.at >= end.length) return null
  const bytes = await file.read(end.at, size - end.at)
  const last = readFrame(bytes, 0)
  if (last?.position !== end.position || end.at + last.bytes.length !== end.length) return null
  if (!equalBytes(recordHash(last.bytes), end.hash)) return null
  const entries: Entry[] = []
  let newestVersion = 0
  let [at, position, previous] = [last.bytes.length, end.position + 1, end.hash]
  for (;;) {
    const frame = readFrame(bytes, at)
    const opened = frame && frame.position === position ? openEntry(identity, frame, end.at + at) : null
    if (frame === null || opened === null || !equalBytes(frame.previous, previous)) break
    entries.push(opened.entry)
    newestVersion = Math.max(newestVersion, opened.label.version)
    at += frame.bytes.length
    position++
    previous = opened.entry.hash
  }
  // The marker may lag, and never leads: what it names is there, and is what it says.
  const marked = marker.position === end.position ? end : entries[marker.position - end.position - 1]
  if (marked === undefined || !equalBytes(marked.hash, marker.hash)) return null
  if (at !== bytes.length) return null
  const records = () =>
    entries.map((entry) => recordIn(identity, bytes.subarray(entry.at - end.at, entry.at - end.at + entry.length)))
  return { entries, newestVersion, records }
}

/** @throws {Error} if it does not open. */
function recordIn(identity: JournalIdentity, bytes: Uint8Array): JournalRecord {
  const frame = readFrame(bytes, 0)
  if (frame === null) throw new TypeError('no record')
  return openFrame(identity, frame)
}

/** The most bytes that are read at once of records that lie side by side. */
const RUN = 1024 * 1024

/** Opens the records that lie in these places, in their order; null if any of them is another, or does not open. */
export async function readPlaces(
  identity: JournalIdentity,
  file: VaultFile,
  places: readonly Lying[],
): Promise<JournalRecord[] | null> {
  const records: JournalRecord[] = []
  try {
    for (const run of runsOf(places)) {
      const [first, last] = [run[0] as Lying, run.at(-1) as Lying]
      const bytes = await file.read(first.at, last.at + last.length - first.at)
      for (const { position, at, length } of run) {
        const record = recordIn(identity, bytes.subarray(at - first.at, at - first.at + length))
        if (record.position !== position) return null
        records.push(record)
      }
    }
    return records
  } catch {
    return null
  }
}

/** Neighbours that lie side by side are read together. */
function* runsOf(places: readonly Lying[]): Generator<Lying[]> {
  let run: Lying[] = []
  for (const place of places) {
    const [first, last] = [run[0], run.at(-1)]
    if (first && last && (last.at + last.length !== place.at || place.at + place.length - first.at > RUN)) {
      yield run
      run = []
    }
    run.push(place)
  }
  if (run.length > 0) yield run
}

/** Bytes that one read brings, unless a single record is longer. */
const PIECE = 1024 * 1024

/**
 * Reads every record up to the end of an index, and compares: each carries the hash of the one before, so that all of
 * them are byte for byte those that were opened when the index was made, if the last one's hash is the one it names.
 *
 * @param onProgress - told how many records were read so far; what it throws ends the reading.
 * @returns where they lie, or null if anything differs.
 */
export async function readCovered(
  file: VaultFile,
  end: IndexEnd,
  shapes: Shapes,
  onProgress: (records: number) => void = () => undefined,
): Promise<Places | null> {
  const places = new Places()
  let previous: Uint8Array = FIRST_PREVIOUS
  let at = 0
  while (at < end.length) {
    const first = shapes.at(places.size).length
    const piece = await file.read(at, Math.min(Math.max(PIECE, first), end.length - at))
    const began = at
    for (let frame = readFrame(piece, 0); frame !== null; frame = readFrame(piece, at - began)) {
      if (places.size >= shapes.count) return null
      const { length, table } = shapes.at(places.size)
      const isNext = frame.position === places.size && equalBytes(frame.previous, previous)
      if (!isNext || frame.bytes.length !== length || table === undefined) return null
      previous = recordHash(frame.bytes)
      places.add({ at, length, table })
      at += length
    }
    if (at === began) return null
    onProgress(places.size)
  }
  return places.size === shapes.count && equalBytes(previous, end.hash) ? places : null
}
