import { signatureChecks } from '../checks.ts'
import type { Clock } from '../vault/clock.ts'
import type { EarlyReading } from '../vault/journal.ts'
import { EarlyLog } from './early-log.ts'
import type { Reading } from './snapshot-reading.ts'

/** With fewer records all of a log is read about as soon as some of it is shown. */
const EARLY_FROM = 3000
/** How often it is told how far a log was read. */
const TOLD_MS = 250

/** What the parts of {@link LogReading} are. */
export interface LogReadingParts {
  readonly clock: Clock
  /** From how many records on a log is worth showing before all of it was read; 3,000 if null. */
  readonly earlyFrom: number | null
  readonly onChange: () => void
}

/** What is shown of a log while it is being read: its newest cases, and how far it is. Over when all was read, or at a lock. */
export class LogReading {
  readonly #parts: LogReadingParts
  #shown: Reading | null = null
  #toldAt = Number.NEGATIVE_INFINITY
  /** Counts locks: what was begun before one shows nothing after it. */
  #locks = 0

  constructor(parts: LogReadingParts) {
    this.#parts = parts
  }

  /** What is shown; null if no log is being read, or nothing of it can be shown yet. */
  get shown(): Reading | null {
    return this.#shown
  }

  /** Shows what can be shown of a log before it was read. That it cannot is no reason not to open it. */
  async begin(early: EarlyReading): Promise<void> {
    const { clock, earlyFrom, onChange } = this.#parts
    if (early.size < (earlyFrom ?? EARLY_FROM)) return
    const locks = this.#locks
    const log = await EarlyLog.from(early, signatureChecks, clock().wall).catch(() => null)
    if (log === null || locks !== this.#locks) return
    this.#shown = { early: log, progress: { doing: 'comparing', read: 0, of: early.size } }
    onChange()
  }

  /** So many of so many records were compared, or statements read. */
  progressed(doing: 'comparing' | 'reading', read: number, of: number): void {
    const now = performance.now()
    if (this.#shown === null || now < this.#toldAt + TOLD_MS) return
    this.#toldAt = now
    this.#shown = { ...this.#shown, progress: { doing, read, of } }
    this.#parts.onChange()
  }

  /** All was read, or it is not read any more. */
  end(): void {
    this.#shown = null
  }

  /** Its owner locks: what was begun before shows nothing any more. @returns whether something was shown. */
  lock(): boolean {
    this.#locks++
    const wasShown = this.#shown !== null
    this.#shown = null
    return wasShown
  }
}
