import { JournalError } from './journal-disk.ts'
import { versionFault } from './version.ts'

/** What record 0 of a journal says. */
export const JOURNAL_FORMAT = 'lockbox/journal/v1'

/** The layout of tables that this version of Lockbox reads and writes. */
const TABLE_VERSION = 1

/**
 * Refuses a journal of another version, before anything of it is touched: what cannot be read must not be appended to.
 * One whose record 0 is lost is told as damage instead.
 *
 * @param newestVersion - the highest that a record names.
 * @param format - what its record 0 says, or null.
 * @throws {JournalError} `newer-version` or `older-version`.
 */
export function checkVersions(newestVersion: number, format: string | null): void {
  const fault = format === null ? null : versionFault(format, JOURNAL_FORMAT)
  if (fault !== null) throw new JournalError(fault.code, `the journal ${fault.says}`)
  if (!isReadable(newestVersion))
    throw new JournalError(
      'newer-version',
      `the journal has records of version ${newestVersion}; this Lockbox knows version ${TABLE_VERSION}`,
    )
}

/** Whether this Lockbox knows that version of a table's layout, and all before it. */
export function isReadable(newestVersion: number): boolean {
  return newestVersion <= TABLE_VERSION
}
