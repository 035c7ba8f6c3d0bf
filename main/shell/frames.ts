import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { ShellError } from './errors.ts'

/** The largest frame between main and a worker, in bytes. */
export const MAX_FRAME_BYTES = 1024 * 1024

/**
 * Writes one frame: its length in four bytes, most significant first, then its bytes. Resolves when the pipe has
 * taken it, so that the caller may wipe it.
 *
 * @throws {ShellError} `frame-too-large`; a pipe that is gone rejects with its own error.
 */
export function writeFrame(pipe: Writable, frame: Uint8Array): Promise<void> {
  if (frame.length > MAX_FRAME_BYTES) {
    return Promise.reject(
      new ShellError('frame-too-large', `a frame of ${frame.length} bytes; ${MAX_FRAME_BYTES} may cross`),
    )
  }
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, frame.length)
  return new Promise((resolve, reject) => {
    pipe.write(head)
    pipe.write(frame, (error) => (error ? reject(error) : resolve()))
  })
}

/**
 * The frames of a pipe, each in a buffer of its own, in order. What the stream itself read is wiped as it is copied
 * out. Ends with the pipe.
 *
 * @throws {ShellError} `frame-too-large` before such a frame is read; `closed` if the pipe ends inside a frame.
 */
export async function* readFrames(pipe: Readable): AsyncGenerator<Uint8Array, void> {
  const reader = new ByteReader(pipe)
  for (;;) {
    const head = await reader.take(4)
    if (head === null) return
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
    if (length > MAX_FRAME_BYTES) {
      pipe.destroy()
      throw new ShellError('frame-too-large', `a frame of ${length} bytes; ${MAX_FRAME_BYTES} may cross`)
    }
    const frame = await reader.take(length)
    if (frame === null) throw new ShellError('closed', 'the pipe ended inside a frame')
    yield frame
  }
}

class ByteReader {
  readonly #pipe: Readable
  #held: Buffer = Buffer.alloc(0)
  #ended = false

  constructor(pipe: Readable) {
    this.#pipe = pipe
    pipe.once('end', () => {
      this.#ended = true
    })
    pipe.once('close', () => {
      this.#ended = true
    })
  }

  /** The next bytes, or null if the pipe ended before the first of them. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const taken = new Uint8Array(length)
    let have = 0
    while (have < length) {
      if (this.#held.length === 0 && !(await this.#fill())) {
        if (have === 0) return null
        throw new ShellError('closed', 'the pipe ended inside a frame')
      }
      const part = this.#held.subarray(0, length - have)
      taken.set(part, have)
      have += part.length
      this.#held = this.#held.subarray(part.length)
      part.fill(0)
    }
    return taken
  }

  async #fill(): Promise<boolean> {
    for (;;) {
      const chunk: unknown = this.#pipe.read()
      if (chunk instanceof Buffer) {
        this.#held = chunk
        return true
      }
      if (this.#ended || this.#pipe.destroyed) return false
      const waiting = new AbortController()
      const { signal } = waiting
      await Promise.race([
        once(this.#pipe, 'readable', { signal }),
        once(this.#pipe, 'end', { signal }),
        once(this.#pipe, 'close', { signal }),
      ]).finally(() => waiting.abort())
    }
  }
}
