import { randomFillSync } from 'node:crypto'
import { isDiskFull, type VaultFs, writeFully } from './files.ts'

/** Kept free for the last records of a case when the disk is full (DESIGN §5). */
const RESERVE_LENGTH = 16 * 1024 * 1024
const PIECE = 1024 * 1024
/** A record, and whatever the file system needs for it. */
const PROBE = 128 * 1024

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

  /**
   * Takes the room unless it is taken already; false if the disk has not that much left. What was held before stays held
   * then: of a full disk nobody takes the last for a reserve, and nobody gives a part of one away.
   */
  async take(): Promise<boolean> {
    const file = await this.#fs.open(this.#path, 'create')
    let size = 0
    let isWhole = false
    try {
      size = await file.size()
      // Random bytes, since file systems that compress or keep no zeros would reserve nothing. Not libsodium's, which
      // draws them four at a time and would take a minute.
      const piece = new Uint8Array(Math.min(PIECE, this.#length))
      for (let at = size; at < this.#length; at += piece.length) {
        await writeFully(file, randomFillSync(piece).subarray(0, this.#length - at), at)
      }
      if (size < this.#length) await file.sync()
      isWhole = true
    } catch (error) {
      if (!isDiskFull(error)) throw error
      await file.truncate(size)
    } finally {
      await file.close()
    }
    this.#held = isWhole || size > 0
    if (!this.#held) await this.#fs.remove(this.#path)
    return isWhole
  }

  /** Whether the disk has room beside the reserve, shown by writing a little more of it for a moment. */
  async hasRoomBeside(): Promise<boolean> {
    const file = await this.#fs.open(this.#path, 'create')
    const size = await file.size()
    try {
      await writeFully(file, randomFillSync(new Uint8Array(PROBE)), size)
      await file.sync()
      return true
    } catch (error) {
      if (!isDiskFull(error)) throw error
      return false
    } finally {
      await file.truncate(size)
      await file.close()
    }
  }

  /** Gives the room back. @returns whether there was any to give. */
  async release(): Promise<boolean> {
    const held = this.#held || (await this.#fs.look(this.#path)) !== null
    this.#held = false
    await this.#fs.remove(this.#path)
    return held
  }
}
