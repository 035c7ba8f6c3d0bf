/**
 * The one base of every error we raise on purpose: a stable code for programs, a message for people
 * (what was expected, what came, what to do next) that never carries a secret. Wrong use by our own
 * code is a `TypeError` instead.
 */
export class LockboxError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Whether something that was thrown is an error of ours. (`instanceof` alone would leave its code untyped.) */
export function isLockboxError(error: unknown): error is LockboxError {
  return error instanceof LockboxError
}
