import { equalBytes } from '../../shared/bytes.ts'
import {
  FIRST_PREVIOUS,
  type Frame,
  type JournalIdentity,
  type Label,
  nextMagic,
  openFrame,
  readFrame,
  recordHash,
} from './journal-record.ts'
import { parseRewritten, REWRITTEN } from './journal-rewrite.ts'

/** Position and hash of a record: where the journal's head stands. */
export interface Head {
  readonly position: number
  readonly hash: Uint8Array
}

export type ProblemKind =
  /** A record that was being written when the app died; it was never acknowledged, and is cut off. */
  | 'torn-tail'
  | 'altered'
  | 'moved'
  | 'repeated'
  /** Genuine, but not the record that its successor followed: it comes from another copy of this journal. */
  | 'replaced'
  | 'removed'
  /** Acknowledged records are missing from the end. */
  | 'truncated'
  | 'emptied'
  | 'head-missing'
  | 'head-altered'

/** What is wrong with the records `from` to `to` (both included). */
export interface Problem {
  readonly kind: ProblemKind
  readonly from: number
  readonly to: number
}

/** Where a genuine record lies in the file, of which table it is, and its hash. */
export interface Entry {
  readonly at: number
  readonly length: number
  readonly table: string
  readonly previous: Uint8Array
  readonly hash: Uint8Array
}

export interface Scan {
  /** By position; a hole is a record that was lost or altered. */
  readonly entries: readonly (Entry | undefined)[]
  readonly problems: readonly Problem[]
  /** Where the journal goes on: the position and predecessor's hash of the next record. */
  readonly next: { readonly position: number; readonly previous: Uint8Array }
  /** How long the file should be: shorter than it is when a torn tail is to be cut off. */
  readonly length: number
  /** The highest version of a table's layout that a record names; 0 without any. */
  readonly newestVersion: number
}

/** A journal that was just made. */
export const EMPTY_SCAN: Scan = {
  entries: [],
  problems: [],
  next: { position: 0, previous: FIRST_PREVIOUS },
  length: 0,
  newestVersion: 0,
}

/** The head marker as it was read. */
export type HeadMarker = Head | 'missing' | 'altered'

interface Found {
  readonly position: number
  readonly entry: Entry
}

/**
 * Reads a whole journal and says what is wrong with it. Every record is opened, so that nothing altered is found
 * only later. Changes nothing.
 */
export function scanJournal(identity: JournalIdentity, file: Uint8Array, marker: HeadMarker): Scan {
  const { found, badFrom, gaps, newestVersion, rewritings } = genuineRecords(identity, file)
  const entries = byPosition(found)
  const head = typeof marker === 'string' ? null : headNow(marker, rewritings, entries)
  const last = entries.length - 1
  const torn = badFrom < file.length && head !== null && head.position <= last
  const problems = [
    ...(typeof marker === 'string' ? [span(`head-${marker}`, last)] : []),
    ...lossesInside(entries, gaps),
    ...orderProblems(found),
    ...chainProblems(entries, head),
    ...lossesAtEnd(last, head, badFrom < file.length, file.length === 0),
    ...(torn ? [span('torn-tail', last + 1)] : []),
  ]
  const length = torn ? badFrom : file.length
  return { entries, problems, next: nextPlace(entries, head), length, newestVersion }
}

// The app died after it had written the journal anew, before it marked the new one's head.
function headNow(marker: Head, rewritings: ReadonlyMap<number, Head>, entries: readonly (Entry | undefined)[]): Head {
  for (const [position, { position: at, hash }] of rewritings) {
    const entry = entries[position]
    if (entry && at === marker.position && equalBytes(hash, marker.hash)) return { position, hash: entry.hash }
  }
  return marker
}

const span = (kind: ProblemKind, from: number, to: number = from): Problem => ({
  kind,
  from: Math.max(from, 0),
  to: Math.max(to, 0),
})

// Goes through the file; where a record does not open, looks for the next that does, so that one altered length
// does not hide all that follows.
function genuineRecords(identity: JournalIdentity, file: Uint8Array) {
  const found: Found[] = []
  /** Positions before which bytes lie that are no genuine record. */
  const gaps = new Set<number>()
  let at = 0
  let badFrom = -1
  let newestVersion = 0
  /** Where journals ended that this one took the place of, by the position of the record that says so. */
  const rewritings = new Map<number, Head>()
  while (at >= 0 && at < file.length) {
    const frame = readFrame(file, at)
    const opened = frame && openedOf(identity, frame)
    if (frame && opened) {
      const { label, rewrote } = opened
      if (rewrote !== null) rewritings.set(frame.position, rewrote)
      newestVersion = Math.max(newestVersion, label.version)
      if (badFrom >= 0) gaps.add(frame.position)
      badFrom = -1
      found.push({ position: frame.position, entry: entryOf(frame, at, label.table) })
      at += frame.bytes.length
    } else {
      if (badFrom < 0) badFrom = at
      at = nextMagic(file, at + 1)
    }
  }
  return { found, gaps, badFrom: badFrom < 0 ? file.length : badFrom, newestVersion, rewritings }
}

/** A record that opens: what it says it is, and where it lies; null if it does not open. */
export function openEntry(identity: JournalIdentity, frame: Frame, at: number): { label: Label; entry: Entry } | null {
  const opened = openedOf(identity, frame)
  return opened && { label: opened.label, entry: entryOf(frame, at, opened.label.table) }
}

function entryOf(frame: Frame, at: number, table: string): Entry {
  const { bytes, previous } = frame
  return { at, length: bytes.length, table, previous: Uint8Array.from(previous), hash: recordHash(bytes) }
}

/** What a record that opens, label and body, says it is; null if it does not open. */
function openedOf(identity: JournalIdentity, frame: Frame): { label: Label; rewrote: Head | null } | null {
  try {
    const { value, ...label } = openFrame(identity, frame)
    const isRewriting = label.table === REWRITTEN.table && label.key === REWRITTEN.key
    const rewrote = isRewriting ? parseRewritten(value) : null
    value.fill(0)
    return { label, rewrote }
  } catch {
    return null
  }
}

// Of two genuine records for one position the one that its successor followed is kept, else the first.
function byPosition(found: readonly Found[]): (Entry | undefined)[] {
  const entries: (Entry | undefined)[] = Array.from({
    length: found.reduce((most, { position }) => Math.max(most, position + 1), 0),
  })
  const followed = new Set(found.map(({ position, entry }) => `${position - 1} ${hexOf(entry.previous)}`))
  for (const { position, entry } of found) {
    if (entries[position] === undefined || followed.has(`${position} ${hexOf(entry.hash)}`)) entries[position] = entry
  }
  return entries
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function lossesInside(entries: readonly (Entry | undefined)[], gaps: ReadonlySet<number>): Problem[] {
  const problems: Problem[] = []
  for (let at = 0; at < entries.length; at++) {
    if (entries[at]) continue
    const from = at
    while (at + 1 < entries.length && !entries[at + 1]) at++
    problems.push(span(gaps.has(at + 1) ? 'altered' : 'removed', from, at))
  }
  // Foreign bytes between two records that are both there: nothing is lost, but something was put in.
  for (const position of gaps) {
    if (position === 0 || entries[position - 1]) problems.push(span('altered', position))
  }
  return problems
}

function orderProblems(found: readonly Found[]): Problem[] {
  const seen = new Set<number>()
  const problems: Problem[] = []
  const once = found.filter(({ position }) => {
    const again = seen.has(position)
    if (again) problems.push(span('repeated', position))
    seen.add(position)
    return !again
  })
  const inOrder = once.map(({ position }) => position).sort((a, b) => a - b)
  once.forEach(({ position }, at) => {
    if (position !== inOrder[at]) problems.push(span('moved', position))
  })
  return problems
}

function chainProblems(entries: readonly (Entry | undefined)[], head: Head | null): Problem[] {
  const problems: Problem[] = []
  entries.forEach((entry, position) => {
    const before = position === 0 ? FIRST_PREVIOUS : entries[position - 1]?.hash
    if (entry && before && !equalBytes(entry.previous, before))
      problems.push(span('replaced', Math.max(position - 1, 0)))
  })
  const atHead = head ? entries[head.position] : undefined
  if (head && atHead && !equalBytes(atHead.hash, head.hash)) problems.push(span('replaced', head.position))
  return problems
}

function lossesAtEnd(last: number, head: Head | null, badTail: boolean, empty: boolean): Problem[] {
  if (empty) return [span('emptied', 0, head?.position ?? 0)]
  if (head && head.position > last) return [span(badTail ? 'altered' : 'truncated', last + 1, head.position)]
  // Without a marker nobody can say whether the bytes at the end were ever acknowledged: they stay, and are named.
  return !head && badTail ? [span('altered', last + 1)] : []
}

// After a loss at the end the journal goes on behind it: no position is ever given to two records.
function nextPlace(entries: readonly (Entry | undefined)[], head: Head | null): Scan['next'] {
  const last = entries.length - 1
  if (head && head.position > last) return { position: head.position + 1, previous: head.hash }
  return { position: last + 1, previous: entries[last]?.hash ?? FIRST_PREVIOUS }
}
