import { LockboxError } from '../errors.ts'

export type StatementErrorCode =
  | 'too-large'
  | 'malformed'
  | 'not-canonical'
  | 'too-deep'
  | 'not-an-integer'
  | 'unknown-kind'
  | 'schema'
  | 'wrong-organization'
  | 'not-in-roster'
  | 'device-signature'
  | 'hardware-missing'
  | 'hardware-unexpected'
  | 'hardware-unknown-key'
  | 'hardware-client-data'
  | 'hardware-wrong-statement'
  | 'hardware-wrong-origin'
  | 'hardware-wrong-site'
  | 'hardware-no-touch'
  | 'hardware-no-verification'
  | 'hardware-synced'
  | 'hardware-flags'
  | 'hardware-signature'

/** Why the door refuses bytes that claim to be a statement. */
export class StatementError extends LockboxError<StatementErrorCode> {}
