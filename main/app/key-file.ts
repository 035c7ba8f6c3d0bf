import { open, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Digest, digest } from '../../shared/bytes.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { digestField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import { wipe } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'

/** Files with access keys that are to be wiped once their deposit is recorded, by the ciphertext of that deposit. */
const TABLE = 'key-file'
const MAX_BYTES = 64 * 1024

const keyFile = z.strictObject({ path: z.string(), sha256: digestField, size: z.int() })

/** A file from which an access key was read: where it lies, and by what it is known again. */
export type KeyFile = z.infer<typeof keyFile>

/** Reads a file with an access key. @returns its bytes, the caller's to wipe. @throws {AppError} `key-file`. */
export async function readKeyFile(given: string): Promise<{ bytes: Uint8Array; file: KeyFile }> {
  const path = resolve(given)
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile())
    throw new AppError('key-file', 'There is no such file. Check the path of the file with the access key.')
  if (found.size > MAX_BYTES)
    throw new AppError('key-file', 'This file is too large to be an access key. Choose the file that AWS gave.')
  const file = await open(path, 'r')
  try {
    const bytes = new Uint8Array(found.size)
    await file.read(bytes, 0, bytes.length, 0)
    return { bytes, file: { path, sha256: digest(bytes), size: bytes.length } }
  } finally {
    await file.close()
  }
}

/** Keeps durably that the file is to be wiped as soon as the deposit with that ciphertext is recorded. */
export async function intendToWipe(device: Device, ciphertext: Digest, file: KeyFile): Promise<void> {
  await device.vault.journal.append(TABLE, ciphertext, jcs(file))
}

/**
 * Wipes the files of deposits that are recorded, and says what became of each. One that cannot be wiped now is tried
 * again at the next unlock, and named until it is gone.
 */
export async function wipeKeyFiles(device: Device): Promise<void> {
  const pending = new Map<string, KeyFile | null>()
  for await (const { key, value } of device.vault.journal.records(TABLE))
    pending.set(key, value.length === 0 ? null : keyFile.parse(parseJcs(value)))
  const recorded = new Set(
    device.store
      .collection()
      .of('deposit')
      .map(({ payload }) => payload.ciphertext),
  )
  for (const [ciphertext, file] of pending)
    if (file !== null && recorded.has(ciphertext)) await settle(device, ciphertext, file)
}

async function settle(device: Device, ciphertext: Digest, file: KeyFile): Promise<void> {
  try {
    const outcome = await overwriteAndRemove(file)
    device.notes.add(...SAID[outcome](file.path))
  } catch {
    device.notes.add(
      'danger',
      'The file with the access key could not be removed',
      `The key still lies on that disk, in ${file.path}.`,
      'Remove the file yourself, or let Lockbox try again at the next unlock.',
    )
    return
  }
  await device.vault.journal.append(TABLE, ciphertext, new Uint8Array())
}

type Outcome = 'wiped' | 'gone' | 'changed'

/** Overwrites and removes the file. What an SSD or a copying file system keeps of it, nobody here can reach. */
async function overwriteAndRemove({ path, sha256, size }: KeyFile): Promise<Outcome> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  if (file === null) return 'gone'
  try {
    if ((await file.stat()).size !== size) return 'changed'
    const bytes = new Uint8Array(size)
    await file.read(bytes, 0, size, 0)
    // Zeros are what Lockbox itself wrote, and ended before it could remove the file.
    const isOurs = digest(bytes) === sha256 || bytes.every((byte) => byte === 0)
    wipe(bytes)
    if (!isOurs) return 'changed'
    await file.write(new Uint8Array(size), 0, size, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await rm(path)
  return 'wiped'
}

const SAID: Readonly<Record<Outcome, (path: string) => Parameters<Device['notes']['add']>>> = {
  wiped: (path) => [
    'info',
    'The file with the access key was overwritten and removed',
    `It was ${path}. Backups and snapshots of that disk may still hold it.`,
    'Remove those as well.',
  ],
  gone: (path) => [
    'attention',
    'The file with the access key is no longer where it was',
    `It was ${path}, and was to be overwritten and removed. Lockbox does not look for it again.`,
    'If it was moved, or lies on a disk that is not connected, remove it there yourself; its backups too.',
  ],
  changed: (path) => [
    'danger',
    'The file with the access key was changed after it was read, so it was left alone',
    `It may still hold the key: ${path}.`,
    'Look into it, and remove it yourself.',
  ],
}
