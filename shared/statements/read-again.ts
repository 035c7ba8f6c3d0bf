import { sha256 } from '@noble/hashes/sha2.js'
import { type Digest, fromUtf8, type Sha256, toBase64Url } from '../bytes.ts'
import type { Statement } from './envelope.ts'
import type { Kind } from './kinds.ts'
import { type DeviceSignature, type HardwareSignature, readOuter } from './outer.ts'

/** How many statements are held taken apart: several times what a large case has. */
const MOST_OPEN = 4096

/**
 * Gives the way to read envelopes again that `parse` took before, byte for byte, by the very rules of this version: what those
 * rules found needs not be found anew, which takes most of the time. Whoever uses it has to show that it is so.
 *
 * A statement keeps its envelope, and what it says only for as long as it is among those last looked at: taken apart it is
 * several times as large, and a log may have a million. The way throws an error for an envelope that is none.
 */
export function readingAgain(hash: Sha256 = sha256): (envelope: Uint8Array) => Statement {
  const opened = new Opened()
  return (envelope) => new ReadAgain(envelope, hash, opened) as unknown as Statement
}

/** Those that are taken apart, in a ring, the oldest next. */
class Opened {
  readonly #ring: (ReadAgain | undefined)[] = []
  #next = 0

  /** It takes the place of the one that was opened longest ago. */
  add(one: ReadAgain): void {
    this.#ring[this.#next]?.close()
    this.#ring[this.#next] = one
    this.#next = (this.#next + 1) % MOST_OPEN
  }
}

interface Parts {
  readonly payload: unknown
  readonly device: DeviceSignature
  readonly hardware: HardwareSignature | null
}

class ReadAgain {
  readonly id: Digest
  readonly kind: Kind
  readonly envelope: Uint8Array
  readonly #opened: Opened
  #parts: Parts | null

  constructor(envelope: Uint8Array, hash: Sha256, opened: Opened) {
    const { kind, signedBytes, payload, device, hardware } = readOuter(envelope)
    this.id = toBase64Url(hash(signedBytes))
    this.kind = kind
    this.envelope = envelope
    this.#opened = opened
    this.#parts = { payload: JSON.parse(fromUtf8(payload)), device, hardware }
    opened.add(this)
  }

  get payload(): unknown {
    return this.#open().payload
  }

  get device(): DeviceSignature {
    return this.#open().device
  }

  get hardware(): HardwareSignature | null {
    return this.#open().hardware
  }

  get signedBytes(): Uint8Array {
    return readOuter(this.envelope).signedBytes
  }

  close(): void {
    this.#parts = null
  }

  #open(): Parts {
    if (this.#parts !== null) return this.#parts
    const { payload, device, hardware } = readOuter(this.envelope)
    const parts: Parts = { payload: JSON.parse(fromUtf8(payload)) as unknown, device, hardware }
    this.#parts = parts
    this.#opened.add(this)
    return parts
  }
}
