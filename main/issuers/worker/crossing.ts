import { LockboxError } from '../../../shared/errors.ts'

/** An error as it may leave the worker: our own words, or none at all, since others' may quote what they were given. */
export function crossing(error: unknown): { readonly code: string; readonly message: string } {
  if (isOurs(error)) return { code: error.code, message: error.message }
  return { code: 'internal', message: 'The worker failed in a way nobody foresaw. Try again, or on another device.' }
}

function isOurs(error: unknown): error is LockboxError {
  return error instanceof LockboxError
}
