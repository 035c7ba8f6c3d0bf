import { dirname } from 'node:path'
import { LockboxError } from '../../shared/errors.ts'
import { type DiskErrorCode, diskFault, osErrorCode } from './disk-error.ts'
import { asideOf, type FileFacts, isDiskFull, type VaultFile, type VaultFs, writeFully } from './files.ts'
import type { Reserve } from './reserve.ts'

export type JournalErrorCode =
  | DiskErrorCode
  | 'not-alone'
  | 'closed'
  | 'damaged'
  | 'no-record'
  | 'row-differs'
  | 'altered'
  | 'exists'
  | 'newer-version'
  | 'older-version'

/** Why the journal did not do as asked. */
export class JournalError extends LockboxError<JournalErrorCode> {}

/**
 * `disk-full`: the last append found no room. All others but `well` end appending until the journal is opened again:
 * `read-only`, `disk-failed` (the disk did not keep what it was given), `not-alone` (another program wrote to the file,
 * or put another one in its place).
 */
export type JournalCondition = 'well' | DiskErrorCode | 'not-alone'

/** Told when the condition changes, with what happened in detail. */
export type ConditionListener = (condition: JournalCondition, message: string) => void

/** Where the journal's file lies. */
export interface Located {
  readonly fs: VaultFs
  readonly path: string
  readonly file: VaultFile
}

/** The journal's file as something that only grows, and what is done when it cannot. */
export class JournalDisk {
  readonly #fs: VaultFs
  readonly #path: string
  #file: VaultFile
  readonly #reserve: Reserve
  readonly #onCondition: ConditionListener
  #length: number
  /** The file's own name on its disk. */
  #name: string | null = null
  #condition: JournalCondition = 'well'
  /** Whether the reserve was given back for a record, and is not there again: what room there is belongs to what cannot wait. */
  #spent = false
  #stopped: JournalError | null = null

  /** @param length - how much of the file counts; {@link JournalDisk.settle} cuts off anything behind it. */
  constructor({ fs, path, file }: Located, reserve: Reserve, length: number, onCondition: ConditionListener) {
    this.#fs = fs
    this.#path = path
    this.#file = file
    this.#reserve = reserve
    this.#length = length
    this.#onCondition = onCondition
  }

  /** How much of the file counts. */
  get length(): number {
    return this.#length
  }

  get condition(): JournalCondition {
    return this.#condition
  }

  /** Takes the room that is kept for last records; says so if there is not enough for all of it. */
  async takeReserve(): Promise<void> {
    if (!(await this.#reserve.take())) this.#report('disk-full', NO_RESERVE)
  }

  /** Looks whether a full disk has room again, and takes it back. */
  async regain(): Promise<void> {
    if (this.#condition !== 'disk-full') return
    if (!(await this.#reserve.take())) return
    this.#spent = false
    if (await this.#reserve.hasRoomBeside()) this.#report('well', ROOM_AGAIN)
  }

  read(at: number, length: number): Promise<Uint8Array> {
    return this.#file.read(at, length)
  }

  /**
   * Makes the file what its reader took it for, on the medium: cuts off what does not count, and writes the records at its
   * end once more that are in doubt. If the process before could not sync them, the system may show them although the
   * medium does not hold them, and will not write them by itself any more.
   *
   * @param doubtAt - where the first of them begins.
   * @throws {JournalError | DiskError} if it could not be done; then the journal must not be used.
   */
  async settle(doubtAt: number | null): Promise<void> {
    if ((await this.#file.size()) !== this.#length) await this.#file.truncate(this.#length)
    try {
      await this.#writeAgain(doubtAt)
    } catch (error) {
      // File systems that never write in place need room even for that.
      if (!isDiskFull(error) || !(await this.#reserve.release())) throw error
      await this.#writeAgain(doubtAt)
    }
    this.#name = (await this.#fs.look(this.#path))?.file ?? null
  }

  async #writeAgain(doubtAt: number | null): Promise<void> {
    if (doubtAt !== null) {
      const doubtful = await this.#file.read(doubtAt, this.#length - doubtAt)
      await writeFully(this.#file, doubtful, doubtAt)
    }
    await this.#file.sync()
  }

  /**
   * Adds bytes at the end and waits until they are on the medium.
   *
   * @param deferrable - refuse on a full disk rather than use the reserve.
   * @returns where they begin.
   * @throws {JournalError} `disk-full` if nothing was added; after any other only reopening can tell.
   */
  async add(bytes: Uint8Array, deferrable: boolean): Promise<number> {
    const at = await this.addIfFits(bytes, deferrable)
    if (at !== null) return at
    const spare = !deferrable && this.#reserve.held
    this.#report('disk-full', spare ? RESERVE_USED : DISK_FULL)
    if (spare) {
      this.#spent = true
      await this.#reserve.release()
    }
    const end = this.#length
    if (!spare || !(await this.#fits(bytes))) throw new JournalError('disk-full', DISK_FULL)
    return end
  }

  /**
   * The same, where a full disk is only told and nothing else is done about it.
   *
   * @param deferrable - whether any of it can wait.
   * @returns where they begin, or null if there is no room: then nothing was added.
   * @throws {JournalError} after which only reopening can tell.
   */
  async addIfFits(bytes: Uint8Array, deferrable: boolean): Promise<number | null> {
    if (this.#stopped) throw this.#stopped
    if (deferrable && this.#spent) return null
    await this.#mustBeAlone()
    const at = this.#length
    return (await this.#fits(bytes)) ? at : null
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /**
   * Puts another file in the place of this one, made whole beside it: whenever the app dies, either lies there. After a power
   * cut it may be the old one again, until {@link JournalDisk.settlePlace}.
   *
   * @param write - fills the new file, syncs it, and says how long it is.
   * @returns what `write` gave, once the new file is in its place and is read.
   * @throws what `write` throws, or an error of the disk, and then the old file is there as it was; {@link JournalError}
   *   if only reopening can tell which is.
   */
  async replace<Made extends { readonly length: number }>(
    write: (file: VaultFile, found: FileFacts | null) => Promise<Made>,
  ): Promise<Made> {
    if (this.#stopped) throw this.#stopped
    const aside = asideOf(this.#path)
    await this.#fs.remove(aside)
    try {
      const file = await this.#fs.open(aside, 'create')
      const found = await this.#fs.look(aside)
      let made: Made
      try {
        made = await write(file, found)
      } finally {
        await file.close()
      }
      await this.#mustBeAlone()
      await this.#takeOver(aside, made.length)
      return made
    } catch (error) {
      await this.#fs.remove(aside).catch(() => undefined)
      throw error
    }
  }

  // Some systems rename nothing over a file that is open.
  async #takeOver(aside: string, length: number): Promise<void> {
    await this.#file.close()
    try {
      await this.#fs.rename(aside, this.#path)
    } catch (error) {
      await this.#reopen(this.#length)
      throw error
    }
    await this.#reopen(length)
  }

  /**
   * Returns once it is on the medium which file lies in the journal's place.
   *
   * @throws {JournalError} if it may not be; then nothing more is added, and only the next opening tells which it is.
   */
  async settlePlace(): Promise<void> {
    await this.#fs.syncDir(dirname(this.#path)).catch((error: unknown) => {
      throw this.#failed(error)
    })
  }

  async #reopen(length: number): Promise<void> {
    const file = await this.#fs.open(this.#path, 'existing').catch(() => null)
    if (file === null) throw this.#stop('disk-failed', 'the disk did not give back the journal')
    this.#file = file
    this.#length = length
    // A disk that cannot say it leaves a name that no file has: nothing more is added.
    this.#name = (await this.#fs.look(this.#path).catch(() => null))?.file ?? null
  }

  /** Two writers would overwrite each other's records; a file that was replaced would take records nobody finds. */
  async #mustBeAlone(): Promise<void> {
    const found = await this.#fs.look(this.#path).catch((error: unknown) => {
      throw this.#failed(error)
    })
    if (found === null || found.file !== this.#name)
      throw this.#stop('not-alone', 'the journal was moved away or replaced while Lockbox ran')
    if (found.size !== this.#length) throw this.#stop('not-alone', 'another program wrote to the journal')
  }

  // A full disk leaves a piece of a record, which is taken back. After any other error (a failed sync most of all, be it
  // for want of room) nobody knows what the medium holds, so nothing more is written: the next start reads what is there.
  async #fits(bytes: Uint8Array): Promise<boolean> {
    try {
      if (await this.#written(bytes)) {
        await this.#file.sync()
        this.#length += bytes.length
        return true
      }
      await this.#file.truncate(this.#length)
      await this.#file.sync()
      return false
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async #written(bytes: Uint8Array): Promise<boolean> {
    try {
      await writeFully(this.#file, bytes, this.#length)
      return true
    } catch (error) {
      if (isDiskFull(error)) return false
      throw error
    }
  }

  #failed(error: unknown): JournalError {
    const readOnly = diskFault(error) === 'read-only'
    const why = osErrorCode(error) ?? 'unknown error'
    return readOnly
      ? this.#stop('read-only', `the disk takes no more writes (${why})`, error)
      : this.#stop('disk-failed', `the disk did not keep the record (${why})`, error)
  }

  #stop(code: 'read-only' | 'disk-failed' | 'not-alone', message: string, cause?: unknown): JournalError {
    this.#stopped = new JournalError(code, message, { cause })
    this.#report(code, message)
    return this.#stopped
  }

  #report(condition: JournalCondition, message: string): void {
    if (condition === this.#condition) return
    this.#condition = condition
    this.#onCondition(condition, message)
  }
}

const NO_RESERVE = 'the disk has not the 16 MiB left that are kept in reserve'
const RESERVE_USED = 'the reserve is being used for what must be recorded'
const DISK_FULL = 'the disk is full and the record was not kept'
const ROOM_AGAIN = 'the disk has room again'
