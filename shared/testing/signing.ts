import { ed25519, ristretto255 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concat, type Digest, toBase64Url, utf8 } from '../bytes.ts'
import { type CustodyContext, custodyBytes } from '../secrets/custody.ts'
import { ORIGIN, RP_ID } from '../statements/assertion.ts'
import { type DeviceSignature, envelopeOf, type HardwareSignature, type Unsigned } from '../statements/envelope.ts'
import { KINDS } from '../statements/kinds.ts'
import { keyId } from '../statements/member.ts'
import type { Person, TestKey } from './keys.ts'
import { remembered } from './remembered.ts'

/** Signs with a key's seed. */
export const signEd25519 = remembered((message: Uint8Array, seed: Uint8Array) => ed25519.sign(message, seed))
const signP256 = remembered((message: Uint8Array, seed: Uint8Array) =>
  p256.sign(message, seed, { format: 'der', lowS: false }),
)

/** The public key of a seed. */
export const ed25519PublicKey = remembered((seed: Uint8Array) => ed25519.getPublicKey(seed))

/** What a touch may do wrong; everything left out is as it should be. */
export interface Touch {
  readonly challenge?: string
  readonly origin?: string
  readonly type?: string
  /** All of clientDataJSON, instead of the three above. */
  readonly clientData?: string | Uint8Array
  readonly rpId?: string
  /** UP and UV, without ED, by default. */
  readonly flags?: number
  readonly counter?: number
  /** What follows the counter. */
  readonly extensions?: Uint8Array
}

/** The client data that Chromium writes for an assertion. */
export function clientDataOf({ type = 'webauthn.get', challenge = '', origin = ORIGIN }: Touch): string {
  return `{"type":"${type}","challenge":"${challenge}","origin":"${origin}","crossOrigin":false}`
}

/** authenticatorData as WebAuthn §6.1 lays it out. */
export function authenticatorDataOf({ rpId = RP_ID, flags = 0x05, counter = 7, extensions }: Touch): Uint8Array {
  const count = new Uint8Array(4)
  new DataView(count.buffer).setUint32(0, counter)
  return concat(sha256(utf8(rpId)), Uint8Array.of(flags), count, extensions ?? new Uint8Array())
}

/** One touch of a security key for a statement, with the faults asked for; signed over what it then says. */
export function touch(key: TestKey, id: Digest, faults: Touch = {}): HardwareSignature {
  const clientData = faults.clientData ?? clientDataOf({ challenge: id, ...faults })
  const clientDataBytes = typeof clientData === 'string' ? utf8(clientData) : clientData
  const authenticatorData = authenticatorDataOf(faults)
  const signed = concat(authenticatorData, sha256(clientDataBytes))
  const sig = key.algorithm === 'EdDSA' ? signEd25519(signed, key.seed) : signP256(signed, key.seed)
  return {
    keyid: keyId(key.publicKey),
    sig: toBase64Url(sig),
    authenticatorData: toBase64Url(authenticatorData),
    clientDataJSON: toBase64Url(clientDataBytes),
  }
}

/** A device's signature. */
export function deviceSignature(by: Person, signedBytes: Uint8Array): DeviceSignature {
  return { keyid: by.device, sig: toBase64Url(signEd25519(signedBytes, by.deviceSeed)) }
}

/** A whole envelope, signed by a person's device and, where the kind asks for it, by one of the two keys. */
export function signedEnvelope(unsigned: Unsigned, by: Person, key = 0): Uint8Array {
  const hardware = KINDS[unsigned.kind].hardware ? touch(by.keys[key] as TestKey, unsigned.id) : null
  return envelopeOf(unsigned, deviceSignature(by, unsigned.signedBytes), hardware)
}

/** An envelope of the right shape whose signatures sign nothing: a hundred times faster, for tests about rules. */
export function unsignedEnvelope(unsigned: Unsigned, by: Person, key = 0): Uint8Array {
  const blank = toBase64Url(new Uint8Array(64))
  const hardware = KINDS[unsigned.kind].hardware
    ? {
        keyid: keyId((by.keys[key] as TestKey).publicKey),
        sig: blank,
        authenticatorData: toBase64Url(authenticatorDataOf({})),
        clientDataJSON: toBase64Url(utf8(clientDataOf({ challenge: unsigned.id }))),
      }
    : null
  return envelopeOf(unsigned, { keyid: by.device, sig: blank }, hardware)
}

/**
 * A proof of custody that comes out the same every time, unlike the product's: the nonce is a hash of share and
 * message. RFC 9591 §6.2 and appendix B (challenge `chal`).
 */
export function repeatableProof(context: CustodyContext, share: Uint8Array): Uint8Array {
  const { Point } = ristretto255
  const { Fn } = Point
  const hashed = (label: string, bytes: Uint8Array) =>
    Fn.create(littleEndian(sha512(concat(utf8(`FROST-RISTRETTO255-SHA512-v1${label}`), bytes))))
  const message = custodyBytes(context)
  const secret = Fn.fromBytes(share)
  const nonce = hashed('test nonce', concat(share, message))
  const point = Point.BASE.multiply(nonce).toBytes()
  const challenge = hashed('chal', concat(point, Point.BASE.multiply(secret).toBytes(), message))
  return concat(point, Fn.toBytes(Fn.add(nonce, Fn.mul(challenge, secret))))
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
