import * as z from '../zod.ts'
import { caseView } from './case-views.ts'
import { id, ms, personRef, text } from './fields.ts'

/** A statement of a case in the report's appendix. */
const reportedStatement = z.strictObject({
  id,
  kind: z.string().max(32),
  person: personRef,
  /** The author's device: SHA-256 of its key. */
  device: id,
  /** Its number in this device's log, from 0: the one that it has in an export, and wherever that is verified. */
  entry: z.int(),
})

/** A decision that is not refused. Of somebody who approved and denied, each of the two is one. */
const reportedDecision = z.strictObject({
  id,
  member: personRef.shape.member,
  verdict: z.enum(['approve', 'deny']),
  at: ms,
  reason: text,
  /** See `proofWords`. */
  proof: text,
  /** What it does, where it does not simply count; see `weightWords`. */
  weight: text,
})

/** Everything a printed report says about one case. */
export const caseReport = z.strictObject({
  case: caseView,
  /** By claimed time. */
  decisions: z.array(reportedDecision),
  organization: z.strictObject({
    id,
    name: text,
    roster: id,
    version: z.int(),
    /** The 12 words of the list of people acted on; null while they are being computed. */
    words: z.array(text).nullable(),
  }),
  /** This device's log as it stood: what its export is checked against. */
  ledger: z.strictObject({
    origin: text,
    size: z.int(),
    /** How many of its entries were removed from this device. */
    removed: z.int(),
    root: id,
    /** Who else cosigned it last: up to which entry, and when by their clocks. */
    cosigners: z.array(z.strictObject({ person: personRef, size: z.int(), at: ms })),
  }),
  made: z.strictObject({ at: ms, by: personRef, deviceName: text, device: id }),
  statements: z.array(reportedStatement),
  /** In sentences that begin with "That …". */
  cannotConclude: z.array(text),
})
export type CaseReport = z.infer<typeof caseReport>
