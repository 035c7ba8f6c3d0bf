import { x25519 } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, type Digest, fromBase64Url, utf8 } from '../bytes.ts'
import { BOX_KEY_LENGTH, checkBoxKey } from './box-key.ts'

const INFO = concat(utf8('lockbox/relay-pair/v1'), Uint8Array.of(0))

/**
 * What two devices of an organization know and nobody else (docs/formats/relay.md §1): HKDF (RFC 5869) of the X25519
 * (RFC 7748) of their mailbox keys. Both compute the same.
 *
 * @param own - this device's mailbox key; the private half stays the caller's to wipe.
 * @param other - the other device's public mailbox key, as in the roster.
 * @returns 32 bytes, the caller's to wipe.
 * @throws {SecretsError} `box-key-refused`.
 */
export function pairKey(
  organization: Digest,
  own: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array },
  other: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (own.privateKey.length !== BOX_KEY_LENGTH) throw new TypeError('expected a private key of 32 bytes')
  checkBoxKey(own.publicKey)
  checkBoxKey(other)
  const secret = x25519.getSharedSecret(own.privateKey, other)
  try {
    const keys = isLower(own.publicKey, other) ? [own.publicKey, other] : [other, own.publicKey]
    return Uint8Array.from(hkdf(sha256, secret, fromBase64Url(organization), concat(INFO, ...keys), 32))
  } finally {
    secret.fill(0)
  }
}

function isLower(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, index) => byte !== b[index])
  return at >= 0 && (a[at] as number) < (b[at] as number)
}
