import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { digest, fromBase64Url, toBase64Url } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { preAuthenticationEncoding } from '../statements/encoding.ts'
import type { HardwareSignature } from '../statements/envelope.ts'
import type { Kind } from '../statements/kinds.ts'
import { type Person, person, type TestKey } from './keys.ts'
import { type Touch, touch } from './signing.ts'

/** How an envelope departs from what its author would make; each signature is made over what then stands there. */
export interface Craft {
  readonly type?: string
  readonly by?: Person
  readonly keyid?: string
  readonly key?: TestKey
  readonly touch?: Touch
  /** Changes the finished envelope. */
  readonly change?: (envelope: Crafted) => unknown
}

/** An envelope in the making. */
export interface Crafted {
  payload: string
  payloadType: string
  signatures: (Partial<HardwareSignature> & { keyid: string; sig: string })[]
}

/** An envelope with anything in it, signed all the same. */
export function craft(kind: Kind | '', payload: Uint8Array, hardware: boolean, how: Craft = {}): Uint8Array {
  const { by = person('bob'), type = `application/vnd.lockbox.${kind}+json` } = how
  const signedBytes = preAuthenticationEncoding(type, payload)
  const device = { keyid: how.keyid ?? by.device, sig: toBase64Url(ed25519.sign(signedBytes, by.deviceSeed)) }
  const touched = hardware ? [touch(how.key ?? by.keys[0], digest(signedBytes), how.touch)] : []
  const envelope: Crafted = { payload: toBase64Url(payload), payloadType: type, signatures: [device, ...touched] }
  return jcs(how.change?.(envelope) ?? envelope)
}

/** A text in so many arrays. */
export function nested(depth: number): unknown {
  return depth === 0 ? 'x' : [nested(depth - 1)]
}

/** Bytes of hexadecimal digits. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

/** The same bytes with the lowest bit of one of them turned. */
export function flip(text: string, at: number): string {
  const bytes = fromBase64Url(text)
  bytes[at] = (bytes[at] as number) ^ 1
  return toBase64Url(bytes)
}

/** Another spelling of an X25519 key: RFC 7748 ignores the highest bit. */
export function spelled(key: string): string {
  const bytes = fromBase64Url(key)
  bytes[31] = (bytes[31] as number) | 0x80
  return toBase64Url(bytes)
}

/** An Ed25519 signature with the group order added to S: as good to verifiers that do not look. */
export function addOrder(sig: string): string {
  const bytes = fromBase64Url(sig)
  const s = bytes.subarray(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) + ed25519.Point.Fn.ORDER
  for (let at = 0; at < 32; at++) bytes[32 + at] = Number((s >> BigInt(8 * at)) & 255n)
  return toBase64Url(bytes)
}

/** (r, n − s): as good as (r, s) to every verifier of ECDSA. */
export function otherForm(sig: string): string {
  const { r, s } = p256.Signature.fromBytes(fromBase64Url(sig), 'der')
  return toBase64Url(new p256.Signature(r, p256.Point.Fn.ORDER - s).toBytes('der'))
}
