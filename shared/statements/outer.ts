import {
  bytesInBase64Url,
  decodeBase64Url,
  fromBase64Url,
  fromUtf8,
  lengthInBase64Url,
  standsAt,
  utf8,
} from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { JcsError, type Json, parseJcs } from '../jcs.ts'
import * as z from '../zod.ts'
import { type Encoding, encodingFor, KIND_OF_TYPE, ownRoom, type Room } from './encoding.ts'
import { StatementError } from './errors.ts'
import { bytesField, digestField } from './fields.ts'
import type { Kind } from './kinds.ts'
import { base64UrlPattern } from './plain.ts'

const MOST_TYPE = 128
const SIG_BYTES = { min: 64, max: 80 }
const DATA_BYTES = { min: 37, max: 1024 }
const CLIENT_BYTES = { min: 1, max: 2048 }

const deviceSignatureField = z.strictObject({ keyid: digestField, sig: bytesField(64) })
const hardwareSignatureField = z.strictObject({
  keyid: digestField,
  sig: bytesField(SIG_BYTES.min, SIG_BYTES.max),
  authenticatorData: bytesField(DATA_BYTES.min, DATA_BYTES.max),
  clientDataJSON: bytesField(CLIENT_BYTES.min, CLIENT_BYTES.max),
})

const envelopeField = z.strictObject({
  // As long as the envelope allows, so that a payload too large is refused as such.
  payload: z.string(),
  payloadType: z.string().max(MOST_TYPE),
  signatures: z.union([z.tuple([deviceSignatureField]), z.tuple([deviceSignatureField, hardwareSignatureField])]),
})

export type DeviceSignature = z.infer<typeof deviceSignatureField>
/** A WebAuthn assertion by the member's `sign` credential; all fields base64url. */
export type HardwareSignature = z.infer<typeof hardwareSignatureField>

/** An envelope taken apart; its payload is not looked into. */
export interface Outer extends Encoding {
  readonly kind: Kind
  readonly device: DeviceSignature
  readonly hardware: HardwareSignature | null
}

/**
 * Takes an envelope apart: canonical form, schema, kind, and its payload's base64url.
 *
 * @param room - where what is signed is put.
 * @throws {StatementError} naming the first rule that does not hold.
 */
export function readOuter(envelope: Uint8Array, room: Room = ownRoom): Outer {
  return plainOuter(envelope, room) ?? outerByRule(envelope)
}

/** The same by the rules themselves, one after the other. {@link readOuter} must never differ from it. */
export function outerByRule(envelope: Uint8Array): Outer {
  const outer = envelopeField.safeParse(canonical(envelope))
  if (!outer.success) throw new StatementError('schema', `envelope: ${problemOf(outer.error)}`)
  const { payloadType, payload, signatures } = outer.data
  const kind = kindOf(payloadType)
  const bytes = decode(payload)
  const encoding = encodingFor(kind, bytes.length, ownRoom)
  encoding.payload.set(bytes)
  return { kind, ...encoding, device: signatures[0], hardware: signatures[1] ?? null }
}

const START = utf8('{"payload":"')
const QUOTE = 0x22
const KEYID = base64UrlPattern(32)
const TAIL = new RegExp(
  `^","payloadType":"(application/vnd\\.lockbox\\.[a-z]+\\+json)","signatures":\\[\\{"keyid":"(${KEYID})","sig":"(${base64UrlPattern(64)})"\\}(?:,\\{"authenticatorData":"([\\w-]+)","clientDataJSON":"([\\w-]+)","keyid":"(${KEYID})","sig":"([\\w-]+)"\\})?\\]\\}$`,
)

/**
 * An envelope that is laid out byte for byte as every one is that passes; null for any other, whatever is wrong with it. Of what this
 * takes, parse and canonical form are equal by its shape: no escapes, no numbers, keys in order. A third of the time that
 * checking a log took went into finding that out the long way.
 */
function plainOuter(envelope: Uint8Array, room: Room): Outer | null {
  const end = envelope.indexOf(QUOTE, START.length)
  if (end < 0 || !standsAt(envelope, 0, START)) return null
  const parts = TAIL.exec(textOf(envelope.subarray(end)))
  if (!parts) return null
  const [, payloadType = '', keyid = '', sig = '', authenticatorData, clientDataJSON, hardwareKeyid, hardwareSig] =
    parts
  const kind = KIND_OF_TYPE.get(payloadType)
  if (kind === undefined) return null
  let hardware: HardwareSignature | null = null
  if (authenticatorData !== undefined) {
    if (clientDataJSON === undefined || hardwareKeyid === undefined || hardwareSig === undefined) return null
    const fits =
      isLong(authenticatorData, DATA_BYTES.min, DATA_BYTES.max) &&
      isLong(clientDataJSON, CLIENT_BYTES.min, CLIENT_BYTES.max) &&
      isLong(hardwareSig, SIG_BYTES.min, SIG_BYTES.max)
    if (!fits) return null
    hardware = { keyid: hardwareKeyid, sig: hardwareSig, authenticatorData, clientDataJSON }
  }
  const { signedBytes, payload } = encodingFor(kind, bytesInBase64Url(end - START.length), room)
  if (decodeBase64Url(envelope, START.length, end, payload) === null) return null
  return { kind, signedBytes, payload, device: { keyid, sig }, hardware }
}

function isLong(text: string, min: number, max: number): boolean {
  const length = lengthInBase64Url(text)
  return length !== null && length >= min && length <= max
}

/** A text, or an empty one for bytes that are none. */
function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch (error) {
    if (error instanceof LockboxError) return ''
    throw error
  }
}

function kindOf(payloadType: string): Kind {
  const kind = KIND_OF_TYPE.get(payloadType)
  if (kind === undefined)
    throw new StatementError('unknown-kind', 'expected a kind of statement that this version of the app knows')
  return kind
}

function decode(text: string): Uint8Array {
  try {
    return fromBase64Url(text)
  } catch (cause) {
    throw new StatementError('malformed', 'expected the payload in canonical base64url', { cause })
  }
}

/**
 * The value of bytes that have to be canonical JSON.
 *
 * @throws {StatementError} with the code of the {@link JcsError}.
 */
export function canonical(bytes: Uint8Array): Json {
  try {
    return parseJcs(bytes)
  } catch (error) {
    if (error instanceof JcsError) throw new StatementError(error.code, error.message, { cause: error })
    throw error
  }
}

/** What a schema found first, with its place. */
export function problemOf(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? 'not as expected' : `${issue.path.join('.') || 'document'}: ${issue.message}`
}
