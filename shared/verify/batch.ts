import type { Digest } from '../bytes.ts'
import type { Opening } from '../case/openings.ts'
import type { BundleEntry, SectionName } from '../ledger/bundle.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import type { StatementErrorCode } from '../statements/errors.ts'
import type { VerifyFinding } from './findings.ts'
import type { ActFact, CaseReport } from './report.ts'

/** A statement and where it was read: which file, and which entry of that file's ledger. */
export interface Placed {
  readonly file: number
  readonly at: number
  /** Without the bytes that were signed: whoever judges it needs them no more. */
  readonly statement: VerifiedStatement
}

/** Entries of one section of one file, packed so that they go to another thread in one piece. */
export interface Batch {
  readonly file: number
  readonly section: SectionName
  readonly places: Float64Array<ArrayBuffer>
  /** The envelopes one after the other, and where each ends. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: Uint32Array<ArrayBuffer>
  readonly proofs: readonly (readonly Uint8Array[])[] | null
}

/** What is known of a case before its own section: the request and its withdrawals, in the section before. */
export interface CaseJob {
  readonly id: Digest
  readonly known: readonly Placed[]
  /** Whether the report gives it in full. */
  readonly detailed: boolean
}

/** Batches of one section, of whichever files have it; with `of`, all that the files have about one case. */
export interface Job {
  readonly batches: readonly Batch[]
  readonly of: CaseJob | null
  /** Whether the statements themselves are needed. */
  readonly keep: boolean
}

/** An entry that the door refuses. */
export interface Refused {
  readonly at: number
  readonly code: StatementErrorCode
  readonly message: string
}

/** A finding that needs no more than was at hand. */
export type Note = Pick<VerifyFinding, 'result' | 'code' | 'says'> & {
  readonly file: number
  readonly at: number
  readonly device?: Digest
}

/** What the door made of a batch. Columns have a row for each entry, in its order. */
export interface Doored {
  readonly file: number
  readonly places: Float64Array<ArrayBuffer>
  /** Leaf hash, id, and id of the device's statement before: 32 bytes each. */
  readonly hashes: Uint8Array<ArrayBuffer>
  /** {@link ACCEPTED}, {@link FOLLOWS}, {@link FOUNDS}. */
  readonly flags: Uint8Array<ArrayBuffer>
  readonly sequences: Float64Array<ArrayBuffer>
  /** Indexes into `names`: the device, and the hardware key that signed or 0. */
  readonly devices: Uint16Array<ArrayBuffer>
  readonly keys: Uint16Array<ArrayBuffer>
  readonly names: readonly Digest[]
  /** What the exporting device said of its own ledger. */
  readonly ownHeads: readonly { readonly at: number; readonly size: number; readonly root: Digest }[]
  /** Entries that the exporting device says it removed, where the file is what it still holds. */
  readonly pruned: readonly { readonly from: number; readonly to: number }[]
  readonly refused: readonly Refused[]
  readonly waiting: readonly { readonly at: number; readonly roster: Digest }[]
  readonly notes: readonly Note[]
  readonly kept: readonly Placed[]
}

/** The door let it in. */
export const ACCEPTED = 1
/** It names a statement before it. */
export const FOLLOWS = 2
/** It is a founding roster. */
export const FOUNDS = 4

/** A grant whose witness only checkpoints of the issuing device can show. */
export interface WitnessClaim {
  /** Where the grant stands: of several files, in the first of the issuing device's that has it, else in the first that has it. */
  readonly file: number
  readonly at: number
  readonly witness: Digest
  /** The entry of `issuing` in each file of the issuing device that has it: a checkpoint counts that file's entries. */
  readonly issuing: readonly { readonly file: number; readonly at: number }[]
}

/** What came of one case. */
export interface CaseOutcome {
  readonly state: string
  readonly report: CaseReport | null
  readonly notes: readonly Note[]
  readonly claims: readonly WitnessClaim[]
  readonly namesWitness: boolean
  readonly openEnd: boolean
  readonly saysDeleted: boolean
  /** The opening of a key that the case is. */
  readonly opening: Opening | null
}

/** What came of a job. */
export interface Outcome {
  readonly doored: readonly Doored[]
  readonly outcome: CaseOutcome | null
  /** The first statements of no case that is here, for the log, and how many there are. */
  readonly acts: readonly ActFact[]
  readonly logged: number
}

/** Packs entries. The bytes are copied, so that what was read can go. */
export function packed(file: number, section: SectionName, entries: readonly BundleEntry[]): Batch {
  const bytes = new Uint8Array(entries.reduce((length, { envelope }) => length + envelope.length, 0))
  const ends = new Uint32Array(entries.length)
  const places = new Float64Array(entries.length)
  let end = 0
  for (const [row, { at, envelope }] of entries.entries()) {
    bytes.set(envelope, end)
    end += envelope.length
    ends[row] = end
    places[row] = at
  }
  const proven = entries.some(({ proof }) => proof !== undefined)
  return { file, section, places, bytes, ends, proofs: proven ? entries.map(({ proof }) => proof ?? []) : null }
}
