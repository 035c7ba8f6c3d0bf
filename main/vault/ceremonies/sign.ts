import type { Digest } from '../../../shared/bytes.ts'
import type { HardwareSignature } from '../../../shared/statements/envelope.ts'
import { unwrapWithKey } from '../slots.ts'
import { headerOf, type Slot, type VaultFile } from '../vault-file.ts'
import type { Script } from './desk.ts'
import { getFrom } from './get-secret.ts'
import { refusal } from './refusal.ts'
import { keyWords } from './unlock.ts'

/** What one touch gave. */
export interface Signed {
  readonly signature: HardwareSignature
  /** The box key's private half, 32 bytes, when it was asked for; the caller wipes it. */
  readonly boxKey: Uint8Array | null
  readonly slot: Slot
  readonly counter: number
}

/**
 * Signs a statement's id with the `sign` credential of whichever key is touched; with `withSecret` the same touch
 * opens the box key.
 */
export function signWith(file: VaultFile, challenge: Digest, withSecret: boolean): Script<Signed> {
  const candidates = file.slots.map((slot) => ({ ...slot.sign, slot }))
  const order = {
    purpose: 'sign' as const,
    keys: keyWords(file, null),
    progress: { at: 1, of: 1 },
    candidates,
    withSecret,
    challenge,
  }
  return getFrom(order, async ({ by, signature, counter }, secret) => {
    if (secret === null) return { signature, boxKey: null, slot: by.slot, counter }
    try {
      const boxKey = unwrapWithKey(secret, headerOf(file.id, by.slot, 'sign', by), by.sealed)
      return { signature, boxKey, slot: by.slot, counter }
    } catch (cause) {
      throw refusal('slot-altered', keyWords(file, by.slot.label), cause)
    }
  })
}
