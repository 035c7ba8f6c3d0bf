import { equalBytes } from '../../shared/bytes.ts'
import type { NewRecord, Piece, ReadyPiece, WaitingRecord } from './journal-pieces.ts'
import type { Scan } from './journal-scan.ts'

type Place = Scan['next']

/** Records that follow each other, of which all can wait for room on the disk, or none. */
export interface Run {
  readonly records: readonly WaitingRecord[]
  readonly deferrable: boolean
}

/** A run that nobody can seal anew once the keys went: it stands in one of these places, or is refused. */
export interface SealedRun extends Run {
  readonly places: readonly ReadyPiece[]
}

/** What the disk is being given. */
export interface Underway {
  readonly ready: ReadyPiece
  /** Whether it is refused where the disk is full. */
  readonly deferrable: boolean
  /** What it is all of, if it is more than one record: where there is no room for all of them, each is judged for itself. */
  readonly piece: Piece | null
}

/**
 * Seals what has not had its turn, before the keys go: for where it will stand if the disk takes all before it; and what cannot
 * wait for room also for where it will stand if the disk is full, and takes nothing before it that can wait.
 *
 * @param next - the place behind what is on the medium.
 */
export function sealAhead(
  next: Place,
  underway: Underway | null,
  waiting: readonly Piece[],
  seal: (records: readonly NewRecord[], from: Place) => ReadyPiece,
): void {
  let [ifTaken, ifFull] = [next, next]
  const sealIfFull = (run: Run): SealedRun => {
    if (run.deferrable) return { ...run, places: [] }
    const ready = seal(run.records, ifFull)
    ifFull = ready.next
    return { ...run, places: [ready] }
  }
  const sealRun = (run: Run): SealedRun => {
    const isFull = !isSamePlace(ifTaken, ifFull)
    const ready = seal(run.records, ifTaken)
    ifTaken = ready.next
    if (isFull) return { ...run, places: [ready, ...sealIfFull(run).places] }
    if (!run.deferrable) ifFull = ready.next
    return { ...run, places: [ready] }
  }
  if (underway !== null) {
    ifTaken = underway.ready.next
    if (underway.piece !== null) underway.piece.ahead = runsOf(underway.piece.records).map(sealIfFull)
    else if (!underway.deferrable) ifFull = ifTaken
  }
  for (const piece of waiting) piece.ahead = runsOf(piece.records).map(sealRun)
}

/** Divides the records of a piece, in their order. */
function runsOf(records: readonly WaitingRecord[]): Run[] {
  const runs: { records: WaitingRecord[]; deferrable: boolean }[] = []
  for (const record of records) {
    const last = runs.at(-1)
    if (last?.deferrable === record.deferrable) last.records.push(record)
    else runs.push({ records: [record], deferrable: record.deferrable })
  }
  return runs
}

/** Whether two places are the same, behind the same record. */
export function isSamePlace(a: Place, b: Place): boolean {
  return a.position === b.position && equalBytes(a.previous, b.previous)
}
