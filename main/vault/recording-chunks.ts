import { concat, toBase64Url } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { sha256 } from '../sha256.ts'
import { openRecord, SEAL_OVERHEAD, sealRecord, wipe } from './sodium.ts'

/** Longest chunk that is written or read, bytes of plain text: several times what is written at once. */
export const MOST_CHUNK = 1024 * 1024
const LENGTH_BYTES = 4
const NONE = new Uint8Array(32)

/** Seals and opens the chunks of one recording, in their order (docs/formats/terminal.md §4). */
export class Chunks {
  readonly #key: Uint8Array
  readonly #vault: string
  readonly #recording: string
  #number = 0
  #previous: Uint8Array = NONE

  /**
   * @param key - the recording's own, 32 bytes; wiped by {@link Chunks.wipe}.
   * @param vault - id of the vault, as text.
   * @param recording - its name.
   */
  constructor(key: Uint8Array, vault: string, recording: string) {
    this.#key = key
    this.#vault = vault
    this.#recording = recording
  }

  /** The next chunk as it lies in the file. */
  seal(plain: Uint8Array): Uint8Array {
    const sealed = sealRecord(this.#key, plain, this.#context())
    return this.#passed(concat(lengthOf(sealed), sealed))
  }

  /** The next chunk's text; null if this is not it. */
  open(chunk: Uint8Array): Uint8Array | null {
    try {
      const plain = openRecord(this.#key, chunk.subarray(LENGTH_BYTES), this.#context())
      this.#passed(chunk)
      return plain
    } catch {
      return null
    }
  }

  /** Forgets the key. */
  wipe(): void {
    wipe(this.#key)
  }

  #passed(chunk: Uint8Array): Uint8Array {
    this.#previous = sha256(chunk)
    this.#number++
    return chunk
  }

  #context(): Uint8Array {
    return jcs({
      number: this.#number,
      previous: toBase64Url(this.#previous),
      purpose: 'lockbox/recording/v1',
      recording: this.#recording,
      vault: this.#vault,
    })
  }
}

/** All chunks that open, in order, up to the first that does not, and whether what lies there is no chunk that was being written. */
export function chunksIn(file: Uint8Array, chunks: Chunks): { texts: Uint8Array[]; isDamaged: boolean } {
  const texts: Uint8Array[] = []
  let at = 0
  for (let end = endOfChunk(file, at); end !== null && end <= file.length; end = endOfChunk(file, at)) {
    const plain = chunks.open(file.subarray(at, end))
    if (plain === null) break
    texts.push(plain)
    at = end
  }
  return { texts, isDamaged: !isTorn(file, at) }
}

/** Where the chunk ends that begins there, should it be whole; null if none as long is ever written, or its length is not there. */
function endOfChunk(file: Uint8Array, at: number): number | null {
  if (at + LENGTH_BYTES > file.length) return null
  const length = new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(at)
  return length > MOST_CHUNK + SEAL_OVERHEAD ? null : at + LENGTH_BYTES + length
}

/** Whether a crash leaves that: nothing, one chunk that did not come to the medium whole, or room that was made for one. */
function isTorn(file: Uint8Array, at: number): boolean {
  const rest = file.subarray(at)
  const end = endOfChunk(file, at)
  return rest.length < LENGTH_BYTES || (end !== null && end >= file.length) || rest.every((byte) => byte === 0)
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return length
}
