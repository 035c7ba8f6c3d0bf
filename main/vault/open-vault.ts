import { fromBase64Url } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { DOOR_RULES } from '../../shared/statements/door.ts'
import { VERSION } from '../version.ts'
import { Blobs } from './blobs.ts'
import { refusal } from './ceremonies/refusal.ts'
import { purposeKey, type VaultPurpose } from './derive.ts'
import { type DeviceSecrets, openDeviceKeys, wipeDeviceKeys } from './device-keys.ts'
import type { VaultFs } from './files.ts'
import { Journal, type JournalCondition, type ReadingListener } from './journal.ts'
import { Recordings } from './recordings.ts'
import { signerOf, wipe } from './sodium.ts'
import type { OpenVault, TroubleCode } from './types.ts'
import { hasGoodTag, type VaultFile } from './vault-file.ts'

export type VaultErrorCode = 'locked' | 'exists' | 'none' | 'labels' | TroubleCode

/** Why the vault does not do as asked. */
export class VaultError extends LockboxError<VaultErrorCode> {}

/** Where a vault lies, and what is told about its disk. */
export interface Place {
  readonly fs: VaultFs
  readonly dir: string
  readonly reserveLength?: number
  readonly onDisk?: (condition: JournalCondition, message: string) => void
}

/** An open vault and the way to lock it. */
export interface OpenedVault {
  readonly vault: OpenVault
  /** False when somebody without the vault key changed the vault file. */
  readonly goodTag: boolean
  /** Zeroes the device keys at once, then finishes the journal and forgets its keys. */
  close(): Promise<void>
}

function lend<Result>(
  vaultKey: Uint8Array,
  file: VaultFile,
  purposes: readonly VaultPurpose[],
  use: (...keys: Uint8Array[]) => Result,
): Result {
  const keys = purposes.map((purpose) => purposeKey(vaultKey, fromBase64Url(file.id), purpose))
  const done = (): void => wipe(...keys)
  let result: Result
  try {
    result = use(...keys)
  } catch (error) {
    done()
    throw error
  }
  if (result instanceof Promise) result.then(done, done)
  else done()
  return result
}

/** Makes the journal of a new vault. */
export async function createJournal(place: Place, file: VaultFile, vaultKey: Uint8Array): Promise<void> {
  const { journal } = await openJournal(place, file, vaultKey, true)
  await journal.close()
}

// Another version of the app may refuse what this one accepts, whatever it says of its door.
const RULES = `${VERSION} ${DOOR_RULES}`

function openJournal(place: Place, file: VaultFile, vaultKey: Uint8Array, create: boolean, reading?: ReadingListener) {
  const { fs, dir, reserveLength, onDisk } = place
  return lend(vaultKey, file, ['journal', 'journal-head', 'journal-index'], (key, headKey, indexKey) =>
    Journal.open({
      dir,
      vaultId: fromBase64Url(file.id),
      key,
      headKey,
      indexKey,
      rules: RULES,
      fs,
      create,
      ...(reserveLength === undefined ? {} : { reserveLength }),
      ...(onDisk ? { onCondition: onDisk } : {}),
      ...(reading ? { reading } : {}),
    }),
  )
}

/**
 * Opens all of a vault with its key. The key itself is not kept: each part has one derived from it.
 *
 * @param reading - told what the journal shows before all of it was read.
 * @throws {CeremonyRefusal} `vault-altered` if the device keys do not open.
 */
export async function openVault(
  place: Place,
  file: VaultFile,
  vaultKey: Uint8Array,
  reading: ReadingListener,
): Promise<OpenedVault> {
  const secrets = deviceSecrets(file, vaultKey)
  let unfinished: Journal | null = null
  try {
    const { journal, problems } = await openJournal(place, file, vaultKey, false, reading)
    unfinished = journal
    const blobs = await lend(vaultKey, file, ['blob', 'blob-name'], (key, nameKey) =>
      Blobs.open({ ...place, vaultId: fromBase64Url(file.id), key, nameKey }),
    )
    const recordings = lend(
      vaultKey,
      file,
      ['recording'],
      (key) => new Recordings({ ...place, vaultId: fromBase64Url(file.id), key }),
    )
    const goodTag = lend(vaultKey, file, ['vault-file'], (key) => hasGoodTag(key, file))
    const { vault, lock } = verbs(secrets, { journal, blobs, recordings, problems })
    return {
      vault,
      goodTag,
      close: async () => {
        const failures: unknown[] = []
        // Whatever becomes of one of them, the others forget their keys too, and the journal lets go of the disk.
        for (const forget of [lock, () => blobs.close(), () => recordings.close()])
          try {
            forget()
          } catch (error) {
            failures.push(error)
          }
        await journal.close()
        if (failures.length > 0) throw failures[0]
      },
    }
  } catch (error) {
    wipeDeviceKeys(secrets)
    // It has keys and an open file of its own.
    await unfinished?.close()
    throw error
  }
}

function deviceSecrets(file: VaultFile, vaultKey: Uint8Array): DeviceSecrets {
  const { keys, sealed } = file.device
  try {
    return lend(vaultKey, file, ['device-keys'], (key) =>
      openDeviceKeys(key, fromBase64Url(file.id), keys, fromBase64Url(sealed)),
    )
  } catch (cause) {
    throw refusal('vault-altered', undefined, cause)
  }
}

function verbs(secrets: DeviceSecrets, parts: Pick<OpenVault, 'journal' | 'blobs' | 'recordings' | 'problems'>) {
  let locked = false
  const statements = signerOf(secrets.statement)
  const checkpoints = signerOf(secrets.checkpoint)
  const mustBeOpen = (): void => {
    // Without this a wiped key, all zeros, would sign: a signature of a key that everybody knows.
    if (locked) throw new VaultError('locked', 'the vault is locked; unlock it with one of its keys')
  }
  const whileOpen = <Args extends readonly unknown[], Result>(verb: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      mustBeOpen()
      return verb(...args)
    }
  }
  const vault: OpenVault = {
    ...parts,
    signStatement: whileOpen((bytes) => statements.sign(bytes)),
    signCheckpoint: whileOpen((bytes) => checkpoints.sign(bytes)),
    tls: whileOpen(() => secrets.tls),
    mailboxKey: whileOpen(() => Uint8Array.from(secrets.mailbox)),
  }
  return {
    vault,
    lock: () => {
      locked = true
      statements.wipe()
      checkpoints.wipe()
      wipeDeviceKeys(secrets)
    },
  }
}
