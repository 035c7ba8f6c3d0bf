import { LockboxError } from '../../shared/errors.ts'

/**
 * What a disk can refuse. `disk-full`: nothing was kept, and will be once there is room. `read-only`: it takes no writes
 * at all, or not from us. `disk-failed`: it did not do what it was asked, so nobody knows what it holds.
 */
export type DiskErrorCode = 'disk-full' | 'read-only' | 'disk-failed'

/** A disk that did not do as asked; the operating system's own error is its cause. */
export class DiskError extends LockboxError<DiskErrorCode> {}

const CODES: Readonly<Record<string, DiskErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'read-only',
  EACCES: 'read-only',
  EPERM: 'read-only',
  EIO: 'disk-failed',
  ENXIO: 'disk-failed',
  ENODEV: 'disk-failed',
  ESTALE: 'disk-failed',
  ETIMEDOUT: 'disk-failed',
}

/** The code of an error of the operating system, or null for any other error. */
export function osErrorCode(error: unknown): string | null {
  if (error instanceof DiskError) return osErrorCode(error.cause)
  if (error instanceof LockboxError || !(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** What an error says about the disk, or null if it says nothing about it. */
export function diskFault(error: unknown): DiskErrorCode | null {
  return CODES[osErrorCode(error) ?? ''] ?? null
}

const WORDS: Readonly<Record<DiskErrorCode, string>> = {
  'disk-full': 'the disk is full',
  'read-only': 'the folder of the profile cannot be written',
  'disk-failed': 'the disk failed',
}

/** A disk's error as one of ours; any other comes back as it is. */
export function asDiskError(error: unknown): unknown {
  const code = error instanceof DiskError ? null : diskFault(error)
  return code === null ? error : new DiskError(code, `${WORDS[code]} (${osErrorCode(error) ?? ''})`, { cause: error })
}
