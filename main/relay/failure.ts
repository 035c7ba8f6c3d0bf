import { LockboxError } from '../../shared/errors.ts'
import { failureWords } from '../outlets/failure.ts'

export type BrokerErrorCode = 'bad-broker' | 'bad-credentials'
/** Why a broker cannot be added as asked. */
export class BrokerError extends LockboxError<BrokerErrorCode> {}

/** Why there is no link to a broker, in words; shown, and never crosses as an error. */
export class LinkFailure extends Error {
  /** What it sent went beyond all bounds: it is left alone for longer. */
  readonly isMisdeed: boolean

  constructor(says: string, isMisdeed = false) {
    super(says)
    this.isMisdeed = isMisdeed
  }
}

/** What happened, in a few words for people; never what the broker sent. */
export function linkWords(error: unknown): string {
  return error instanceof LinkFailure ? error.message : failureWords(error)
}
