import { join } from 'node:path'
import type { VaultFs } from './files.ts'
import { type ConditionListener, JournalError, type Located } from './journal-disk.ts'
import type { JournalRecord } from './journal-record.ts'

/** What a journal is opened with. */
export interface JournalOptions {
  /** The vault's directory. */
  readonly dir: string
  readonly vaultId: Uint8Array
  /** Keys of the records, of the head marker and of the index, 32 bytes each; copied. */
  readonly key: Uint8Array
  readonly headKey: Uint8Array
  readonly indexKey: Uint8Array
  /** By which rules statements are accepted now: an index that was made by others is not used. */
  readonly rules: string
  readonly fs?: VaultFs
  /** Make a new journal; one that is there already is an error. */
  readonly create?: boolean
  /** Bytes kept against a full disk; 16 MiB. */
  readonly reserveLength?: number
  readonly onCondition?: ConditionListener
  /** An index is made anew after so many records: it takes as long as writing some hundreds of them. Default 4096. */
  readonly indexEvery?: number
  readonly reading?: ReadingListener
}

/** What is told while a journal is read, where its index fits it and was not yet compared with all of it. */
export interface ReadingListener {
  /** Reading goes on once it resolves; what it throws ends the opening. */
  readonly onGlimpse: (early: EarlyReading) => Promise<void>
  /** How many records of how many were compared so far. */
  readonly onProgress: (read: number, of: number) => void
  /** Ends the reading, with its reason as the error. */
  readonly signal: AbortSignal
}

/** Where a record lies. */
export interface Lying {
  readonly position: number
  readonly at: number
  readonly length: number
}

/**
 * What a journal shows before all of it was read: an index that opens, and what was appended since, which follows its last record
 * and leads to what the head marker names. Whether everything before is still there is not known yet.
 */
export interface EarlyReading {
  /** What the app kept in the index. */
  readonly glimpse: Uint8Array
  /** How many records there are. */
  readonly size: number
  /** The records behind the end of the index, in order. */
  readonly tail: readonly JournalRecord[]
  /** Opens records where they lie; null if any of them is not there, or does not open. */
  records(places: readonly Lying[]): Promise<JournalRecord[] | null>
}

/** How a record is appended. */
export interface AppendOptions {
  /** Version of the table's layout, part of what is authenticated. Default 1. */
  readonly version?: number
  /**
   * May wait: refused on a full disk instead of using the reserve, or the room of one that was given back. For what peers push unasked, so that it cannot
   * use up the room of our own grant and end.
   */
  readonly deferrable?: boolean
}

/** A record as the window keeps it: useless without the vault, and told from any other by its bytes. */
export interface SealedRow {
  readonly position: number
  readonly sealed: Uint8Array
}

/** The journal's file, opened; made where that was asked for, or where there is none: it is then said to be empty. */
export async function locate(fs: VaultFs, { dir, create }: JournalOptions): Promise<Located> {
  const path = join(dir, 'journal')
  const existing = await fs.open(path, 'existing')
  if (existing && !create) return { fs, path, file: existing }
  await existing?.close()
  if (existing) throw new JournalError('exists', 'there is a journal already; it is not replaced')
  await fs.makeDir(dir)
  return { fs, path, file: await fs.open(path, 'create') }
}
