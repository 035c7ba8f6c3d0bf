import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../bytes.ts'
import { SecretsError } from './errors.ts'
import { SCALAR_LENGTH } from './sharing.ts'

/** Most bytes of a credential; it is opaque here. */
export const MAX_CREDENTIAL_PLAINTEXT = 4096
/** What encrypting adds: the Poly1305 tag. */
export const CREDENTIAL_OVERHEAD = 16

const INFO = utf8('lockbox/credential/v1')

// The all-zero nonce is safe because the key is used once: it comes from a scalar that is drawn for this one dealing,
// and from the header of this one deposit (with its own random nonce). A second message under the same key would break
// it, so a new credential, or the same one dealt again, is always a new dealing.
const NONCE_LENGTH = 12

/**
 * Encrypts an emergency credential under a dealing's secret: ChaCha20-Poly1305 (RFC 8439) under HKDF-SHA-256 of the
 * secret. Format: docs/formats/sharing.md §5. Call it once for each dealing.
 *
 * @param secret - the scalar of the dealing, 32 bytes; stays the caller's to wipe.
 * @param headerBytes - JCS of the deposit header: salt by its SHA-256, and associated data.
 * @param plaintext - at most 4,096 bytes; stays the caller's to wipe.
 * @returns ciphertext ‖ tag (16 bytes).
 * @throws {TypeError} if the secret is not 32 bytes or the plaintext is too long.
 */
export async function encryptCredential(
  secret: Uint8Array,
  headerBytes: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (plaintext.length > MAX_CREDENTIAL_PLAINTEXT)
    throw new TypeError(`expected a credential of at most ${MAX_CREDENTIAL_PLAINTEXT} bytes, got ${plaintext.length}`)
  return withCipher(secret, headerBytes, async (cipher) => {
    const copy = Uint8Array.from(plaintext)
    try {
      return new Uint8Array(await cipher.seal(new Uint8Array(NONCE_LENGTH), copy.buffer, headerBytes))
    } finally {
      copy.fill(0)
    }
  })
}

/**
 * Decrypts an emergency credential. That the secret is the dealing's was checked by `combine`.
 *
 * @param secret - the scalar of the dealing, 32 bytes; stays the caller's to wipe.
 * @param headerBytes - JCS of the deposit header, exactly as it was dealt.
 * @returns the credential, in a buffer of its own that the caller wipes.
 * @throws {SecretsError} `credential-refused` for another secret, another header, or an altered ciphertext.
 * @throws {TypeError} if the secret is not 32 bytes.
 */
export async function decryptCredential(
  secret: Uint8Array,
  headerBytes: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (ciphertext.length < CREDENTIAL_OVERHEAD || ciphertext.length > MAX_CREDENTIAL_PLAINTEXT + CREDENTIAL_OVERHEAD)
    throw new SecretsError('credential-refused', 'the encrypted credential has an impossible length')
  return withCipher(secret, headerBytes, async (cipher) => {
    try {
      return new Uint8Array(await cipher.open(new Uint8Array(NONCE_LENGTH), ciphertext, headerBytes))
    } catch (cause) {
      throw new SecretsError('credential-refused', 'the credential does not open with this secret and deposit header', {
        cause,
      })
    }
  })
}

type Cipher = ReturnType<Chacha20Poly1305['createEncryptionContext']>

async function withCipher<Result>(
  secret: Uint8Array,
  headerBytes: Uint8Array,
  use: (cipher: Cipher) => Promise<Result>,
): Promise<Result> {
  if (secret.length !== SCALAR_LENGTH) throw new TypeError(`expected a secret of ${SCALAR_LENGTH} bytes`)
  const key = Uint8Array.from(hkdf(sha256, secret, sha256(headerBytes), INFO, 32))
  try {
    // Given an ArrayBuffer, the library keeps a view of it and makes no copy: wiping ours wipes its key.
    return await use(new Chacha20Poly1305().createEncryptionContext(key.buffer))
  } finally {
    key.fill(0)
  }
}
