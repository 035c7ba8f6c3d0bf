import { createHash } from 'node:crypto'
import type { VerifyEd25519 } from '../../shared/ledger/checkpoint.ts'
import { signatureChecks } from '../checks.ts'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Of so many signatures it is remembered that they are good: a hundred heads with all who can cosign them. */
const MOST_GOOD = 4096

/**
 * A check that does not do its work again for a signature that it found good. A note comes anew with each cosignature that
 * is added, from everybody, and all others on it were checked before.
 *
 * @param most - how many are remembered.
 */
export function rememberingGood(
  check: VerifyEd25519,
  most: number,
): (...given: Parameters<VerifyEd25519>) => Promise<boolean> {
  const good = new Set<string>()
  return async (publicKey, message, signature) => {
    // Of other lengths none is good; and with these lengths no other three give the same bytes in a row.
    if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES)
      return check(publicKey, message, signature)
    const name = createHash('sha256').update(publicKey).update(signature).update(message).digest('base64')
    if (good.has(name)) return true
    if (!(await check(publicKey, message, signature))) return false
    if (good.size >= most) good.clear()
    good.add(name)
    return true
  }
}

/** How signatures on notes are checked, by the one rule for Ed25519: each good one once. */
export const verifyOnNote = rememberingGood(signatureChecks.ed25519, MOST_GOOD)
