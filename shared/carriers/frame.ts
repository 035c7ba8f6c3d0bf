import { LockboxError } from '../errors.ts'

/** Bytes before each payload: u32 big-endian length of the payload, then the type. */
export const FRAME_HEADER_BYTES = 5

export type FrameErrorCode = 'unknown-type' | 'too-large' | 'truncated'

/** A stream that cannot be read on as frames. Nothing after the fault has a meaning. */
export class FrameError extends LockboxError<FrameErrorCode> {}

/** One frame. */
export interface Frame {
  readonly type: number
  readonly payload: Uint8Array
}

/** The most payload bytes that each type of frame may have; a type without an entry is not known. */
export type FrameLimits = ReadonlyMap<number, number>

/** What some bytes of a stream came to. */
export interface Decoded {
  /** Frames that are complete now. Payloads are copies: the caller's buffer may be used again. */
  readonly frames: readonly Frame[]
  /**
   * `unknown-type` or `too-large` as soon as a header says so, before room is made for its payload. It comes after
   * `frames`, which are good, and stays: nothing behind it is read.
   */
  readonly fault: FrameError | null
}

/** Cuts a stream into frames. */
export interface FrameDecoder {
  /** Takes the next bytes of the stream, cut anywhere. */
  push(chunk: Uint8Array): Decoded
  /** At the end of the stream: the fault, which is `truncated` if the stream ends inside a frame. */
  end(): FrameError | null
  /** Bytes held until their frame is complete: never more than the largest limit and a header. */
  readonly held: number
}

/**
 * The bytes of one frame (docs/formats/lan.md §2).
 *
 * @param type - 0 to 255.
 * @throws {TypeError} if the payload has 2^32 bytes or more, or the type is no byte: our own code made it.
 */
export function encodeFrame(type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(type) || type < 0 || type > 255) throw new TypeError('expected a type of one byte')
  if (payload.length > 0xffff_ffff) throw new TypeError('expected a payload below 4 GiB')
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length)
  new DataView(bytes.buffer).setUint32(0, payload.length)
  bytes[4] = type
  bytes.set(payload, FRAME_HEADER_BYTES)
  return bytes
}

/** A decoder for a stream from a peer: it never keeps more than the limits allow. */
export function createFrameDecoder(limits: FrameLimits): FrameDecoder {
  const header = new Uint8Array(FRAME_HEADER_BYTES)
  let headerHeld = 0
  let payload: Uint8Array | null = null
  let payloadHeld = 0
  let fault: FrameError | null = null

  function takeHeader(chunk: Uint8Array, at: number): number {
    const part = chunk.subarray(at, at + FRAME_HEADER_BYTES - headerHeld)
    header.set(part, headerHeld)
    headerHeld += part.length
    if (headerHeld === FRAME_HEADER_BYTES) {
      fault = faultOf(header, limits)
      if (fault === null) payload = new Uint8Array(lengthOf(header))
    }
    return at + part.length
  }

  function takePayload(chunk: Uint8Array, at: number, room: Uint8Array): number {
    const part = chunk.subarray(at, at + room.length - payloadHeld)
    room.set(part, payloadHeld)
    payloadHeld += part.length
    return at + part.length
  }

  return {
    push(chunk) {
      const frames: Frame[] = []
      let at = 0
      while (at < chunk.length && fault === null) {
        at = payload === null ? takeHeader(chunk, at) : takePayload(chunk, at, payload)
        if (payload === null || payloadHeld < payload.length) continue
        frames.push({ type: header[4] as number, payload })
        headerHeld = 0
        payload = null
        payloadHeld = 0
      }
      return { frames, fault }
    },
    end() {
      if (fault === null && headerHeld > 0) fault = new FrameError('truncated', 'the stream ended inside a frame')
      return fault
    },
    get held() {
      return headerHeld + payloadHeld
    },
  }
}

function lengthOf(header: Uint8Array): number {
  return new DataView(header.buffer, header.byteOffset).getUint32(0)
}

function faultOf(header: Uint8Array, limits: FrameLimits): FrameError | null {
  const length = lengthOf(header)
  const type = header[4] as number
  const limit = limits.get(type)
  if (limit === undefined) return new FrameError('unknown-type', `expected a frame of a known type, got type ${type}`)
  if (length > limit)
    return new FrameError('too-large', `expected at most ${limit} bytes in a frame of type ${type}, got ${length}`)
  return null
}
