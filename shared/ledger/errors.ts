import { LockboxError } from '../errors.ts'

export type LedgerErrorCode = 'out-of-range' | 'malformed' | 'too-large'

/** A range that this ledger does not have, or a note that is not one. */
export class LedgerError extends LockboxError<LedgerErrorCode> {}
