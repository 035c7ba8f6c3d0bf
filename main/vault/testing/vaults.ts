import type { SoftwareKey } from '../../../e2e/keys/software-key.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import type { Answer, Step } from '../../../shared/ceremony.ts'
import { jcs } from '../../../shared/jcs.ts'
import type { Instant } from '../clock.ts'
import type { SetUpOrder, Vault } from '../types.ts'
import { findVault, type VaultOptions } from '../vault.ts'
import type { VaultFile } from '../vault-file.ts'
import { MemoryDisk } from './memory-disk.ts'
import { newKey, play, withKeys } from './window.ts'

const PROFILE = '/profile'
export const ORDER: SetUpOrder = { person: 'Alice', labels: ['Desk', 'Backup (safe)'], canAskPin: true }

export interface Person {
  readonly fs: MemoryDisk
  readonly vault: Vault
  readonly desk: SoftwareKey
  readonly backup: SoftwareKey
  /** Moves both clocks. */
  readonly passes: (milliseconds: number) => void
}

/** A person with two keys and an empty profile. */
export async function newPerson(fs = new MemoryDisk(), more: Partial<VaultOptions> = {}): Promise<Person> {
  let now: Instant = { wall: 1_800_000_000_000, monotonic: 0 }
  const vault = await findVault({ profile: PROFILE, fs, reserveLength: 4096, clock: () => now, ...more })
  return {
    fs,
    vault,
    desk: newKey('desk'),
    backup: newKey('backup'),
    passes: (milliseconds) => {
      now = { wall: now.wall + milliseconds, monotonic: now.monotonic + milliseconds }
    },
  }
}

/** The same after set-up: the vault is open. */
export async function personWithVault(more: Partial<VaultOptions> = {}): Promise<Person> {
  const person = await newPerson(new MemoryDisk(), more)
  const { desk, backup } = person
  const end = await play(
    person.vault,
    person.vault.setUp(ORDER),
    withKeys({ Desk: desk, 'Backup (safe)': backup }, desk),
  )
  if (end.kind !== 'done') throw new Error(`set-up ended as ${JSON.stringify(end)}`)
  return person
}

/** The same person after a restart of the app on what the disk holds now. */
export async function restarted(person: Person, fs: MemoryDisk = person.fs.afterKill()): Promise<Person> {
  const { vault, ...again } = await newPerson(fs)
  return { ...again, vault, desk: person.desk, backup: person.backup }
}

/** The vault file and its copy. */
export const VAULT_FILES = ['/profile/vault/vault.json', '/profile/vault/vault.copy.json'] as const

/** Plays an unlock ceremony with one key, or one answer. */
export function unlockWith(person: Person, key: SoftwareKey | Answer): Promise<Step> {
  return play(person.vault, person.vault.unlock(), () => key)
}

/** The vault file as it lies on the disk. */
export function fileOf(person: Person): VaultFile {
  return JSON.parse(fromUtf8(person.fs.contentOf(VAULT_FILES[0]))) as VaultFile
}

/** A person whose vault file somebody changed on the disk, after a restart. */
export async function withFile(change: (file: VaultFile) => unknown): Promise<Person> {
  const person = await personWithVault()
  const fs = person.fs.afterKill()
  const changed = jcs(change(fileOf(person)))
  for (const path of VAULT_FILES) fs.tamper(path, () => changed)
  return restarted(person, fs)
}
