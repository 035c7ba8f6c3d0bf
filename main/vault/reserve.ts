import { randomFillSync } from 'node:crypto'
import { isDiskFull, type VaultFs, writeFully } from './files.ts'

/** Kept free for the last records of a case when the disk is full (DESIGN §5). */
export const RESERVE_LENGTH = 16 * 1024 * 1024
const PIECE = 1024 * 1024

/** A file that only takes up room, until the room is needed. */
export class Reserve {
  readonly #fs: VaultFs
  readonly #path: string
  readonly #length: number
  #held = false

  constructor(fs: VaultFs, path: string, length: number = RESERVE_LENGTH) {
    this.#fs = fs
    this.#path = path
    this.#length = length
  }

  /** Whether there is room to release. */
  get held(): boolean {
    return this.#held
  }

  /** Takes the room unless it is taken already; false if the disk has not that much left. */
  async take(): Promise<boolean> {
    const file = await this.#fs.open(this.#path, 'create')
    try {
      const size = await file.size()
      // Random bytes, since file systems that compress or keep no zeros would reserve nothing. Not libsodium's, which
      // draws them four at a time and would take a minute.
      const piece = new Uint8Array(Math.min(PIECE, this.#length))
      for (let at = size; at < this.#length; at += piece.length) {
        await writeFully(file, randomFillSync(piece).subarray(0, this.#length - at), at)
      }
      if (size < this.#length) await file.sync()
      this.#held = true
    } catch (error) {
      if (!isDiskFull(error)) throw error
    } finally {
      await file.close()
    }
    if (!this.#held) await this.#fs.remove(this.#path)
    return this.#held
  }

  /** Gives the room back. */
  async release(): Promise<void> {
    this.#held = false
    await this.#fs.remove(this.#path)
  }
}
