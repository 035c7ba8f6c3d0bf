import { LockboxError } from '../../shared/errors.ts'
import { isDiskFull, osErrorCode, type VaultFile, writeFully } from './files.ts'
import type { Reserve } from './reserve.ts'

export type JournalErrorCode =
  | 'closed'
  | 'damaged'
  | 'disk-full'
  | 'failed'
  | 'no-record'
  | 'row-differs'
  | 'altered'
  | 'exists'

/** Why the journal did not do as asked. */
export class JournalError extends LockboxError<JournalErrorCode> {}

/** `disk-full`: the last append found no room. `failed`: the disk did not keep what it was given; no more appends. */
export type JournalCondition = 'well' | 'disk-full' | 'failed'

/** Told when the condition changes, with what people should be told. */
export type ConditionListener = (condition: JournalCondition, message: string) => void

/** The journal's file as something that only grows, and what is done when it cannot. */
export class JournalDisk {
  readonly #file: VaultFile
  readonly #reserve: Reserve
  readonly #onCondition: ConditionListener
  #length: number
  #condition: JournalCondition = 'well'

  /** @param length - how much of the file counts; anything behind it is cut off by {@link JournalDisk.cut}. */
  constructor(file: VaultFile, reserve: Reserve, length: number, onCondition: ConditionListener = () => undefined) {
    this.#file = file
    this.#reserve = reserve
    this.#length = length
    this.#onCondition = onCondition
  }

  get condition(): JournalCondition {
    return this.#condition
  }

  /** Takes the room that is kept for last records; says so if there is none. */
  async takeReserve(): Promise<void> {
    if (!(await this.#reserve.take())) this.#report('disk-full', NO_RESERVE)
  }

  read(at: number, length: number): Promise<Uint8Array> {
    return this.#file.read(at, length)
  }

  /**
   * Adds bytes at the end and waits until they are on the medium.
   *
   * @param deferrable - refuse on a full disk rather than use the reserve.
   * @returns where they begin.
   * @throws {JournalError} `disk-full` if nothing was added; `failed` if only reopening can tell.
   */
  async add(bytes: Uint8Array, deferrable: boolean): Promise<number> {
    if (this.#condition === 'failed') throw new JournalError('failed', 'the disk failed earlier; restart Lockbox')
    const at = this.#length
    if (await this.#fits(bytes)) {
      if (this.#condition === 'disk-full' && this.#reserve.held) this.#report('well', 'the disk has room again')
      return at
    }
    const spare = !deferrable && this.#reserve.held
    this.#report('disk-full', spare ? RESERVE_USED : DISK_FULL)
    if (spare) await this.#reserve.release()
    if (!spare || !(await this.#fits(bytes))) throw new JournalError('disk-full', DISK_FULL)
    return at
  }

  /** Cuts off whatever lies behind what counts. */
  async cut(): Promise<void> {
    await this.#file.truncate(this.#length)
    await this.#file.sync()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  // A full disk leaves a piece of a record, which is taken back. After any other error (a failed sync most of all)
  // nobody knows what the medium holds, so nothing more is written: the next start reads what is really there.
  async #fits(bytes: Uint8Array): Promise<boolean> {
    try {
      await writeFully(this.#file, bytes, this.#length)
      await this.#file.sync()
      this.#length += bytes.length
      return true
    } catch (error) {
      if (!isDiskFull(error)) throw this.#failed(error)
    }
    try {
      await this.cut()
    } catch (error) {
      throw this.#failed(error)
    }
    return false
  }

  #failed(error: unknown): JournalError {
    const message = `the disk did not keep the record (${osErrorCode(error) ?? 'unknown error'}); restart Lockbox, which reads what is there`
    this.#report('failed', message)
    return new JournalError('failed', message, { cause: error })
  }

  #report(condition: JournalCondition, message: string): void {
    this.#condition = condition
    this.#onCondition(condition, message)
  }
}

const NO_RESERVE = 'the disk has not even 16 MiB left to keep in reserve; free some space now'
const RESERVE_USED = 'the disk is full; the reserve is being used for what must be recorded; free some space now'
const DISK_FULL = 'the disk is full and the record was not kept; free some space and try again'
