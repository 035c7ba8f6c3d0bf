import { decodeBase64Url, fromBase64Url, fromUtf8, lengthInBase64Url, standsAt, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { JcsError, type Json, parseJcs } from '../jcs.ts'
import * as z from '../zod.ts'
import { StatementError } from './errors.ts'
import { bytesField, digestField } from './fields.ts'
import { KINDS, type Kind } from './kinds.ts'
import { base64UrlPattern } from './plain.ts'

export const TYPE_PREFIX = 'application/vnd.lockbox.'
export const TYPE_SUFFIX = '+json'

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
export interface Outer {
  readonly kind: Kind
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly device: DeviceSignature
  readonly hardware: HardwareSignature | null
}

/**
 * Takes an envelope apart: canonical form, schema, kind, and its payload's base64url.
 *
 * @throws {StatementError} naming the first rule that does not hold.
 */
export function readOuter(envelope: Uint8Array): Outer {
  return plainOuter(envelope) ?? outerByRule(envelope)
}

/** The same by the rules themselves, one after the other. {@link readOuter} must never differ from it. */
export function outerByRule(envelope: Uint8Array): Outer {
  const outer = envelopeField.safeParse(canonical(envelope))
  if (!outer.success) throw new StatementError('schema', `envelope: ${problemOf(outer.error)}`)
  const { payloadType, payload, signatures } = outer.data
  const kind = kindOf(payloadType)
  return { kind, payloadType, payload: decode(payload), device: signatures[0], hardware: signatures[1] ?? null }
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
function plainOuter(envelope: Uint8Array): Outer | null {
  const end = envelope.indexOf(QUOTE, START.length)
  if (end < 0 || !standsAt(envelope, 0, START)) return null
  const payload = decodeBase64Url(envelope, START.length, end)
  const parts = payload && TAIL.exec(textOf(envelope.subarray(end)))
  if (!payload || !parts) return null
  const [, payloadType = '', keyid = '', sig = '', authenticatorData, clientDataJSON, hardwareKeyid, hardwareSig] =
    parts
  if (payloadType.length > MOST_TYPE) return null
  const device = { keyid, sig }
  if (authenticatorData === undefined)
    return { kind: kindOf(payloadType), payloadType, payload, device, hardware: null }
  if (clientDataJSON === undefined || hardwareKeyid === undefined || hardwareSig === undefined) return null
  const fits =
    isLong(authenticatorData, DATA_BYTES.min, DATA_BYTES.max) &&
    isLong(clientDataJSON, CLIENT_BYTES.min, CLIENT_BYTES.max) &&
    isLong(hardwareSig, SIG_BYTES.min, SIG_BYTES.max)
  if (!fits) return null
  const hardware = { keyid: hardwareKeyid, sig: hardwareSig, authenticatorData, clientDataJSON }
  return { kind: kindOf(payloadType), payloadType, payload, device, hardware }
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
  const kind = payloadType.slice(TYPE_PREFIX.length, -TYPE_SUFFIX.length)
  if (payloadType !== TYPE_PREFIX + kind + TYPE_SUFFIX || !Object.hasOwn(KINDS, kind))
    throw new StatementError('unknown-kind', 'expected a kind of statement that this version of the app knows')
  return kind as Kind
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
