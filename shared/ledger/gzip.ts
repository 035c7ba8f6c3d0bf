import { concat } from '../bytes.ts'
import { BundleError } from './bundle.ts'

/** Largest bundle read, bytes as they lie on disk. */
export const MAX_BUNDLE_BYTES = 2 * 1024 ** 3

/** What the host lends for decompressing: Node and browsers have different ones of each. */
export interface Inflater {
  /**
   * Decompresses one stream of raw DEFLATE (RFC 1951), as it comes.
   *
   * @throws {InflateFault} at its end `truncated` if the stream was not over; else `malformed`, also for bytes behind it. What
   *   the compressed bytes themselves throw is passed on.
   */
  readonly inflate: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
  /** CRC-32 of RFC 1952 §8, continued from the value for the bytes before, 0 at first. */
  readonly crc32: (bytes: Uint8Array, before: number) => number
}

/** Bytes that are not one stream of DEFLATE. */
export class InflateFault extends Error {
  readonly code: 'truncated' | 'malformed'

  constructor(code: 'truncated' | 'malformed', options?: { cause?: unknown }) {
    super(`the compressed data is ${code}`, options)
    this.code = code
  }
}

const HEAD_BYTES = 10
const TAIL_BYTES = 8
// ID1, ID2, CM = deflate, FLG without name, comment, extra field or checksum (RFC 1952 §2.3).
const HEAD = Uint8Array.of(0x1f, 0x8b, 0x08, 0x00)

/**
 * Decompresses a bundle as it comes: one gzip member without optional fields, and nothing after it (bundle.md §1). Readers of
 * gzip differ in what they make of further members and of what follows, so only raw DEFLATE is left to them, and head
 * and trailer are looked at here. Nothing is kept: how much may come out is the reader's to say, who stops at the first fault.
 *
 * @throws {BundleError} `malformed` if it is something else or its checksum does not fit, `truncated`.
 */
export async function* oneMember(
  chunks: AsyncIterable<Uint8Array>,
  { inflate, crc32 }: Inflater,
): AsyncGenerator<Uint8Array> {
  const frame: Frame = { tail: new Uint8Array(0) }
  let crc = 0
  let size = 0
  try {
    for await (const chunk of inflate(withoutFrame(chunks, frame))) {
      crc = crc32(chunk, crc)
      size = (size + chunk.length) % 2 ** 32
      yield chunk
    }
  } catch (cause) {
    if (!(cause instanceof InflateFault)) throw cause
    if (cause.code === 'truncated') throw truncated(cause)
    throw new BundleError('malformed', null, 'the file is damaged: expected one gzip member and nothing after it', {
      cause,
    })
  }
  const view = new DataView(frame.tail.buffer, frame.tail.byteOffset)
  if (view.getUint32(0, true) !== crc || view.getUint32(4, true) !== size)
    throw new BundleError('malformed', null, 'the file was damaged: its checksum does not fit')
}

interface Frame {
  /** The last bytes: checksum and length. */
  tail: Uint8Array
}

/** What stands between head and trailer; the last bytes that came are held back, for they may be the trailer. */
async function* withoutFrame(chunks: AsyncIterable<Uint8Array>, frame: Frame): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array(0)
  for await (const chunk of chunks) {
    const missing = HEAD_BYTES - head.length
    if (missing > 0) {
      head = concat(head, chunk.subarray(0, missing))
      checkHead(head)
    }
    const rest = chunk.subarray(Math.max(missing, 0))
    if (rest.length === 0) continue
    if (rest.length >= TAIL_BYTES) {
      if (frame.tail.length > 0) yield frame.tail
      if (rest.length > TAIL_BYTES) yield rest.subarray(0, -TAIL_BYTES)
      frame.tail = rest.slice(-TAIL_BYTES)
      continue
    }
    const held = concat(frame.tail, rest)
    if (held.length > TAIL_BYTES) yield held.subarray(0, -TAIL_BYTES)
    frame.tail = held.slice(-TAIL_BYTES)
  }
  if (head.length < HEAD_BYTES || frame.tail.length < TAIL_BYTES) throw truncated()
}

function checkHead(head: Uint8Array): void {
  if (!HEAD.subarray(0, head.length).every((byte, at) => head[at] === byte))
    throw new BundleError('malformed', null, 'expected a bundle: a gzip file without a name in it')
}

function truncated(cause?: unknown): BundleError {
  return new BundleError('truncated', null, 'the file ends before its trailer; get it again', { cause })
}
