import { concat, fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { LockboxError } from '../../../shared/errors.ts'
import * as z from '../../../shared/zod.ts'

export type MessageErrorCode = 'malformed'
/** A frame that is no message of ours. */
export class MessageError extends LockboxError<MessageErrorCode> {}

/** A message between main and a worker: public facts as JSON, byte strings beside it so that they can be wiped. */
export interface Message {
  readonly facts: unknown
  readonly parts: readonly Uint8Array<ArrayBuffer>[]
}

/**
 * A message as the bytes of one frame: u32 length of the JSON (big endian), the JSON ({facts, lengths}), then the parts
 * back to back. Secrets go into `parts` alone: a JavaScript string cannot be wiped. The bytes are the caller's to wipe.
 */
export function messageBytes({ facts, parts }: Message): Uint8Array<ArrayBuffer> {
  const json = utf8(JSON.stringify({ facts, lengths: parts.map((part) => part.length) }))
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, json.length)
  return concat(head, json, ...parts)
}

/**
 * Reads a message and wipes the frame it came in. The parts are buffers of their own, their owner's to wipe.
 *
 * @throws {MessageError} `malformed`; what is in it is never quoted.
 */
export function parseMessage(frame: Uint8Array): Message {
  try {
    const end = 4 + new DataView(frame.buffer, frame.byteOffset, frame.length).getUint32(0)
    const { facts, lengths } = headSchema.parse(JSON.parse(fromUtf8(frame.subarray(4, end))))
    if (lengths.reduce((sum, length) => sum + length, end) !== frame.length)
      throw new MessageError('malformed', 'expected parts that fill the frame')
    let at = end
    const parts = lengths.map((length) => Uint8Array.from(frame.subarray(at, (at += length))))
    return { facts, parts }
  } catch {
    throw new MessageError('malformed', 'a frame between main and its worker is not what it should be')
  } finally {
    frame.fill(0)
  }
}

const headSchema = z.strictObject({ facts: z.unknown(), lengths: z.array(z.int().min(0)) })

/** Overwrites byte strings with zeros. */
export function wipe(...secrets: readonly (Uint8Array | null | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0)
}
