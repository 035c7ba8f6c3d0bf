import { isLockboxError, LockboxError } from '../errors.ts'

const CODES = ['malformed', 'unsupported', 'too-large'] as const

export type PackErrorCode = (typeof CODES)[number]

/** Why bytes are not packed statements of ours, or what was to be packed is too much. Says nothing about the statements. */
export class PackError extends LockboxError<PackErrorCode> {}

/** Whether an error, also one that came from main, says that the bytes are no pack: reading them again would not help. */
export function isOfPack(error: unknown): boolean {
  return isLockboxError(error) && CODES.some((code) => code === error.code)
}
