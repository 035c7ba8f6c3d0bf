import { LockboxError } from '../../shared/errors.ts'

export type ShellErrorCode =
  | 'no-browser'
  | 'browser-too-old'
  | 'root-refused'
  | 'not-private'
  | 'path-too-long'
  | 'profile-in-use'
  | 'not-open'
  | 'closed'
  | 'refused'
  | 'frame-too-large'
  | 'no-bundle'

/** What keeps the shell from doing its part; the message says what to do about it. */
export class ShellError extends LockboxError<ShellErrorCode> {}
