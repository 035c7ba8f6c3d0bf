import { LockboxError } from '../../shared/errors.ts'

export type AppErrorCode =
  | 'locked'
  | 'still-reading'
  | 'no-organization'
  | 'already-founded'
  | 'not-found'
  | 'not-allowed'
  | 'not-compared'
  | 'own-keys-differ'
  | 'draft-refused'
  | 'blob-missing'
  | 'key-file'
  | 'clock-differs'
  | 'no-session'
  | 'no-shell'
  | 'several-sessions'
  | 'bad-share'
  | 'profile-lost'
  | 'file-malformed'
  | 'too-many-outlets'
  | 'too-many-brokers'
  | 'nothing-old'
  | 'nothing-said'
  | 'record-unreadable'

/** Why this app does not do what its owner asked: what happened, what it means, what to do. */
export class AppError extends LockboxError<AppErrorCode> {}
