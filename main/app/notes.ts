import { toBase64Url } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { NoteView } from '../../shared/views/device-views.ts'
import type { Clock } from '../vault/clock.ts'
import { randomBytes } from '../vault/sodium.ts'

const KEEP = 50

/**
 * What people should be told: what happened, what it means, what to do. Kept until dismissed, the newest first. They may
 * name people, cases and files, so they stay in main while the vault is locked; the window gets their number.
 */
export class Notes {
  readonly #clock: Clock
  #notes: NoteView[] = []
  onChange: () => void = () => undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  all(): readonly NoteView[] {
    return this.#notes
  }

  /** Adds a note; one that says the same is replaced, so that a fault that repeats does not bury the rest. */
  add(level: NoteView['level'], what: string, means: string, todo: string): void {
    const others = this.#notes.filter((note) => note.what !== what)
    this.#notes = [
      { id: toBase64Url(randomBytes(16)), level, what, means, todo, at: this.#clock().wall },
      ...others,
    ].slice(0, KEEP)
    this.onChange()
  }

  /** A failure of something that nobody waits for. Errors that are not ours are told without their text. */
  failure(doing: string, error: unknown, todo: string): void {
    this.add(
      'danger',
      `${doing} failed`,
      error instanceof LockboxError ? error.message : 'The reason is not known.',
      todo,
    )
  }

  dismiss(id: string): void {
    this.#notes = this.#notes.filter((note) => note.id !== id)
    this.onChange()
  }
}
