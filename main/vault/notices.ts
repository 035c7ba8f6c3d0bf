import type { Notice } from '../../shared/ceremony.ts'
import type { JournalProblem } from './journal.ts'

// What the unlock screen and the window say of a vault that was opened all the same.

/** What opening the journal found. What was accepted earlier stands in the log; it is no news at each unlock. */
export function journalNotices(problems: readonly JournalProblem[]): Notice[] {
  return problems.flatMap(({ kind, recorded, message }): Notice[] => {
    if (recorded) return []
    if (kind === 'torn-tail')
      return [{ code: 'journal-tail', message: `Lockbox ended while it was writing: ${message}.` }]
    return [{ code: 'journal', message: `This device’s log is damaged: ${message}.`.slice(0, 1000) }]
  })
}

/** That of the two vault files only one was good, and what became of the other. */
export const oneFileOnly = (became: string): Notice => ({
  code: 'vault-copy',
  message: `Of the vault file and its copy one was missing, or not as it was written. ${became} Make a backup of the profile now, and check the disk.`,
})
/** That somebody without the vault key was at the vault file. */
export const VAULT_ALTERED: Notice = {
  code: 'vault-altered',
  message:
    'The vault file was changed by something other than Lockbox (names of keys, or a key taken out). Compare it with a backup.',
}
