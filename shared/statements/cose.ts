import { concat, equalBytes } from '../bytes.ts'
import { checkEd25519Key, checkP256Key } from './keys.ts'

/** A `sign` credential's public key, taken out of its COSE form. */
export type CoseKey =
  | { algorithm: 'ES256' /** Uncompressed point, 65 bytes. */; point: Uint8Array }
  | { algorithm: 'EdDSA' /** 32 bytes. */; key: Uint8Array }

const ES256_X = Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
const ES256_Y = Uint8Array.of(0x22, 0x58, 0x20)
const EDDSA_X = Uint8Array.of(0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20)

/**
 * Reads a COSE key in CTAP2 canonical CBOR (RFC 9053 §2.1, §2.2; WebAuthn §5.8.5). Only the two exact layouts that
 * authenticators produce are accepted, so no CBOR parser stands between a roster and its keys.
 *
 * @returns null for anything but a valid ES256 (77 bytes) or EdDSA (42 bytes) key.
 */
export function checkCoseKey(bytes: Uint8Array): CoseKey | null {
  if (
    bytes.length === 77 &&
    equalBytes(bytes.subarray(0, 10), ES256_X) &&
    equalBytes(bytes.subarray(42, 45), ES256_Y)
  ) {
    const point = concat(Uint8Array.of(4), bytes.subarray(10, 42), bytes.subarray(45))
    return checkP256Key(point) ? { algorithm: 'ES256', point } : null
  }
  if (bytes.length === 42 && equalBytes(bytes.subarray(0, 10), EDDSA_X)) {
    const key = bytes.slice(10)
    return checkEd25519Key(key) ? { algorithm: 'EdDSA', key } : null
  }
  return null
}
