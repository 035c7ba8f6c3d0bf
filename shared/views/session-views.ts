import * as z from '../zod.ts'
import { id, ms, text } from './fields.ts'

/** A session of the owner's. */
export const sessionView = z.strictObject({
  case: id,
  accessKeyId: text,
  account: text,
  role: text,
  region: text,
  /** Whether the credentials are in this app's memory. */
  here: z.boolean(),
  /** Milliseconds left when the snapshot was made; the window counts down from it by its own monotonic clock. */
  leftMs: ms,
  /** AWS's expiration, by this device's clock. */
  ends: ms,
  /**
   * `coming`: it was issued, and what opens it has not come to this device yet. `refused`: it is here, nobody ended it, and AWS
   * refuses it all the same.
   */
  state: z.enum(['coming', 'live', 'refused', 'ending', 'ended', 'cannot-confirm']),
  /** Whether some device may deny it at AWS before its time. */
  deniable: z.boolean(),
  says: text,
  /** Until when the clipboard will be cleared; null if nothing of ours is in it. */
  clipboardUntil: ms.nullable(),
  /** How often a program of this computer was given the credentials, and when last. */
  handedOut: z.strictObject({ times: z.int().min(0), last: ms.nullable() }),
  /** A profile for the AWS CLI's config, without any secret; null where no program can be served. */
  profile: z.strictObject({ name: text, text }).nullable(),
  /** Whether a recorded shell runs with it, and why the last one ended, if that is worth saying. */
  terminal: z.strictObject({ isOpen: z.boolean(), says: text.nullable() }),
})
export type SessionView = z.infer<typeof sessionView>
