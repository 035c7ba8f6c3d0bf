import * as z from '../zod.ts'
import { digestField, sortedSet, timeField } from './fields.ts'
import { plainly } from './plain.ts'

/**
 * What it is of: AWS's record, as files that a trail wrote or as LookupEvents answered; or `terminal`, the recording of a shell that
 * had the session (docs/formats/terminal.md).
 */
export const EVIDENCE_SOURCES = ['trail-files', 'lookup-events', 'terminal'] as const
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number]

/** How case and AWS's record can differ, what matters most first (docs/formats/statements.md §5.6). */
export const DIFFERENCES = [
  /** A call with the long-lived key that no case explains: somebody else has it. */
  'key-unexplained',
  /** A call by a session that bears this case's name and that no grant names. */
  'session-used',
  /** AWS issued a session under the name of an attempt, and no grant names it. */
  'session-unknown',
  /** A call that AWS carried out after the session was said to be over, or had been denied as a custodian ordered. */
  'after-end',
  /** The call that gave the grant's session asked for something else than the case says; or a session that may do nothing did something. */
  'call-differs',
  /** A grant whose session AWS's record does not show to have been issued, though it reaches over that time there. */
  'grant-unseen',
] as const
export type DifferenceCode = (typeof DIFFERENCES)[number]

/** Differences that a statement lists; how many more there are, it counts. */
export const MOST_DIFFERENCES = 50
/** Blobs that hold the events, and regions over which they reach. */
export const MOST_PARTS = 16
export const MOST_SPANS = 64

const sizeField = z.int().min(0)

/** The fields of an `evidence` beside the common ones. */
export const evidenceFields = {
  request: digestField,
  source: z.enum(EVIDENCE_SOURCES),
  /** Over which time what was read reaches in each region, by AWS’s times: the first and the last record of the role’s account. */
  spans: sortedSet(
    z
      .strictObject({
        region: plainly(z.string().regex(/^[a-z]{2}(-[a-z]+)+-[0-9]$/), '[a-z]{2}(-[a-z]+)+-[0-9]'),
        from: timeField,
        until: timeField,
      })
      .refine(({ from, until }) => from <= until, { message: 'expected a span that does not end before it begins' }),
    ({ region }) => region,
    MOST_SPANS,
  ),
  /** How many events were kept, or lines follow the first; and the SHA-256 of the blobs that hold them, in their order. */
  events: sizeField,
  parts: z.array(digestField).max(MOST_PARTS),
  /** Of each grant whether its issue is in the record, and how many calls its session made. */
  grants: sortedSet(
    z.strictObject({
      grant: digestField,
      issued: z.enum(['seen', 'unseen', 'not-covered']),
      calls: sizeField,
      refused: sizeField,
    }),
    ({ grant }) => grant,
    100,
  ),
  differs: z
    .array(
      z.strictObject({
        code: z.enum(DIFFERENCES),
        at: timeField,
        /** CloudTrail's id of the event; null where one is missing. */
        event: plainly(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), '[A-Za-z0-9-]{1,64}').nullable(),
        /** The grant or issuing that it is about; null if it is about none. */
        of: digestField.nullable(),
      }),
    )
    .max(MOST_DIFFERENCES),
  /** How many more differences there are than are listed. */
  more: sizeField,
}

/** Whether it is a recorded terminal, which compares nothing with AWS's record. */
export function isRecording({ source }: { readonly source: EvidenceSource }): boolean {
  return source === 'terminal'
}

/** Whether it says that AWS's record differs from the case. */
export function isDiffering(said: { readonly differs: readonly unknown[]; readonly more: number }): boolean {
  return said.differs.length > 0 || said.more > 0
}

/** Whether a recording says of AWS's record what it says alone: nothing, of the one grant whose session the shell had. */
export function isPlainRecording(said: {
  readonly source: EvidenceSource
  readonly spans: readonly unknown[]
  readonly grants: readonly { readonly issued: string; readonly calls: number; readonly refused: number }[]
  readonly differs: readonly unknown[]
  readonly more: number
  readonly parts: readonly string[]
}): boolean {
  if (!isRecording(said)) return true
  const [grant, second] = said.grants
  const isEmpty = said.spans.length === 0 && !isDiffering(said)
  const ofOne = grant !== undefined && second === undefined
  return (
    isEmpty &&
    ofOne &&
    said.parts.length > 0 &&
    grant.issued === 'not-covered' &&
    grant.calls === 0 &&
    grant.refused === 0
  )
}
