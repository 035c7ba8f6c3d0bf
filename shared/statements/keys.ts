import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/**
 * Our one rule for Ed25519 public keys, at every door: canonical encoding (y < p, no "negative zero") of a point that
 * is not of small order. The same rule libsodium applies when it verifies, so all our verifiers agree.
 */
export function checkEd25519Key(key: Uint8Array): boolean {
  try {
    return !ed25519.Point.fromBytes(key, false).isSmallOrder()
  } catch {
    return false
  }
}

const SMALL_ORDER: ReadonlySet<string> = new Set(ED25519_TORSION_SUBGROUP)
const FIRST_BYTES: ReadonlySet<number> = new Set(
  ED25519_TORSION_SUBGROUP.map((hex) => Number.parseInt(hex.slice(0, 2), 16)),
)

/**
 * Whether a signature's R is the canonical encoding of a point of small order. This is enough: whoever compares its bytes with those
 * of a computed point takes no other encoding.
 *
 * @param signature - 64 bytes, of which R is the first half.
 */
export function hasSmallOrder(signature: Uint8Array): boolean {
  return FIRST_BYTES.has(signature[0] ?? -1) && SMALL_ORDER.has(bytesToHex(signature.subarray(0, 32)))
}

/** Whether 65 bytes are an uncompressed point of P-256 (SEC 1 §2.3.3). */
export function checkP256Key(key: Uint8Array): boolean {
  try {
    if (key.length !== 65) return false
    p256.Point.fromBytes(key).assertValidity()
    return true
  } catch {
    return false
  }
}
