import { LockboxError } from '../errors.ts'

export type UrErrorCode = 'foreign-code' | 'malformed' | 'bad-checksum' | 'too-large' | 'mixed' | 'too-many'

/** Why the text of a code was not taken. Nothing that was read before is lost by it. */
export class UrError extends LockboxError<UrErrorCode> {}
