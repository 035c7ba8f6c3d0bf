import { randomFillSync } from 'node:crypto'
import sodium, { memzero, ready } from 'libsodium-wrappers'
import { concat } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'

// The one module that imports libsodium; the rest of the program speaks our verbs. Its WebAssembly starts
// asynchronously, and nothing here may run before it did.
await ready

const NONCE_LENGTH = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
/** How much longer a sealed record is than what it holds: nonce (24) and tag (16). */
export const SEAL_OVERHEAD = NONCE_LENGTH + sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES

const NONCES_AT_ONCE = 128

export type SealErrorCode = 'not-ours'

/** A sealed record that does not open: altered, moved, or sealed under another key. */
export class SealError extends LockboxError<SealErrorCode> {}

/**
 * Fresh bytes of the platform's generator, which the operating system seeds: the one libsodium's WebAssembly asks too, but
 * four bytes at a time, and that is slower than sealing a record.
 */
export function randomBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length))
}

// A nonce is no secret, and asking the generator costs as much as sealing a record: many are drawn at once, each is given once.
let nonces = new Uint8Array(0)

function freshNonce(): Uint8Array {
  if (nonces.length === 0) nonces = randomFillSync(new Uint8Array(NONCES_AT_ONCE * NONCE_LENGTH))
  const nonce = nonces.subarray(0, NONCE_LENGTH)
  nonces = nonces.subarray(NONCE_LENGTH)
  return nonce
}

/**
 * Seals a record with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03 §2.3) under a fresh random nonce; 192 bits are
 * enough to draw them without counting.
 *
 * @param key - 32 bytes.
 * @param context - associated data, in an unambiguous encoding; the same bytes are needed to open.
 * @returns nonce (24) ‖ ciphertext ‖ tag (16).
 */
export function sealRecord(key: Uint8Array, plain: Uint8Array, context: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = freshNonce()
  return concat(nonce, sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, context, null, nonce, key))
}

/**
 * Opens what {@link sealRecord} made.
 *
 * @throws {SealError} `not-ours` if anything at all differs; why is not told apart.
 */
export function openRecord(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Uint8Array {
  if (sealed.length < SEAL_OVERHEAD) throw new SealError('not-ours', 'expected a sealed record')
  const nonce = sealed.subarray(0, NONCE_LENGTH)
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed.subarray(NONCE_LENGTH), context, nonce, key)
  } catch (cause) {
    throw new SealError('not-ours', 'expected a record sealed under this key in this place', { cause })
  }
}

/** An Ed25519 key pair as we keep it: the 32-byte seed of RFC 8032 §5.1.5 and the public key. */
export interface SigningKey {
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
}

/**
 * The Ed25519 key pair of a seed.
 *
 * @param given - 32 bytes, of which a copy is kept; by default fresh ones, of which there is no other copy to wipe.
 */
export function signingKey(given?: Uint8Array): SigningKey {
  const seed = given === undefined ? randomBytes(sodium.crypto_sign_SEEDBYTES) : Uint8Array.from(given)
  const pair = sodium.crypto_sign_seed_keypair(seed)
  wipe(pair.privateKey)
  return { seed, publicKey: pair.publicKey }
}

/** Signs with one key, until it is wiped. */
export interface Signer {
  /** Ed25519 signature (RFC 8032 §5.1.6), 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array
  wipe(): void
}

/** The signer of a seed, whose expanded key is kept: making it anew each time costs as much as the signature. */
export function signerOf(seed: Uint8Array): Signer {
  const { privateKey } = sodium.crypto_sign_seed_keypair(seed)
  return {
    sign: (bytes) => sodium.crypto_sign_detached(bytes, privateKey),
    wipe: () => wipe(privateKey),
  }
}

/**
 * Whether an Ed25519 signature is good under the project's one rule, which is libsodium's: S < L, the public key
 * canonical and not of small order, R not of small order, and the equation without cofactor. Wrong lengths are
 * simply not a good signature.
 */
export function verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== sodium.crypto_sign_PUBLICKEYBYTES || signature.length !== sodium.crypto_sign_BYTES)
    return false
  return sodium.crypto_sign_verify_detached(signature, bytes, publicKey)
}

/** An X25519 key pair (RFC 7748): 32 bytes each. */
export interface ExchangeKey {
  readonly privateKey: Uint8Array
  readonly publicKey: Uint8Array
}

/** A fresh X25519 key pair; there is no other copy of its private key. */
export function exchangeKey(): ExchangeKey {
  const privateKey = randomBytes(sodium.crypto_box_SECRETKEYBYTES)
  return { privateKey, publicKey: sodium.crypto_scalarmult_base(privateKey) }
}

/**
 * Overwrites secrets with zeros. What the engine copied elsewhere (moved buffers, wasm memory before it is reused)
 * is out of reach: docs/security.md says so.
 */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) memzero(secret)
}
