import { join } from 'node:path'
import { concat, toBase64Url } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { deriveKey } from './derive.ts'
import { diskFault } from './disk-error.ts'
import { diskFs, type VaultFile, type VaultFs, writeFully } from './files.ts'
import { Chunks, chunksIn, MOST_CHUNK } from './recording-chunks.ts'
import { randomBytes, wipe } from './sodium.ts'

export type RecordingErrorCode = 'not-recorded'

/** Why a recording could not be begun or goes no further. */
export class RecordingError extends LockboxError<RecordingErrorCode> {}

const NAME_BYTES = 16
const NAME = /^[0-9a-f]{32}$/
/** Behind the name of one that cannot be read. */
const ASIDE = '.unread'

export interface RecordingsOptions {
  /** The vault's directory; recordings lie in `recordings/` below. */
  readonly dir: string
  readonly vaultId: Uint8Array
  /** 32 bytes; copied. */
  readonly key: Uint8Array
  readonly fs?: VaultFs
}

/** What was found of a recording. */
export interface FoundRecording {
  /** The first chunk, which says what it is of. */
  readonly about: Uint8Array
  /** All chunks behind it. */
  readonly bytes: Uint8Array
  /** Whether more lies behind these than a crash leaves, which does not open. */
  readonly isDamaged: boolean
}

/**
 * Recordings that are under way, or wait to be attached to their case: each a file of sealed chunks, every one on the medium
 * before the next is taken, so that whatever dies leaves all but the last (docs/formats/terminal.md §4).
 */
export class Recordings {
  readonly #vault: string
  readonly #dir: string
  readonly #vaultId: Uint8Array
  readonly #key: Uint8Array
  readonly #fs: VaultFs
  #closed = false

  /** Touches no disk: a vault opens whether or not there is room for the directory, which the first recording makes. */
  constructor({ dir, vaultId, key, fs = diskFs }: RecordingsOptions) {
    this.#vault = dir
    this.#dir = join(dir, 'recordings')
    this.#vaultId = vaultId
    this.#key = Uint8Array.from(key)
    this.#fs = fs
  }

  /** A name for the next one: 16 random bytes in hexadecimal. */
  newName(): string {
    return Buffer.from(randomBytes(NAME_BYTES)).toString('hex')
  }

  /**
   * Begins a recording.
   *
   * @param about - what it is of: the first chunk.
   * @param name - of {@link Recordings.newName}.
   * @throws {RecordingError} `not-recorded` if the disk does not take it.
   */
  async begin(about: Uint8Array, name: string): Promise<RecordingWriter> {
    this.#mustBeOpen()
    // Not the vault's own key: what is written after a lock, of a shell that is being ended, opens this one file alone.
    const chunks = this.#chunksOf(name)
    let writer: RecordingWriter | null = null
    try {
      await this.#fs.makeDir(this.#dir)
      await this.#fs.syncDir(this.#vault)
      const file = await this.#fs.open(join(this.#dir, name), 'create')
      writer = new RecordingWriter(name, file, chunks)
      await writer.append(about)
      await this.#fs.syncDir(this.#dir)
      return writer
    } catch (cause) {
      await writer?.close()
      chunks.wipe()
      throw notRecorded(cause)
    }
  }

  /** Names of all that are here, also of those under way. */
  async names(): Promise<string[]> {
    this.#mustBeOpen()
    return ((await this.#fs.list(this.#dir)) ?? []).filter((name) => NAME.test(name)).sort()
  }

  /** What is whole of a recording, from its beginning; null if not even that is. */
  async read(name: string): Promise<FoundRecording | null> {
    this.#mustBeOpen()
    const file = await this.#fs.readAll(join(this.#dir, name))
    if (file === null) return null
    const chunks = this.#chunksOf(name)
    try {
      const { texts, isDamaged } = chunksIn(file, chunks)
      const [about, ...rest] = texts
      return about === undefined ? null : { about, bytes: concat(...rest), isDamaged }
    } finally {
      chunks.wipe()
    }
  }

  /**
   * Keeps one that does not open, or not all of it, where no later start takes it for a recording: what is left of it may be saved by hand.
   *
   * @returns where it lies now, from the vault's directory; null if there is nothing in it.
   */
  async setAside(name: string): Promise<string | null> {
    this.#mustBeOpen()
    const file = await this.#fs.readAll(join(this.#dir, name))
    if (file === null || file.length === 0) return null
    await this.#fs.rename(join(this.#dir, name), join(this.#dir, `${name}${ASIDE}`))
    await this.#fs.syncDir(this.#dir)
    return `recordings/${name}${ASIDE}`
  }

  /** Removes one that was attached; absence is no error. */
  async remove(name: string): Promise<void> {
    this.#mustBeOpen()
    await this.#fs.remove(join(this.#dir, name))
    await this.#fs.syncDir(this.#dir)
  }

  /** Forgets the key. A recording that is under way has one of its own until it ends. */
  close(): void {
    this.#closed = true
    wipe(this.#key)
  }

  #chunksOf(name: string): Chunks {
    const key = deriveKey(this.#key, this.#vaultId, { purpose: 'lockbox/recording-file/v1', recording: name })
    return new Chunks(key, toBase64Url(this.#vaultId), name)
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new RecordingError('not-recorded', 'the vault is locked')
  }
}

/** A recording that is under way. */
export class RecordingWriter {
  readonly name: string
  readonly #file: VaultFile
  readonly #chunks: Chunks
  #at = 0
  #last: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(name: string, file: VaultFile, chunks: Chunks) {
    this.name = name
    this.#file = file
    this.#chunks = chunks
  }

  /**
   * Writes the next chunk; several are written in the order in which they were given.
   *
   * @returns once it is on the medium.
   * @param plain - at most 1 MiB, for a reader takes no more.
   * @throws {RecordingError} `not-recorded` if the disk did not take it, or one before it: then nothing more is taken.
   */
  append(plain: Uint8Array): Promise<void> {
    if (this.#isOver) return Promise.reject(notRecorded(null))
    if (plain.length > MOST_CHUNK) return Promise.reject(new TypeError('a chunk of a recording has at most 1 MiB'))
    const chunk = this.#chunks.seal(plain)
    this.#last = this.#last.then(() => this.#write(chunk))
    // Whoever awaits the next one is told of this one's failure.
    this.#last.catch(() => undefined)
    return this.#last
  }

  async #write(chunk: Uint8Array): Promise<void> {
    try {
      await writeFully(this.#file, chunk, this.#at)
      this.#at += chunk.length
      await this.#file.sync()
    } catch (cause) {
      this.#isOver = true
      throw notRecorded(cause)
    }
  }

  /** Forgets the key at once, and lets go of the file when what was given is written, or was not. Never throws. */
  async close(): Promise<void> {
    this.#isOver = true
    this.#chunks.wipe()
    await this.#last.catch(() => undefined)
    await this.#file.close().catch(() => undefined)
  }
}

function notRecorded(cause: unknown): RecordingError {
  if (cause instanceof RecordingError) return cause
  const why = { 'disk-full': 'it is full', 'read-only': 'it takes no writes', 'disk-failed': 'it failed' }
  const fault = diskFault(cause)
  return new RecordingError(
    'not-recorded',
    `the disk did not take the recording${fault === null ? '' : `: ${why[fault]}`}`,
    { cause },
  )
}
