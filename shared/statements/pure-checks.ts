import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, equalBytes } from '../bytes.ts'
import type { CoseKey } from './cose.ts'
import type { SignatureChecks } from './door.ts'

const { Point } = ed25519
const L = Point.Fn.ORDER

/**
 * Our one rule for Ed25519 (docs/formats/statements.md), written out on @noble's points: A canonical and not of small
 * order, R not of small order, S < L, and the bytes of S·B − k·A equal to R: no cofactor, and so no other spelling of R.
 */
export function strictEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const encodedR = signature.subarray(0, 32)
  const s = littleEndian(signature.subarray(32))
  const a = pointOf(publicKey)
  const r = pointOf(encodedR)
  if (a === null || r === null || a.isSmallOrder() || r.isSmallOrder() || s >= L) return false
  const k = littleEndian(sha512(concat(encodedR, publicKey, message))) % L
  return equalBytes(Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes(), encodedR)
}

/** A point in its one canonical encoding, or null. */
function pointOf(bytes: Uint8Array): InstanceType<typeof Point> | null {
  try {
    const point = Point.fromBytes(bytes, false)
    return equalBytes(point.toBytes(), bytes) ? point : null
  } catch {
    return null
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function checkAssertionSignature(key: CoseKey, signedBytes: Uint8Array, signature: Uint8Array): boolean {
  if (key.algorithm === 'EdDSA') return strictEd25519(key.key, signedBytes, signature)
  try {
    return p256.verify(signature, signedBytes, key.point, { format: 'der', lowS: false })
  } catch {
    // The library throws where the DER is broken; to us that is a signature like any other that is false.
    return false
  }
}

/** Every signature checked, with @noble alone: slow, and runs everywhere. */
export const pureChecks: SignatureChecks = { ed25519: strictEd25519, assertion: checkAssertionSignature }
