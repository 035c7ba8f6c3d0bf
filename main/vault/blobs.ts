import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { type Digest, fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs } from '../../shared/jcs.ts'
import { digestOf } from '../sha256.ts'
import { type DiskErrorCode, diskFault } from './disk-error.ts'
import { diskFs, type NewFile, newFiles, replaceFiles, type VaultFs } from './files.ts'
import { openRecord, sealRecord, wipe } from './sodium.ts'

export type BlobErrorCode = DiskErrorCode | 'closed' | 'altered' | 'too-large'

/** Why a blob could not be kept or given back. */
export class BlobError extends LockboxError<BlobErrorCode> {}

/** No ciphertext, box, handover or attestation of ours comes near. */
const MAX_BLOB_LENGTH = 16 * 1024 * 1024

/** A sealed blob that waits for the disk. */
interface Waiting extends NewFile {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export interface BlobOptions {
  /** The vault's directory; blobs lie in `blobs/` below. */
  readonly dir: string
  readonly vaultId: Uint8Array
  /** Key of the content and key of the names, 32 bytes each; copied. */
  readonly key: Uint8Array
  readonly nameKey: Uint8Array
  readonly fs?: VaultFs
}

/**
 * What travels beside statements (DESIGN §4): each in a sealed file of its own, so that it can be deleted when its
 * generation is retired or its session over. Names are keyed hashes: whoever takes the disk cannot tell whether a
 * blob that he knows is among them.
 */
export class Blobs {
  readonly #dir: string
  readonly #vaultId: Uint8Array
  readonly #key: Uint8Array
  readonly #nameKey: Uint8Array
  readonly #fs: VaultFs
  #closed = false
  #waiting: Waiting[] = []
  #isWriting = false

  private constructor(options: BlobOptions) {
    this.#dir = join(options.dir, 'blobs')
    this.#vaultId = options.vaultId
    this.#key = Uint8Array.from(options.key)
    this.#nameKey = Uint8Array.from(options.nameKey)
    this.#fs = options.fs ?? diskFs
  }

  /** Opens the directory, making it if need be: what is put into it later is found after a power cut only if it is itself. */
  static async open(options: BlobOptions): Promise<Blobs> {
    const blobs = new Blobs(options)
    await blobs.#fs.makeDir(blobs.#dir)
    await blobs.#fs.syncDir(options.dir)
    return blobs
  }

  /**
   * Keeps a blob, on the medium before it returns. Keeping one again changes nothing. Blobs that are put at once are kept
   * together.
   *
   * @returns its SHA-256.
   * @throws {BlobError} `too-large`, `closed`, or what the disk refused: then it is not kept.
   */
  async put(bytes: Uint8Array): Promise<Digest> {
    this.#mustBeOpen()
    if (bytes.length > MAX_BLOB_LENGTH) throw new BlobError('too-large', `a blob has at most ${MAX_BLOB_LENGTH} bytes`)
    const id = digestOf(bytes)
    const path = this.#pathOf(id)
    const sealed = sealRecord(this.#key, bytes, this.#context(id))
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ path, bytes: sealed, resolve, reject })
      void this.#writeAll()
    })
    return id
  }

  async #writeAll(): Promise<void> {
    if (this.#isWriting) return
    this.#isWriting = true
    // Whoever puts several puts them in one go.
    await Promise.resolve()
    for (let waiting = this.#waiting.splice(0); waiting.length > 0; waiting = this.#waiting.splice(0))
      await this.#write(waiting)
    this.#isWriting = false
  }

  /** Keeps all of them; or, where the disk did not, each for itself. Never rejects. */
  async #write(waiting: readonly Waiting[]): Promise<void> {
    try {
      // The same blob twice is one file.
      const files = [...new Map(waiting.map((one) => [one.path, one])).values()]
      // One that is there may be whole, and must stay so until the other is.
      await replaceFiles(this.#fs, await newFiles(this.#fs, files))
      for (const { resolve } of waiting) resolve()
    } catch (error) {
      if (waiting.length > 1) for (const one of waiting) await this.#write([one])
      else for (const { reject } of waiting) reject(blobError(error))
    }
  }

  /**
   * The blob of this SHA-256, or null if it is not kept.
   *
   * @throws {BlobError} `altered` if the file is there but is not what was put, be it that a crash cut it short; `closed`.
   */
  async get(id: Digest): Promise<Uint8Array | null> {
    this.#mustBeOpen()
    const sealed = await this.#fs.readAll(this.#pathOf(id))
    if (sealed === null) return null
    const bytes = this.#open(id, sealed)
    if (bytes === null || digestOf(bytes) !== id)
      throw new BlobError('altered', `the kept file ${id} was altered on the disk; get it again from a peer`)
    return bytes
  }

  /** Deletes a blob; absence is no error. What the medium keeps of it is sealed. */
  async delete(id: Digest): Promise<void> {
    this.#mustBeOpen()
    await this.#fs.remove(this.#pathOf(id))
    await this.#fs.syncDir(this.#dir)
  }

  /** Deletes every file that belongs to none of these; returns how many. */
  async keepOnly(ids: Iterable<Digest>): Promise<number> {
    this.#mustBeOpen()
    const wanted = new Set(Array.from(ids, (id) => this.#nameOf(id)))
    const strays = ((await this.#fs.list(this.#dir)) ?? []).filter((name) => !wanted.has(name))
    for (const name of strays) await this.#fs.remove(join(this.#dir, name))
    await this.#fs.syncDir(this.#dir)
    return strays.length
  }

  /** Forgets the keys. */
  close(): void {
    this.#closed = true
    wipe(this.#key, this.#nameKey)
  }

  #open(id: Digest, sealed: Uint8Array): Uint8Array | null {
    try {
      return openRecord(this.#key, sealed, this.#context(id))
    } catch {
      return null
    }
  }

  #nameOf(id: Digest): string {
    return createHmac('sha256', this.#nameKey).update(fromBase64Url(id)).digest('hex')
  }

  #pathOf(id: Digest): string {
    return join(this.#dir, this.#nameOf(id))
  }

  #context(id: Digest): Uint8Array {
    return jcs({ blob: id, purpose: 'lockbox/blob/v1', vault: toBase64Url(this.#vaultId) })
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new BlobError('closed', 'the vault is locked')
  }
}

function blobError(error: unknown): unknown {
  const fault = diskFault(error)
  return fault === null ? error : new BlobError(fault, 'the disk did not keep a sealed file', { cause: error })
}
