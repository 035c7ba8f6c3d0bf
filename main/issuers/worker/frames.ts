import { concat, fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { LockboxError } from '../../../shared/errors.ts'
import { z } from '../../../shared/zod.ts'

/** Largest message in bytes: M boxes, a credential and their headers are a few KiB. */
export const MAX_MESSAGE_BYTES = 1024 * 1024

export type FrameErrorCode = 'too-large' | 'malformed'
export class FrameError extends LockboxError<FrameErrorCode> {}

/** A message between main and a worker: public facts as JSON, byte strings beside it so that they can be wiped. */
export interface Message {
  readonly facts: unknown
  readonly parts: readonly Uint8Array[]
}

/**
 * One frame: u32 length of the rest, u32 length of the JSON, the JSON ({facts, lengths}), then the parts back to
 * back. All numbers big endian. Secrets go into `parts` alone: a JavaScript string cannot be wiped.
 */
export function frameOf(message: Message): Uint8Array<ArrayBuffer> {
  const json = utf8(JSON.stringify({ facts: message.facts, lengths: message.parts.map((part) => part.length) }))
  const rest = 4 + json.length + message.parts.reduce((sum, part) => sum + part.length, 0)
  if (rest > MAX_MESSAGE_BYTES) throw new FrameError('too-large', `a message of ${rest} bytes`)
  const head = new DataView(new ArrayBuffer(8))
  head.setUint32(0, rest)
  head.setUint32(4, json.length)
  return concat(new Uint8Array(head.buffer), json, ...message.parts)
}

/**
 * Cuts a stream of bytes into messages. Feed it chunks as they come; it wipes every chunk after copying it, and its
 * own buffer as it moves on. The parts of a message are one new buffer's views: their owner wipes them.
 */
export function frameReader(): (chunk: Uint8Array) => Message[] {
  let held = new Uint8Array(0)
  return (chunk) => {
    const joined = concat(held, chunk)
    held.fill(0)
    chunk.fill(0)
    const messages: Message[] = []
    let at = 0
    while (joined.length - at >= 4) {
      const length = new DataView(joined.buffer, at).getUint32(0)
      if (length > MAX_MESSAGE_BYTES) throw new FrameError('too-large', `a message of ${length} bytes`)
      if (joined.length - at - 4 < length) break
      messages.push(messageOf(joined.slice(at + 4, at + 4 + length)))
      at += 4 + length
    }
    held = joined.slice(at)
    joined.fill(0)
    return messages
  }
}

function messageOf(frame: Uint8Array<ArrayBuffer>): Message {
  if (frame.length < 4) throw new FrameError('malformed', 'a frame without a head')
  const end = 4 + new DataView(frame.buffer).getUint32(0)
  if (end > frame.length) throw new FrameError('malformed', 'a frame shorter than its head says')
  const { facts, lengths } = headOf(frame.subarray(4, end))
  const parts: Uint8Array[] = []
  let at = end
  for (const length of lengths) {
    parts.push(frame.subarray(at, at + length))
    at += length
  }
  if (at !== frame.length) throw new FrameError('malformed', 'a frame whose parts do not fill it')
  return { facts, parts }
}

const headSchema = z.strictObject({ facts: z.unknown(), lengths: z.array(z.int().min(0)) })

function headOf(json: Uint8Array): z.output<typeof headSchema> {
  try {
    return headSchema.parse(JSON.parse(fromUtf8(json)))
  } catch {
    throw new FrameError('malformed', 'a frame whose head is not what it should be')
  }
}

/** Overwrites every byte string of a message. */
export function wipeMessage(message: Message): void {
  for (const part of message.parts) part.fill(0)
}
