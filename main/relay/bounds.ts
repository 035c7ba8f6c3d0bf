import { type Monotonic, TokenBucket } from '../exchange/limits.ts'

/** What a broker may send (docs/formats/relay.md §5). */
export const BROKER_BOUNDS = {
  lineBytes: 32 * 1024,
  messageBytes: 128 * 1024,
  bytesBurst: 8 * 1024 * 1024,
  bytesPerSecond: 1024 * 1024,
} as const

const NEWLINE = 0x0a
const MESSAGE = /^h?msg[ \t]/i

/** Why a broker is left. */
export type BoundsFault = 'too-large' | 'flood'

/**
 * Watches the bytes of a NATS server before the client reads them: the client makes room for whatever length a server
 * announces, and for lines without an end. Knows of the protocol that a line which begins with MSG or HMSG ends in the
 * length of what follows it.
 */
export class ServerBytes {
  readonly #bucket: TokenBucket
  readonly #line = Buffer.alloc(BROKER_BOUNDS.lineBytes)
  #length = 0
  /** Bytes of a message that are still to come. */
  #skip = 0

  constructor(monotonic: Monotonic) {
    this.#bucket = new TokenBucket(BROKER_BOUNDS.bytesBurst, BROKER_BOUNDS.bytesPerSecond, monotonic)
  }

  /** Takes the next bytes, cut anywhere. @returns why the server is to be left, or null. */
  push(chunk: Uint8Array): BoundsFault | null {
    if (this.#bucket.spend(chunk.length) > 0) return 'flood'
    for (let at = 0; at < chunk.length; at++) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at)
        this.#skip -= skipped
        at += skipped - 1
        continue
      }
      const byte = chunk[at] as number
      if (byte === NEWLINE) {
        if (!this.#endOfLine()) return 'too-large'
      } else if (this.#length === this.#line.length) return 'too-large'
      else this.#line[this.#length++] = byte
    }
    return null
  }

  #endOfLine(): boolean {
    const line = this.#line.toString('latin1', 0, this.#length)
    this.#length = 0
    if (!MESSAGE.test(line)) return true
    const length = /[ \t](\d{1,9})\s*$/.exec(line)?.[1]
    this.#skip = Number(length ?? 0)
    return length !== undefined && this.#skip <= BROKER_BOUNDS.messageBytes
  }
}
