import { dirname, join } from 'node:path'
import { concat, type Digest, fromBase64Url, toBase64Url, type UnixMilliseconds } from '../../shared/bytes.ts'
import { BOX_OVERHEAD, MAX_BOX_PLAINTEXT } from '../../shared/secrets/box.ts'
import { replaceFile, type VaultFile, type VaultFs, writeFully } from '../vault/files.ts'

/** What one device may leave here while it is locked: pieces and bytes. */
export const MOST_FROM_ONE = 64
/** Of these, what is not urgent leaves so many places to what is. */
const KEPT_FOR_URGENT = 16
export const MOST_BYTES_FROM_ONE = 1024 * 1024

const HEAD_BYTES = 1 + 8 + 32 + 32 + 4

/** One sealed statement that came while the app was locked. */
export interface Letter {
  readonly urgent: boolean
  readonly at: UnixMilliseconds
  /** The device that brought it. */
  readonly from: Digest
  /** The statement's id, as that device says. */
  readonly id: Digest
  readonly box: Uint8Array
}

/** What a locked app may say of its mail: how much, and since when somebody should be called. */
export interface InboxState {
  readonly count: number
  readonly urgentSince: UnixMilliseconds | null
}

/**
 * The mail of a locked app (docs/formats/mailbox.md §4): sealed boxes one after the other in a file, each on the medium
 * before it is confirmed. Bounded for each device, so that one cannot crowd out the others. Opens nothing.
 */
export class Inbox {
  readonly #fs: VaultFs
  readonly #path: string
  readonly #letters: Letter[]
  #length: number
  #file: VaultFile | null = null
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(fs: VaultFs, path: string, letters: Letter[]) {
    this.#fs = fs
    this.#path = path
    this.#letters = letters
    this.#length = lengthOf(letters)
  }

  /** Reads what is there; bytes that are no whole letter are what a crash left, and are written over. */
  static async open(fs: VaultFs, dir: string): Promise<Inbox> {
    const path = join(dir, 'inbox')
    const bytes = await fs.readAll(path)
    return new Inbox(fs, path, bytes === null ? [] : lettersIn(bytes))
  }

  get letters(): readonly Letter[] {
    return this.#letters
  }

  get state(): InboxState {
    return this.stateSince(0)
  }

  /** The same of what came after some time: what its owner has not seen the like of. */
  stateSince(time: UnixMilliseconds): InboxState {
    const fresh = this.#letters.filter(({ at }) => at > time)
    const urgent = fresh.filter((letter) => letter.urgent).map(({ at }) => at)
    return { count: fresh.length, urgentSince: urgent.length === 0 ? null : Math.min(...urgent) }
  }

  /**
   * Keeps a letter, one after the other; resolves once it is on the medium.
   *
   * @returns `known` if this device brought that statement before, `full` if it may leave no more here.
   * @throws an error of the disk; then it is not kept.
   */
  add(letter: Letter): Promise<'kept' | 'known' | 'full'> {
    const done = this.#queue.then(() => this.#add(letter))
    this.#queue = done.catch(() => undefined)
    return done
  }

  /**
   * Keeps some of the letters, and removes all others for good: they are in the vault.
   *
   * @throws an error of the disk; then all that were here may still be.
   */
  async keepOnly(isKept: (letter: Letter) => boolean): Promise<void> {
    await this.close()
    const kept = this.#letters.filter(isKept)
    if (kept.length === 0) await this.#fs.remove(this.#path)
    else await replaceFile(this.#fs, this.#path, concat(...kept.map(encode)))
    this.#letters.splice(0, this.#letters.length, ...kept)
    this.#length = lengthOf(kept)
  }

  /** Finishes what is being kept. */
  async close(): Promise<void> {
    await this.#queue
    await this.#file?.close()
    this.#file = null
  }

  async #add(letter: Letter): Promise<'kept' | 'known' | 'full'> {
    const same = this.#letters.filter(({ from }) => from === letter.from)
    if (same.some(({ id }) => id === letter.id)) return 'known'
    const bytes = same.reduce((length, { box }) => length + box.length, letter.box.length)
    const most = letter.urgent ? MOST_FROM_ONE : MOST_FROM_ONE - KEPT_FOR_URGENT
    if (same.length >= most || bytes > MOST_BYTES_FROM_ONE) return 'full'
    const encoded = encode(letter)
    if (this.#file === null) {
      this.#file = await this.#fs.open(this.#path, 'create')
      await this.#fs.syncDir(dirname(this.#path))
    }
    await writeFully(this.#file, encoded, this.#length)
    await this.#file.truncate(this.#length + encoded.length)
    await this.#file.sync()
    this.#length += encoded.length
    this.#letters.push(letter)
    return 'kept'
  }
}

function lengthOf(letters: readonly Letter[]): number {
  return letters.reduce((length, { box }) => length + HEAD_BYTES + box.length, 0)
}

function encode({ urgent, at, from, id, box }: Letter): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(13))
  numbers.setUint8(0, urgent ? 1 : 0)
  numbers.setBigUint64(1, BigInt(at))
  numbers.setUint32(9, box.length)
  return concat(new Uint8Array(numbers.buffer), fromBase64Url(from), fromBase64Url(id), box)
}

function lettersIn(bytes: Uint8Array): Letter[] {
  const letters: Letter[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const length = view.getUint32(at + 9)
    const start = at + HEAD_BYTES
    const isWhole = view.getUint8(at) <= 1 && length >= BOX_OVERHEAD && length <= BOX_OVERHEAD + MAX_BOX_PLAINTEXT
    if (!isWhole || start + length > bytes.length) break
    letters.push({
      urgent: view.getUint8(at) === 1,
      at: Number(view.getBigUint64(at + 1)),
      from: toBase64Url(bytes.subarray(at + 13, at + 45)),
      id: toBase64Url(bytes.subarray(at + 45, start)),
      box: Uint8Array.from(bytes.subarray(start, start + length)),
    })
    at = start + length
  }
  return letters
}
