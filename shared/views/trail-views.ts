import * as z from '../zod.ts'
import { id, ms, personRef, text } from './fields.ts'

/** What members found in AWS's record about a case. */
export const trailView = z.strictObject({
  /** What differs first, then the newest. */
  attached: z.array(
    z.strictObject({
      id,
      person: personRef,
      at: ms,
      /** Whether they took part in the case themselves. */
      tookPart: z.boolean(),
      source: text,
      /** Over which time, and where. */
      reach: text,
      events: z.int(),
      calls: z.int(),
      refused: z.int(),
      grants: z.int(),
      seen: z.int(),
      /** Regions in which it does not reach over the case. */
      unreached: z.int(),
      /** Accounts on the way to the session that were not asked. */
      unasked: z.array(text),
      notCovered: z.int(),
      differs: z.array(z.strictObject({ says: text, at: ms, event: text.nullable() })),
      /** How many more there are. */
      more: z.int(),
    }),
  ),
  /**
   * Whether access was granted and nothing that was attached shows the session of some grant being issued and reaches over it; or whether a
   * session may exist that no grant tells of, and nothing reaches over its time.
   */
  isMissing: z.boolean(),
})
export type TrailView = z.infer<typeof trailView>

/** A recorded terminal of a case. */
export const recordingView = z.strictObject({
  id,
  person: personRef,
  /** When it was attached. */
  at: ms,
  events: z.int(),
  /** SHA-256 of its parts, in order. */
  parts: z.array(id),
})
export type RecordingView = z.infer<typeof recordingView>

/** The calls of one evidence, as this app explains them now. */
export const trailCallsView = z.strictObject({
  /** What differs first, then by time. */
  calls: z.array(
    z.strictObject({
      id,
      at: ms,
      call: text,
      region: text,
      from: text,
      /** Why AWS refused it; null if it was carried out. */
      error: text.nullable(),
      role: text,
      differs: text.nullable(),
    }),
  ),
  untold: z.int(),
  /** Whether its author found the same. */
  agrees: z.boolean(),
})
export type TrailCalls = z.infer<typeof trailCallsView>
