import type { Purpose } from '../../../shared/ceremony.ts'
import { unwrapWithKey } from '../slots.ts'
import { headerOf, type Slot, type VaultFile } from '../vault-file.ts'
import type { Script } from './desk.ts'
import { getFrom } from './get-secret.ts'
import { type KeyWords, refusal } from './refusal.ts'

/** A vault opened by a key. */
export interface Unlocked {
  /** 32 bytes; the caller wipes it. */
  readonly vaultKey: Uint8Array
  readonly slot: Slot
  readonly counter: number
}

/** Who is meant when any key of the vault will do; the others of the one that answered. */
export function keyWords(file: VaultFile, key: string | null): KeyWords {
  return { key, others: file.slots.map(({ label }) => label).filter((label) => label !== key) }
}

/**
 * Opens the vault with one of its keys, whichever is touched; with `only`, with that one.
 *
 * @returns a script that ends with the vault key.
 */
export function unlockWith(
  file: VaultFile,
  only: string | null,
  purpose: Purpose = 'unlock',
  progress: { at: number; of: number } = { at: 1, of: 1 },
): Script<Unlocked> {
  const slots = file.slots.filter(({ label }) => only === null || label === only)
  const candidates = slots.map((slot) => ({ ...slot.unlock, slot }))
  const keys = keyWords(file, only)
  return getFrom({ purpose, keys, progress, candidates, withSecret: true }, async ({ by, counter }, secret) => {
    const header = headerOf(file.id, by.slot, 'unlock', by)
    try {
      return { vaultKey: unwrapWithKey(secret ?? new Uint8Array(), header, by.sealed), slot: by.slot, counter }
    } catch (cause) {
      throw refusal('slot-altered', keyWords(file, by.slot.label), cause)
    }
  })
}
