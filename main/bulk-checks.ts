import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { promisify } from 'node:util'
import { equalBytes } from '../shared/bytes.ts'
import type { CoseKey } from '../shared/statements/cose.ts'
import type { DoorChecks, SignatureChecks } from '../shared/statements/door.ts'
import { checkEd25519Key, hasSmallOrder } from '../shared/statements/keys.ts'
import { p256Key, signatureChecks } from './checks.ts'
import { sha256 } from './sha256.ts'

// RFC 8410 §4: what stands before the 32 bytes of a key in SubjectPublicKeyInfo.
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const MOST_KEYS = 10_000

/** Keys by their first bytes: to make a text of each, only to look it up, took longer than to compare them. */
const keys = new Map<number, { readonly bytes: Uint8Array; readonly key: KeyObject | null }[]>()
let kept = 0

/** A key that our rule takes, parsed once; null for any other. */
function keyOf(publicKey: Uint8Array): KeyObject | null {
  const first = (publicKey[0] ?? 0) | ((publicKey[1] ?? 0) << 8) | ((publicKey[2] ?? 0) << 16)
  const alike = keys.get(first) ?? []
  const known = alike.find(({ bytes }) => equalBytes(bytes, publicKey))
  if (known !== undefined) return known.key
  const isFit = publicKey.length === 32 && checkEd25519Key(publicKey)
  const key = isFit ? createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' }) : null
  if (kept++ < MOST_KEYS) keys.set(first, [...alike, { bytes: publicKey.slice(), key }])
  return key
}

/**
 * Our one rule for Ed25519 (docs/formats/statements.md §7) with OpenSSL, which is several times faster than libsodium's WebAssembly: it
 * compares the bytes of R, without cofactor, and S with L; that A is canonical and neither A nor R of small order is
 * checked here first.
 */
function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = fitting(publicKey, signature)
  return key !== null && verify(null, message, key, signature)
}

/** The key, where it and the signature are such that OpenSSL's answer is ours; null where it is no. */
function fitting(publicKey: Uint8Array, signature: Uint8Array): KeyObject | null {
  const isFit = signature.length === 64 && !hasSmallOrder(signature)
  return isFit ? keyOf(publicKey) : null
}

function verifyAssertion(key: CoseKey, signedBytes: Uint8Array, signature: Uint8Array): boolean | Promise<boolean> {
  if (key.algorithm === 'EdDSA') return verifyEd25519(key.key, signedBytes, signature)
  return signatureChecks.assertion(key, signedBytes, signature)
}

/** How very many signatures are checked: the same rule, with OpenSSL alone. */
export const bulkChecks: SignatureChecks = { ed25519: verifyEd25519, assertion: verifyAssertion, sha256 }

type KeyToVerify = Parameters<typeof verify>[2]
const verifyBeside = promisify<string | null, Uint8Array, KeyToVerify, Uint8Array, boolean>(verify)

/** {@link verifyEd25519}, on a thread of its own. */
function verifyEd25519Beside(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean | Promise<boolean> {
  const key = fitting(publicKey, signature)
  return key !== null && verifyBeside(null, message, key, signature)
}

function verifyAssertionBeside(
  key: CoseKey,
  signedBytes: Uint8Array,
  signature: Uint8Array,
): boolean | Promise<boolean> {
  if (key.algorithm === 'EdDSA') return verifyEd25519Beside(key.key, signedBytes, signature)
  // A signature that is no DER is, to us, one that does not fit.
  return verifyBeside('sha256', signedBytes, { key: p256Key(key.point), dsaEncoding: 'der' }, signature).catch(
    () => false,
  )
}

/** The same on threads of their own, so that many are checked while this one goes on. */
export const checksBeside: DoorChecks = { ed25519: verifyEd25519Beside, assertion: verifyAssertionBeside, sha256 }
