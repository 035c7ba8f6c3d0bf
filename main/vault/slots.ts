import { fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { RP_ID } from '../../shared/statements/assertion.ts'
import { deriveKey } from './derive.ts'
import { openRecord, sealRecord, wipe } from './sodium.ts'

/** Bytes of a PRF output, of a salt, and of what a slot wraps. */
export const SECRET_LENGTH = 32

/** `unlock` wraps the vault key, `sign` the private half of the box key. */
export type SlotPurpose = 'unlock' | 'sign'

/** All of a slot that is not secret; it is the associated data of what the slot wraps. */
export interface SlotHeader {
  readonly purpose: SlotPurpose
  /** base64url */
  readonly vaultId: string
  /** What its owner calls the FIDO2 key. */
  readonly label: string
  /** AAGUID, 32 hexadecimal digits. */
  readonly model: string
  /** Credential id, base64url. */
  readonly credential: string
  /** COSE key, base64url. */
  readonly publicKey: string
  /** What the PRF is asked with, 32 random bytes in base64url: another key for each slot, even on one FIDO2 key. */
  readonly salt: string
}

// WebAuthn's PRF already separates credentials; the info separates purpose, site and credential once more, so that
// no change of one layer lets a secret serve in two places.
function wrappingKey(secret: Uint8Array, header: SlotHeader): Uint8Array {
  if (secret.length !== SECRET_LENGTH) throw new TypeError(`expected a PRF output of ${SECRET_LENGTH} bytes`)
  return deriveKey(secret, fromBase64Url(header.vaultId), {
    credential: header.credential,
    purpose: `lockbox/${header.purpose}-slot/v1`,
    rpId: RP_ID,
  })
}

function context(header: SlotHeader): Uint8Array {
  return jcs({ ...header, purpose: `lockbox/${header.purpose}-slot/v1`, rpId: RP_ID })
}

/**
 * Wraps a secret for one FIDO2 key.
 *
 * @param prfOutput - 32 bytes, from a `get` with user verification; the caller wipes it.
 * @returns the wrapped secret, base64url.
 */
export function wrapForKey(prfOutput: Uint8Array, header: SlotHeader, secret: Uint8Array): string {
  const key = wrappingKey(prfOutput, header)
  try {
    return toBase64Url(sealRecord(key, secret, context(header)))
  } finally {
    wipe(key)
  }
}

/**
 * Unwraps what {@link wrapForKey} made.
 *
 * @throws {SealError} `not-ours` if the slot was altered, or the PRF output is another.
 */
export function unwrapWithKey(prfOutput: Uint8Array, header: SlotHeader, wrapped: string): Uint8Array {
  const key = wrappingKey(prfOutput, header)
  try {
    return openRecord(key, fromBase64Url(wrapped), context(header))
  } finally {
    wipe(key)
  }
}
