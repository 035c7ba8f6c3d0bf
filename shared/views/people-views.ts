import * as z from '../zod.ts'
import { consent, id, ms, personRef, text } from './fields.ts'

/** A key that a person touches. */
export const keyView = z.strictObject({ name: text, model: text, attested: z.boolean() })

/** A person of the organization, and how this app meets their device. */
export const personView = z.strictObject({
  member: id,
  name: text,
  contact: text,
  roles: z.array(z.enum(['admin', 'approver', 'auditor', 'commander'])),
  groups: z.array(text),
  deviceName: text,
  keys: z.array(keyView),
  me: z.boolean(),
  /** Null for this very app. */
  reach: z
    .strictObject({
      connected: z.boolean(),
      /** Whether it can answer, is locked and its owner is called to a request, or cannot be reached. */
      presence: z.enum(['unlocked', 'locked', 'gone']),
      /** When it was connected, or heard of locked, or when that ended; null for a device that was not met. */
      since: ms.nullable(),
      /** Over which way, in words; empty while it is not connected. */
      via: text,
      /** Why it cannot be reached, in words; null while it can, or is locked. */
      why: text.nullable(),
      /** When it wrote the newest message that came by relay since unlocking, as it says; null if none came. */
      relayedAt: ms.nullable(),
      clockDifferenceMs: ms.nullable(),
    })
    .nullable(),
})
export type PersonView = z.infer<typeof personView>

/** A roster that waits for endorsements: the genesis, or a change. */
export const rosterDraftView = z.strictObject({
  id,
  genesis: z.boolean(),
  name: text,
  by: personRef,
  /** The 12 words, or null while they are being computed. */
  words: z.array(text).nullable(),
  people: z.array(personView),
  /** For the genesis both are the founders' consent. */
  before: consent,
  after: consent,
  /** Whether endorsements of it count here at all: those of a list that was only handed over wait until its owner endorses. */
  endorsersKnown: z.boolean(),
  /** Whether this app's own keys stand in it unchanged. */
  mineUnchanged: z.boolean(),
  /** Whether another list follows the same one already: endorsed, this one would split the organization. */
  overtaken: z.boolean(),
  /** Whether this app's owner endorsed another draft that follows the same list. */
  endorsedBeside: z.boolean(),
  /** People added, removed or changed against the head, in words. */
  changes: z.array(text),
  /** Plans in effect that would not be, if it took effect, in words. */
  plans: z.array(text),
})
export type RosterDraftView = z.infer<typeof rosterDraftView>
