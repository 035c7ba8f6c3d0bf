import { sha256 } from '@noble/hashes/sha2.js'
import { concat, type Digest, digest, fromBase64Url, type Sha256, toBase64Url, utf8 } from '../bytes.ts'
import { JcsError, jcs, parseJcs } from '../jcs.ts'
import * as z from '../zod.ts'
import { StatementError } from './errors.ts'
import { bytesField, digestField } from './fields.ts'
import { KINDS, type Kind, type PayloadOf } from './kinds.ts'
import { MAX_ENVELOPE_BYTES, MAX_PAYLOAD_BYTES } from './sizes.ts'

const TYPE_PREFIX = 'application/vnd.lockbox.'
const TYPE_SUFFIX = '+json'

const deviceSignatureField = z.strictObject({ keyid: digestField, sig: bytesField(64) })
const hardwareSignatureField = z.strictObject({
  keyid: digestField,
  sig: bytesField(64, 80),
  authenticatorData: bytesField(37, 1024),
  clientDataJSON: bytesField(1, 2048),
})

const envelopeField = z.strictObject({
  // As long as the envelope allows, so that a payload too large is refused as such.
  payload: z.string(),
  payloadType: z.string().max(128),
  signatures: z.union([z.tuple([deviceSignatureField]), z.tuple([deviceSignatureField, hardwareSignatureField])]),
})

export type DeviceSignature = z.infer<typeof deviceSignatureField>
/** A WebAuthn assertion by the member's `sign` credential; all fields base64url. */
export type HardwareSignature = z.infer<typeof hardwareSignatureField>

interface Signed {
  /** SHA-256 of the signed bytes. */
  readonly id: Digest
  /** The envelope as it came. Two devices may hold different bytes for one id; compare ids. */
  readonly envelope: Uint8Array
  /** DSSE pre-authentication encoding: what the device signed. */
  readonly signedBytes: Uint8Array
  readonly device: DeviceSignature
  readonly hardware: HardwareSignature | null
}

/** A statement of one kind that was read, but whose signatures are not yet checked. */
export type StatementOf<K extends Kind> = Signed & { readonly kind: K; readonly payload: PayloadOf<K> }
/** A statement that was read, but whose signatures are not yet checked. */
export type Statement = { [K in Kind]: StatementOf<K> }[Kind]

/** A payload made ready to be signed. */
export interface Unsigned<K extends Kind = Kind> {
  readonly kind: K
  readonly id: Digest
  readonly payload: PayloadOf<K>
  readonly payloadBytes: Uint8Array
  readonly signedBytes: Uint8Array
}

/**
 * DSSE v1 pre-authentication encoding (secure-systems-lab/dsse, protocol.md):
 * `DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload`.
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(utf8(`DSSEv1 ${utf8(payloadType).length} ${payloadType} ${payload.length} `), payload)
}

/**
 * Makes a payload ready to be signed: its canonical bytes, what the device signs, and the id that is the hardware
 * key's challenge.
 *
 * @throws {StatementError} `schema` or `too-large`: we never sign what others would refuse.
 */
export function prepare<K extends Kind>(kind: K, payload: PayloadOf<K>): Unsigned<K> {
  const checked = checkSchema(kind, payload)
  const payloadBytes = jcs(checked)
  if (payloadBytes.length > MAX_PAYLOAD_BYTES)
    throw new StatementError('too-large', `this ${kind} is larger than 64 KiB; shorten its texts`)
  const signedBytes = preAuthenticationEncoding(TYPE_PREFIX + kind + TYPE_SUFFIX, payloadBytes)
  return { kind, id: digest(signedBytes), payload: checked, payloadBytes, signedBytes }
}

/** The envelope's canonical bytes, from what was prepared and its signatures. */
export function envelopeOf(
  unsigned: Unsigned,
  device: DeviceSignature,
  hardware: HardwareSignature | null,
): Uint8Array {
  return jcs({
    payload: toBase64Url(unsigned.payloadBytes),
    payloadType: TYPE_PREFIX + unsigned.kind + TYPE_SUFFIX,
    signatures: hardware === null ? [device] : [device, hardware],
  })
}

/**
 * Reads an envelope: size, canonical form, schema, and which signatures the kind asks for. Checks no signature.
 *
 * @param hash - a faster SHA-256 than the pure one, where there is one.
 * @throws {StatementError} naming the first rule that does not hold.
 */
export function parse(envelope: Uint8Array, hash: Sha256 = sha256): Statement {
  if (envelope.length > MAX_ENVELOPE_BYTES)
    throw new StatementError('too-large', 'expected an envelope of at most 96 KiB')
  const outer = envelopeField.safeParse(canonical(envelope))
  if (!outer.success) throw new StatementError('schema', `envelope: ${problemOf(outer.error)}`)
  const { payloadType, payload, signatures } = outer.data
  const kind = kindOf(payloadType)
  const payloadBytes = decode(payload)
  if (payloadBytes.length > MAX_PAYLOAD_BYTES)
    throw new StatementError('too-large', 'expected a payload of at most 64 KiB')
  const hardware = signatures[1] ?? null
  if (KINDS[kind].hardware && hardware === null)
    throw new StatementError('hardware-missing', `expected a ${kind} to be signed with a hardware key`)
  if (!KINDS[kind].hardware && hardware !== null)
    throw new StatementError('hardware-unexpected', `expected no hardware signature on a ${kind}`)
  const signedBytes = preAuthenticationEncoding(payloadType, payloadBytes)
  return {
    id: toBase64Url(hash(signedBytes)),
    kind,
    payload: checkSchema(kind, canonical(payloadBytes)),
    envelope,
    signedBytes,
    device: signatures[0],
    hardware,
    // The compiler cannot see that kind and payload were chosen by the same key.
  } as Statement
}

function kindOf(payloadType: string): Kind {
  const kind = payloadType.slice(TYPE_PREFIX.length, -TYPE_SUFFIX.length)
  if (payloadType !== TYPE_PREFIX + kind + TYPE_SUFFIX || !Object.hasOwn(KINDS, kind))
    throw new StatementError('unknown-kind', 'expected a kind of statement that this version of the app knows')
  return kind as Kind
}

function checkSchema<K extends Kind>(kind: K, value: unknown): PayloadOf<K> {
  const result = KINDS[kind].payload.safeParse(value)
  if (!result.success) throw new StatementError('schema', `${kind}: ${problemOf(result.error)}`)
  return result.data as PayloadOf<K>
}

function problemOf(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? 'not as expected' : `${issue.path.join('.') || 'document'}: ${issue.message}`
}

function decode(text: string): Uint8Array {
  try {
    return fromBase64Url(text)
  } catch (cause) {
    throw new StatementError('malformed', 'expected the payload in canonical base64url', { cause })
  }
}

function canonical(bytes: Uint8Array) {
  try {
    return parseJcs(bytes)
  } catch (error) {
    if (error instanceof JcsError) throw new StatementError(error.code, error.message, { cause: error })
    throw error
  }
}
