import { LockboxError } from '../errors.ts'

export type PackErrorCode = 'malformed' | 'unsupported' | 'too-large'

/** Why bytes are not packed statements of ours, or what was to be packed is too much. Says nothing about the statements. */
export class PackError extends LockboxError<PackErrorCode> {}
