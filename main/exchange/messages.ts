import { concat, type Digest, fromUtf8, utf8 } from '../../shared/bytes.ts'
import { encodeFrame, type Frame, type FrameLimits } from '../../shared/carriers/frame.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { MAX_NOTE_BYTES } from '../../shared/ledger/note.ts'
import { BOX_OVERHEAD, MAX_BOX_PLAINTEXT } from '../../shared/secrets/box.ts'
import { bytesField, digestField, timeField } from '../../shared/statements/fields.ts'
import { MAX_ENVELOPE_BYTES } from '../../shared/statements/sizes.ts'
import * as z from '../../shared/zod.ts'
import { ConnectionError } from './exchange.ts'
import { SUMMARY_BYTES } from './reconcile.ts'

/** The protocol versions that this app speaks, newest first. */
export const VERSIONS: readonly number[] = [2, 1]
/** From this version on a peer knows of mailboxes (docs/formats/mailbox.md). */
export const MAILBOX_VERSION = 2
/** Largest blob, bytes. */
export const MAX_BLOB_BYTES = 256 * 1024
/** Most ids in one HAVE or BLOBS-WANTED, and in one WANT. */
export const MAX_IDS = 1024
export const MAX_WANTED = 256

const DIGEST_BYTES = 32
/** Of a mail, before its box: whether somebody should be called, and the statement's id. */
const MAIL_HEAD_BYTES = 1 + DIGEST_BYTES

/** Frame types (docs/formats/lan.md §3). */
export const FRAME = {
  hello: 1,
  summary: 2,
  have: 3,
  want: 4,
  statement: 5,
  blobsWanted: 6,
  blob: 7,
  note: 8,
  witness: 9,
  witnessed: 10,
  ping: 11,
  pong: 12,
  bye: 13,
  mailbox: 14,
  mail: 15,
  mailed: 16,
} as const

/** The most payload bytes of each type. */
export const FRAME_LIMITS: FrameLimits = new Map<number, number>([
  [FRAME.hello, 1024],
  [FRAME.summary, SUMMARY_BYTES],
  [FRAME.have, MAX_IDS * DIGEST_BYTES],
  [FRAME.want, MAX_WANTED * DIGEST_BYTES],
  [FRAME.statement, DIGEST_BYTES + MAX_ENVELOPE_BYTES],
  [FRAME.blobsWanted, MAX_IDS * DIGEST_BYTES],
  [FRAME.blob, MAX_BLOB_BYTES],
  [FRAME.note, MAX_NOTE_BYTES],
  [FRAME.witness, 2 * MAX_NOTE_BYTES],
  [FRAME.witnessed, 3 * MAX_NOTE_BYTES],
  [FRAME.ping, 64],
  [FRAME.pong, 128],
  [FRAME.bye, 256],
  [FRAME.mailbox, 512],
  [FRAME.mail, MAIL_HEAD_BYTES + BOX_OVERHEAD + MAX_BOX_PLAINTEXT],
  [FRAME.mailed, DIGEST_BYTES],
])

const noteText = z.string().min(1).max(MAX_NOTE_BYTES)
const exchangeId = z.int().min(0).max(0xffff_ffff)
const helloField = z.strictObject({
  /** The sender's clock. */
  clock: timeField,
  /** Whether the sender holds another connection to the same peer that it believes alive. */
  connected: z.boolean(),
  /** Numbers the sender's connections since its start. */
  connection: z.int().min(0),
  organization: digestField,
  /** Random, anew with each start of the app: tells a restarted peer from a second connection. */
  run: bytesField(16),
  versions: z.array(z.int().min(1).max(65_535)).min(1).max(16),
})
const witnessField = z.strictObject({
  from: z.int().min(0),
  id: exchangeId,
  note: noteText,
  proof: z.array(digestField).max(64),
})
const witnessedField = z.union([
  z.strictObject({ cosigned: noteText, id: exchangeId }),
  z.strictObject({ id: exchangeId, last: noteText.optional(), refused: z.string().min(1).max(200) }),
])
const pingField = z.strictObject({ sent: timeField })
const pongField = z.strictObject({ clock: timeField, sent: timeField })
const mailboxField = z.strictObject({ key: bytesField(65), port: z.int().min(1).max(65_535), proof: bytesField(64) })
const byeField = z.strictObject({ reason: z.string().regex(/^[a-z][a-z-]{0,63}$/) })

export type Hello = z.infer<typeof helloField>
export type Witness = z.infer<typeof witnessField>
export type MailboxHint = z.infer<typeof mailboxField>
export type Witnessed = z.infer<typeof witnessedField>

/** A frame as what it means. */
export type Message =
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'summary'; readonly summary: Uint8Array }
  | { readonly type: 'have' | 'want' | 'blobsWanted'; readonly ids: readonly Digest[] }
  | { readonly type: 'statement'; readonly id: Digest; readonly envelope: Uint8Array }
  | { readonly type: 'blob'; readonly blob: Uint8Array }
  | { readonly type: 'note'; readonly note: string }
  | { readonly type: 'witness'; readonly witness: Witness }
  | { readonly type: 'witnessed'; readonly witnessed: Witnessed }
  | { readonly type: 'ping'; readonly sent: number }
  | { readonly type: 'pong'; readonly clock: number; readonly sent: number }
  | { readonly type: 'bye'; readonly reason: string }
  | { readonly type: 'mailbox'; readonly mailbox: MailboxHint }
  | { readonly type: 'mail'; readonly id: Digest; readonly urgent: boolean; readonly box: Uint8Array }
  | { readonly type: 'mailed'; readonly id: Digest }

/** Makes the frame of a message; it is ours, so it fits. */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  return encodeFrame(FRAME[message.type], payloadOf(message))
}

function payloadOf(message: Message): Uint8Array {
  switch (message.type) {
    case 'hello':
      return jcs(message.hello)
    case 'summary':
      return message.summary
    case 'have':
    case 'want':
    case 'blobsWanted':
      return Buffer.concat(message.ids.map((id) => Buffer.from(id, 'base64url')))
    case 'statement':
      return concat(Buffer.from(message.id, 'base64url'), message.envelope)
    case 'blob':
      return message.blob
    case 'note':
      return utf8(message.note)
    case 'witness':
      return jcs(message.witness)
    case 'witnessed':
      return jcs(message.witnessed)
    case 'ping':
      return jcs({ sent: message.sent })
    case 'pong':
      return jcs({ clock: message.clock, sent: message.sent })
    case 'bye':
      return jcs({ reason: message.reason })
    case 'mailbox':
      return jcs(message.mailbox)
    case 'mail':
      return concat(Uint8Array.of(message.urgent ? 1 : 0), Buffer.from(message.id, 'base64url'), message.box)
    case 'mailed':
      return Buffer.from(message.id, 'base64url')
  }
}

/**
 * Reads a frame that kept to {@link FRAME_LIMITS}. What a statement, blob or note holds is not looked at.
 *
 * @throws {ConnectionError} `malformed`.
 */
export function decodeMessage({ type, payload }: Frame): Message {
  switch (type) {
    case FRAME.hello:
      return { type: 'hello', hello: read(helloField, payload) }
    case FRAME.summary:
      if (payload.length !== SUMMARY_BYTES) throw malformed(`a summary of ${SUMMARY_BYTES} bytes`)
      return { type: 'summary', summary: payload }
    case FRAME.have:
      return { type: 'have', ids: digests(payload) }
    case FRAME.want:
      return { type: 'want', ids: digests(payload) }
    case FRAME.statement:
      if (payload.length <= DIGEST_BYTES) throw malformed('an id and an envelope')
      return {
        type: 'statement',
        id: digestAt(payload, 0),
        envelope: payload.slice(DIGEST_BYTES),
      }
    case FRAME.blobsWanted:
      return { type: 'blobsWanted', ids: digests(payload) }
    case FRAME.blob:
      return { type: 'blob', blob: payload }
    case FRAME.note:
      return { type: 'note', note: text(payload) }
    case FRAME.witness:
      return { type: 'witness', witness: readWitness(payload) }
    case FRAME.witnessed:
      return { type: 'witnessed', witnessed: readWitnessed(payload) }
    case FRAME.ping:
      return { type: 'ping', ...read(pingField, payload) }
    case FRAME.pong:
      return { type: 'pong', ...read(pongField, payload) }
    case FRAME.bye:
      return { type: 'bye', ...read(byeField, payload) }
    case FRAME.mailbox:
      return { type: 'mailbox', mailbox: read(mailboxField, payload) }
    case FRAME.mail:
      return mailIn(payload)
    case FRAME.mailed:
      if (payload.length !== DIGEST_BYTES) throw malformed('one id')
      return { type: 'mailed', id: digestAt(payload, 0) }
    default:
      throw malformed('a frame of a known type')
  }
}

function mailIn(payload: Uint8Array): Message {
  const [flag = 2] = payload
  if (flag > 1 || payload.length < MAIL_HEAD_BYTES + BOX_OVERHEAD) throw malformed('a flag, an id and a box')
  return { type: 'mail', urgent: flag === 1, id: digestAt(payload, 1), box: payload.slice(MAIL_HEAD_BYTES) }
}

/** Reads a request to cosign, by whatever way it came. @throws {ConnectionError} `malformed`. */
export function readWitness(json: Uint8Array): Witness {
  return read(witnessField, json)
}

/** Reads the answer to one. @throws {ConnectionError} `malformed`. */
export function readWitnessed(json: Uint8Array): Witnessed {
  return read(witnessedField, json)
}

function read<T>(field: z.ZodType<T>, payload: Uint8Array): T {
  try {
    const result = field.safeParse(parseJcs(payload, 4))
    if (result.success) return result.data
  } catch (cause) {
    if (cause instanceof LockboxError) throw malformed('canonical JSON', cause)
    throw cause
  }
  throw malformed('a message of this version')
}

function text(payload: Uint8Array): string {
  try {
    return fromUtf8(payload)
  } catch (cause) {
    throw malformed('UTF-8', cause)
  }
}

function digests(payload: Uint8Array): Digest[] {
  if (payload.length % DIGEST_BYTES !== 0) throw malformed('whole ids of 32 bytes')
  return Array.from({ length: payload.length / DIGEST_BYTES }, (_, index) => digestAt(payload, index * DIGEST_BYTES))
}

function digestAt(payload: Uint8Array, at: number): Digest {
  return Buffer.from(payload.buffer, payload.byteOffset + at, DIGEST_BYTES).toString('base64url')
}

function malformed(expected: string, cause?: unknown): ConnectionError {
  return new ConnectionError('malformed', `expected ${expected}`, { cause })
}
