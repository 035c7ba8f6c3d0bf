import type { Digest } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { Device } from './device.ts'

/** What of the log somebody looks at; see `read` in docs/formats/statements.md. */
export type ReadWhat = 'log' | 'case' | 'search'

/**
 * Records that the log was read (PCI DSS 10.2.1.3): once for each subject while the vault is open, since a record of
 * every page would bury the rest. Nobody waits for it. Whoever needs the log in an emergency reads it although the disk
 * takes no more records, or this device may not sign; that it could not be recorded is then told, and tried again at
 * the next reading.
 */
export class Readings {
  readonly #device: Device
  readonly #noted = new Set<string>()

  constructor(device: Device) {
    this.#device = device
  }

  /** Notes that the log, or the record of one case, is being read. Never throws. */
  note(what: ReadWhat, of: Digest | null = null): void {
    const subject = `${what} ${of ?? ''}`
    if (this.#noted.has(subject) || this.#device.org() === null) return
    this.#noted.add(subject)
    this.#device.author.write('read', this.#device.pen(), { what, case: of }).catch((error: unknown) => {
      this.#noted.delete(subject)
      this.#tell(error)
    })
  }

  #tell(error: unknown): void {
    const why = error instanceof LockboxError ? error.message : 'the reason is not known'
    this.#device.notes.add(
      'attention',
      'Reading the log could not be recorded',
      `The log is shown all the same: ${why}.`,
      'Tell an auditor that and when you read it. The next reading is recorded again as soon as that is possible.',
    )
  }
}
