import * as z from '../zod.ts'
import { id, ms, personRef, text } from './fields.ts'

/** Another device of the organization, as this one meets it. */
export const peerView = z.strictObject({
  person: personRef,
  device: id,
  connected: z.boolean(),
  via: text,
  since: ms.nullable(),
  /** A locked app that is there: since when, and how many statements it keeps or has not confirmed. */
  mailbox: z.strictObject({ since: ms, told: z.int(), waiting: z.int() }).nullable(),
  why: text.nullable(),
})

/**
 * Whether this folder is all that this device ever wrote. `current`: it may sign. `meeting`: the others are being asked.
 * `copied`: its files are not those it was last used with. `older`: others have more of this device than it had. `forked`:
 * the device signed two histories. `twin`: another app with its keys is running. `damaged`: nothing is recorded before its owner
 * has decided about the damage. `unread`: nor is anything signed before the owner has decided about what is not accepted.
 */
export const standingView = z.strictObject({
  state: z.enum(['current', 'meeting', 'copied', 'older', 'forked', 'twin', 'damaged', 'unread']),
  /** Whether another device has handed over all that it has. */
  met: z.boolean(),
  /** Whether its log no longer goes on from the one that others acknowledged. */
  logBroken: z.boolean(),
  /**
   * How many entries of the log this version does not accept, why not the first, and whether its owner may go on without them;
   * null if there are none.
   */
  unread: z.strictObject({ entries: z.int(), because: text, mayGoOn: z.boolean() }).nullable(),
})
export type StandingView = z.infer<typeof standingView>

/**
 * What speaks against the log or the statements of a device. `fork` and `equivocation` are proofs of two histories;
 * `refused`: a head that was not cosigned, which proves nothing alone; `gap`: statements that are missing here.
 */
export const evidenceView = z.strictObject({
  about: z.enum(['fork', 'equivocation', 'refused', 'gap']),
  person: personRef,
  device: id,
  what: text,
  means: text,
  todo: text,
  /** When it was found; null where that is not kept. */
  at: ms.nullable(),
})
export type EvidenceView = z.infer<typeof evidenceView>

/** What people are told, until it is dismissed. */
export const noteView = z.strictObject({
  id,
  level: z.enum(['info', 'attention', 'danger']),
  /** What happened, what it means, what to do. */
  what: text,
  means: text,
  todo: text,
  at: ms,
})
export type NoteView = z.infer<typeof noteView>
