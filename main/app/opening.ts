import type { Clock } from '../vault/clock.ts'
import type { OpenVault, Vault } from '../vault/types.ts'
import { AppError } from './app-error.ts'
import { Device } from './device.ts'
import type { Display } from './display.ts'
import { wipeKeyFiles } from './key-file.ts'
import { tellMissingParts } from './missing-parts.ts'
import type { Notes } from './notes.ts'
import type { Host } from './ports.ts'
import { loadProfile, newProfile, type Profile, saveProfile } from './profile.ts'
import { carryOutPruning } from './pruning.ts'
import { sweepBlobs } from './sweeping.ts'

/** What the opening of a device needs beside its opened vault. */
export interface OpeningParts {
  readonly vault: Vault
  readonly clock: Clock
  readonly host: Host
  readonly notes: Notes
  readonly display: Display
  /** Keeps what the lock screen shows. */
  readonly remember: (change: Partial<Display>) => Promise<void>
  /** Told how many statements of how many were read so far. */
  readonly onProgress: (read: number, of: number) => void
}

/**
 * The device of a vault that was just opened: read back whole, with everything finished that was left unfinished when it was
 * last open. What cannot be finished is told, and keeps nobody out.
 *
 * @throws {AppError} `profile-lost`; an error of the vault or the disk if the device cannot be read.
 */
export async function openDevice(opened: OpenVault, parts: OpeningParts): Promise<Device> {
  const { vault, clock, host, notes, onProgress } = parts
  const tried = (doing: string, work: Promise<void>) =>
    work.catch((error: unknown) => notes.failure(doing, error, 'It is tried again at the next unlock.'))
  const profile = (await loadProfile(opened.journal)) ?? (await firstProfile(opened, parts.display))
  await tried('Keeping what the lock screen shows', rememberVault(profile, parts))
  const summary = vault.summary()
  if (summary === null) throw new TypeError('an open vault has a summary')
  const device = await Device.load({
    vault: opened,
    summary,
    held: vault.held,
    profile,
    clock,
    host,
    notes,
    onProgress,
  })
  await tried('Removing old entries', carryOutPruning(device))
  await tried('Deleting what is no longer needed', sweepBlobs(device))
  await tried('Wiping the file of an access key', wipeKeyFiles(device))
  tellMissingParts(device)
  return device
}

/** Whose device this is, at its first opening. A log that lost this must not make somebody else of its owner. */
async function firstProfile({ journal, problems }: OpenVault, display: Display): Promise<Profile> {
  const { name, contact, deviceName } = display
  const lost = journal.accepted.length > 0 || problems.some(({ kind }) => kind !== 'torn-tail')
  if (lost || name === '')
    throw new AppError(
      'profile-lost',
      'The log of this device has lost whose device it is. Nothing was made in its place. Put the folder of the profile back from a backup, or set Lockbox up with another profile and ask an admin to give you a place anew.',
    )
  const profile = newProfile({ name, contact, deviceName })
  await saveProfile(journal, profile)
  return profile
}

/** Gives back what the lock screen shows where its file was lost; and keeps that there is a vault. */
async function rememberVault(
  { name, contact, deviceName }: Profile,
  { display, notes, remember }: OpeningParts,
): Promise<void> {
  if (display.name === '') {
    notes.add(
      'attention',
      'The file with this device’s settings was missing or could not be read',
      'The names are back from the vault. Typed addresses are lost, and the time until it locks is 10 minutes again.',
      'Look at both under Settings, and at what else may be missing from this folder.',
    )
    await remember({ name, contact, deviceName, vault: true })
  } else if (!display.vault) await remember({ vault: true })
}
