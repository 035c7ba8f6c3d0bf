import { hkdfSync } from 'node:crypto'
import { jcs } from '../../shared/jcs.ts'

/**
 * HKDF-SHA-256 (RFC 5869) to 32 bytes.
 *
 * @param info - encoded as JCS, so that no two different contexts give the same bytes.
 */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, info: Readonly<Record<string, string>>): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, jcs(info), 32))
}

/** What the vault key is used for; each purpose has a key of its own. */
export type VaultPurpose =
  | 'journal'
  | 'journal-head'
  | 'journal-index'
  | 'blob'
  | 'blob-name'
  | 'recording'
  | 'device-keys'
  | 'vault-file'

/** The key for one purpose, 32 bytes, derived from the vault key. The caller wipes it. */
export function purposeKey(vaultKey: Uint8Array, vaultId: Uint8Array, purpose: VaultPurpose): Uint8Array {
  return deriveKey(vaultKey, vaultId, { purpose: `lockbox/${purpose}/v1` })
}
