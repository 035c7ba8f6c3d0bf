import { join } from 'node:path'
import type { VaultFs } from './files.ts'
import { type ConditionListener, JournalError, type Located } from './journal-disk.ts'

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
}

/** How a record is appended. */
export interface AppendOptions {
  /** Version of the table's layout, part of what is authenticated. Default 1. */
  readonly version?: number
  /**
   * May wait: refused on a full disk instead of using the reserve. For what peers push unasked, so that it cannot
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
