import { toBase64Url, type UnixMilliseconds } from '../../../shared/bytes.ts'
import { purposeKey } from '../derive.ts'
import { generateDeviceKeys, sealDeviceKeys, wipeDeviceKeys } from '../device-keys.ts'
import { randomBytes, wipe } from '../sodium.ts'
import type { SetUpOrder } from '../types.ts'
import { tagOf, type VaultFile } from '../vault-file.ts'
import { type Script, waitingForAgain } from './desk.ts'
import { ENROLMENT_STEPS, enrolKey } from './enrol-key.ts'
import { refusal } from './refusal.ts'
import { type Unlocked, unlockWith } from './unlock.ts'

/** What set-up needs from the outside. */
export interface SetUpContext extends SetUpOrder {
  readonly now: UnixMilliseconds
  readonly roots: readonly string[]
  /**
   * Puts a new vault on the disk, where nothing takes it for the vault yet, and gives the file back as it was read
   * from there: what the keys are tried on must be what is kept.
   */
  readonly store: (file: VaultFile, vaultKey: Uint8Array) => Promise<VaultFile>
}

/**
 * Makes a vault: enrols two keys, stores it, locks it, and unlocks it with each of them (DESIGN §5).
 *
 * @returns a script that ends with the vault as the second key opened it.
 */
export async function* setUp(context: SetUpContext): Script<Unlocked> {
  if (!context.canAskPin) yield* waitingForAgain(refusal('cannot-ask-pin'))
  const file = yield* enrolAndStore(context)
  const of = 2 * (ENROLMENT_STEPS + 1)
  const [first, second] = context.labels
  const opened = yield* unlockWith(file, first, 'prove', { at: of - 1, of })
  wipe(opened.vaultKey)
  return yield* unlockWith(file, second, 'prove', { at: of, of })
}

// In a function of its own so that all of the vault's secrets are gone (locked) before the keys are tried on it.
async function* enrolAndStore(context: SetUpContext): Script<VaultFile> {
  const vaultKey = randomBytes(32)
  const vaultId = randomBytes(32)
  const { keys, secrets, box } = generateDeviceKeys()
  const sealingKey = purposeKey(vaultKey, vaultId, 'device-keys')
  const tagKey = purposeKey(vaultKey, vaultId, 'vault-file')
  try {
    const [first, second] = context.labels
    const of = 2 * (ENROLMENT_STEPS + 1)
    const common = { ...context, vaultId: toBase64Url(vaultId), of, vaultKey, boxKey: box }
    const one = yield* enrolKey({ ...common, label: first, others: [], done: 0 })
    const two = yield* enrolKey({ ...common, label: second, others: [one.unlock, one.sign], done: ENROLMENT_STEPS })
    const file: Omit<VaultFile, 'tag'> = {
      format: 'lockbox/vault/v1',
      id: toBase64Url(vaultId),
      created: context.now,
      slots: [one, two],
      device: { keys, sealed: toBase64Url(sealDeviceKeys(sealingKey, vaultId, keys, secrets)) },
    }
    return await context.store({ ...file, tag: tagOf(tagKey, file) }, vaultKey)
  } finally {
    wipe(vaultKey, box, sealingKey, tagKey)
    wipeDeviceKeys(secrets)
  }
}
