import { createPublicKey, type KeyObject, verify as verifyWithNode } from 'node:crypto'
import { toBase64Url } from '../shared/bytes.ts'
import type { CoseKey } from '../shared/statements/cose.ts'
import type { SignatureChecks } from '../shared/statements/door.ts'
import { verify as verifyEd25519 } from './vault/sodium.ts'

// Parsing a P-256 key costs more than checking a signature with it (facts: 54 %), and a roster has few of them.
const parsedKeys = new Map<string, KeyObject>()

/** A P-256 key of an authenticator, parsed once. `point`: 65 bytes, uncompressed (SEC 1 §2.3.3). */
export function p256Key(point: Uint8Array): KeyObject {
  const name = Buffer.from(point).toString('latin1')
  const known = parsedKeys.get(name)
  if (known !== undefined) return known
  const [x, y] = [toBase64Url(point.subarray(1, 33)), toBase64Url(point.subarray(33))]
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } })
  if (parsedKeys.size < 10_000) parsedKeys.set(name, key)
  return key
}

function verifyAssertion(key: CoseKey, signedBytes: Uint8Array, signature: Uint8Array): boolean {
  if (key.algorithm === 'EdDSA') return verifyEd25519(key.key, signedBytes, signature)
  try {
    return verifyWithNode('sha256', signedBytes, { key: p256Key(key.point), dsaEncoding: 'der' }, signature)
  } catch {
    // A signature that is no DER is, to us, one that does not fit.
    return false
  }
}

/** How main and the command line check signatures: libsodium for Ed25519 (our one rule), OpenSSL for ES256. */
export const signatureChecks: SignatureChecks = { ed25519: verifyEd25519, assertion: verifyAssertion }
