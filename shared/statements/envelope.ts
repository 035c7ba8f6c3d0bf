import { type Digest, type DigestOf, digest, toBase64Url } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { ownRoom, preAuthenticationEncoding, type Room, typeOf } from './encoding.ts'
import { StatementError } from './errors.ts'
import { KINDS, type Kind, type PayloadOf } from './kinds.ts'
import { canonical, type DeviceSignature, type HardwareSignature, problemOf, readOuter } from './outer.ts'
import { type PlainReader, plainReader } from './plain.ts'
import { MAX_ENVELOPE_BYTES, MAX_PAYLOAD_BYTES } from './sizes.ts'

export type { DeviceSignature, HardwareSignature }

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
  const signedBytes = preAuthenticationEncoding(typeOf(kind), payloadBytes)
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
    payloadType: typeOf(unsigned.kind),
    signatures: hardware === null ? [device] : [device, hardware],
  })
}

/**
 * Reads an envelope: size, canonical form, schema, and which signatures the kind asks for. Checks no signature.
 *
 * @param digestOf - a faster SHA-256 than the pure one, where there is one.
 * @param room - where what is signed is put: of very many, in one place.
 * @throws {StatementError} naming the first rule that does not hold.
 */
export function parse(envelope: Uint8Array, digestOf: DigestOf = digest, room: Room = ownRoom): Statement {
  if (envelope.length > MAX_ENVELOPE_BYTES)
    throw new StatementError('too-large', 'expected an envelope of at most 96 KiB')
  const { kind, payload: payloadBytes, signedBytes, device, hardware } = readOuter(envelope, room)
  if (payloadBytes.length > MAX_PAYLOAD_BYTES)
    throw new StatementError('too-large', 'expected a payload of at most 64 KiB')
  if (KINDS[kind].hardware && hardware === null)
    throw new StatementError('hardware-missing', `expected a ${kind} to be signed with a hardware key`)
  if (!KINDS[kind].hardware && hardware !== null)
    throw new StatementError('hardware-unexpected', `expected no hardware signature on a ${kind}`)
  return {
    id: digestOf(signedBytes),
    kind,
    payload: PLAIN[kind](payloadBytes) ?? payloadByRule(kind, payloadBytes),
    envelope,
    signedBytes,
    device,
    hardware,
    // The compiler cannot see that kind and payload were chosen by the same key.
  } as Statement
}

const PLAIN = Object.fromEntries(
  Object.entries(KINDS).map(([kind, { payload }]) => [kind, plainReader(payload)]),
) as Record<Kind, PlainReader>

/** A payload by the rules themselves, one after the other. The quick way that {@link parse} tries first must never differ from it. */
export function payloadByRule<K extends Kind>(kind: K, payload: Uint8Array): PayloadOf<K> {
  return checkSchema(kind, canonical(payload))
}

function checkSchema<K extends Kind>(kind: K, value: unknown): PayloadOf<K> {
  const result = KINDS[kind].payload.safeParse(value)
  if (!result.success) throw new StatementError('schema', `${kind}: ${problemOf(result.error)}`)
  return result.data as PayloadOf<K>
}
