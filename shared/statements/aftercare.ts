import * as z from '../zod.ts'
import { digestField, lineField, sortedSet, timeField } from './fields.ts'
import { plainly } from './plain.ts'

/** What ends and replaces: the statements that name a grant (docs/formats/statements.md §5.5). */
export const aboutGrant = { request: digestField, grant: digestField }

/** Longest account of what is lacking, UTF-16 units. */
export const MOST_LACKS = 500

/** Boxes of one session, each sealed to the box key of its device. */
const boxesField = (max: number) =>
  sortedSet(z.strictObject({ device: digestField, sealed: digestField }), ({ device }) => device, max, 1)

/** The two narrow sessions that an issuing device made beside the access, and what it could not make. */
export const aftercareFields = {
  /** Null if none was made. */
  revoker: z
    .strictObject({
      /** `aws:userid` of the session that was handed over: what singles it out in a policy. */
      userId: plainly(z.string().regex(/^[A-Za-z0-9_+=,.@:-]{2,193}$/), '[A-Za-z0-9_+=,.@:-]{2,193}'),
      expires: timeField,
      boxes: boxesField(15),
    })
    .nullable(),
  /** Null if none was made. */
  rotator: z.strictObject({ expires: timeField, boxes: boxesField(100) }).nullable(),
  /** What the plan wants and could not be made or sealed, in words; empty if nothing. */
  lacks: lineField(MOST_LACKS, 0),
}

/**
 * By what of a request's context a policy singles a session out: `aws:userid` alone, or also who asked and when it was issued, so
 * that either is enough.
 */
const DENY_MEANS = ['userid', 'userid-or-issued'] as const
export type DenyMeans = (typeof DENY_MEANS)[number]

/** That AWS took a policy which denies the session, and gave it back when it was read. */
export const revokedFields = {
  /** Name of the inline policy on the plan's role. */
  policy: plainly(z.string().regex(/^[A-Za-z0-9_+=,.@-]{1,128}$/), '[A-Za-z0-9_+=,.@-]{1,128}'),
  means: z.enum(DENY_MEANS),
  at: timeField,
}

/** How far the key that was used has been replaced by another. */
export const rotatedFields = {
  /** The deposit of the key that took its place. */
  deposit: digestField,
  /** The public id of the key that was deactivated or deleted. */
  accessKeyId: lineField(128),
  step: z.enum(['deactivated', 'deleted']),
  at: timeField,
}
