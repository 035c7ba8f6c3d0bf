import { constants } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Snapshot } from '../../shared/views/views.ts'
import { FileError, readBounded } from '../read-bounded.ts'
import { AppError } from './app-error.ts'

const MEBIBYTE = 2 ** 20
const MAX_BYTES = 64 * MEBIBYTE
const MAX_NAME = 128

/**
 * The file that a person opened with Lockbox, from the desktop or the command line. Its path comes from outside and
 * anybody may have made the file: nothing of it is read before its owner says in the window what for.
 */
export class OpenedFile {
  readonly #onChange: () => void
  #path: string | null = null
  #number = 0

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Offers a file; the one before is forgotten. */
  open(path: string): void {
    this.#path = path
    this.#number++
    this.#onChange()
  }

  /** Forgets it. */
  close(): void {
    this.#path = null
    this.#onChange()
  }

  /** What the window shows of it; null if none is open. */
  view(): Snapshot['opened'] {
    return this.#path === null ? null : { number: this.#number, name: basename(this.#path).slice(0, MAX_NAME) }
  }

  /**
   * Reads it whole.
   *
   * @throws {AppError} `not-found` if none is open.
   * @throws {FileError} `no-file` if it is a link, no regular file or cannot be read, `too-large` beyond 64 MiB.
   */
  async read(): Promise<Uint8Array> {
    const path = this.#path
    if (path === null) throw new AppError('not-found', 'The file is not open any more. Open it once more.')
    const found = await lstat(path).catch(() => null)
    if (found?.isSymbolicLink() === true)
      throw new FileError('no-file', 'This is a link to another file, so it was not read. Open the file itself.')
    try {
      // Should a link take its place meanwhile: Windows has no such flag.
      return await readBounded(path, MAX_BYTES, constants.O_NOFOLLOW ?? 0)
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'too-large') throw error
      const most = `${MAX_BYTES / MEBIBYTE} MiB`
      throw new FileError(
        'too-large',
        `This file is larger than ${most}, the most that the window reads. Check it on the command line: lockbox verify FILE.`,
        { cause: error },
      )
    }
  }
}
