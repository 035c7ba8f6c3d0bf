import { concat, digest, fromUtf8, joined, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { jcs, parseJcs } from '../jcs.ts'
import { timeField } from '../statements/fields.ts'
import * as z from '../zod.ts'

export type EvidenceErrorCode =
  | 'no-trail-file'
  | 'bad-record'
  | 'record-too-large'
  | 'other-account'
  | 'contradicting-records'
  | 'record-altered'

/** Why something cannot be read as a record of AWS's. Says nothing of what is in it beyond its place. */
export class EvidenceError extends LockboxError<EvidenceErrorCode> {}

/** Longest text that is kept of any field. */
export const MOST_TEXT = 512
const text = z
  .string()
  .min(1)
  .max(MOST_TEXT)
  .regex(/^[ -~]+$/)

/** One event of CloudTrail, as far as a case needs it (docs/formats/evidence.md §2). Null: the record says nothing of it. */
export const trailEvent = z.strictObject({
  /** What a call of IAM was about; null for every other call. Evidence from before it was kept lacks it. */
  about: z
    .strictObject({
      /** Public id of a key. */
      key: text.nullable(),
      /** Name of an inline policy. */
      policy: text.nullable(),
      /** Name of a role. */
      role: text.nullable(),
    })
    .nullable()
    .optional(),
  /** What AssumeRole asked for; null for every other call. */
  asked: z
    .strictObject({
      roleArn: text.nullable(),
      seconds: z.int().min(0).nullable(),
      session: text.nullable(),
      sourceIdentity: text.nullable(),
    })
    .nullable(),
  at: timeField,
  /** Why AWS refused it; null if AWS carried it out. */
  error: text.nullable(),
  /** The address it came from. */
  from: text.nullable(),
  /** CloudTrail's id. */
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  /** Public id of the key that AWS made for it. */
  issued: text.nullable(),
  /** Public id of the key that signed it. */
  key: text.nullable(),
  name: text,
  /** Who made it, as AWS names them. */
  principal: text.nullable(),
  region: text,
  /** The role whose session made it. */
  role: text.nullable(),
  service: text,
  /** Name of the session that made it. */
  session: text.nullable(),
  sourceIdentity: text.nullable(),
  /** The service that made it in the session's name, or `console`. */
  via: text.nullable(),
})
export type TrailEvent = Readonly<z.infer<typeof trailEvent>>

/** The order in which events are kept: by time, then id. */
export function byTime(a: TrailEvent, b: TrailEvent): number {
  return a.at - b.at || (a.id < b.id ? -1 : Number(a.id !== b.id))
}

/** Largest part, bytes: what every carrier carries. */
export const MAX_PART_BYTES = 256 * 1024
const NEWLINE = 0x0a

/**
 * Events as they are kept and handed on: JCS, one a line, in parts of whole lines.
 *
 * @throws {EvidenceError} `record-too-large` if they need more than `most` parts.
 */
export function partsOf(events: readonly TrailEvent[], most: number): Uint8Array[] {
  const parts = partsOfLines(events.toSorted(byTime).map((event) => concat(jcs(event), Uint8Array.of(NEWLINE))))
  if (parts.length > most)
    throw new EvidenceError(
      'record-too-large',
      `${events.length} events belong to this case, which is more than one evidence holds; attach files of a shorter time, several times`,
    )
  return parts
}

/** Lines, each with its newline, in parts of whole lines, each as long as it can be. No line is longer than a part. */
export function partsOfLines(all: readonly Uint8Array[]): Uint8Array[] {
  const parts: Uint8Array[] = []
  let lines: Uint8Array[] = []
  let length = 0
  const close = () => {
    if (lines.length > 0) parts.push(joined(lines))
    lines = []
    length = 0
  }
  for (const line of all) {
    if (length + line.length > MAX_PART_BYTES) close()
    lines.push(line)
    length += line.length
  }
  close()
  return parts
}

/**
 * Reads parts back.
 *
 * @param digests - of the parts, as a statement names them.
 * @throws {EvidenceError} `record-altered` if a part is not the one named, `bad-record` if it holds anything but events in their order.
 */
export function eventsIn(parts: readonly Uint8Array[], digests: readonly string[]): TrailEvent[] {
  if (parts.length !== digests.length || parts.some((part, at) => digest(part) !== digests[at]))
    throw new EvidenceError('record-altered', 'these are not the events that the statement names')
  const events = parts.flatMap((part) => fromUtf8(part).split('\n').slice(0, -1).map(eventIn))
  if (events.some((event, at) => at > 0 && byTime(events[at - 1] as TrailEvent, event) >= 0))
    throw new EvidenceError('bad-record', 'events are not in the order of their times, or one is there twice')
  return events
}

function eventIn(line: string): TrailEvent {
  try {
    return trailEvent.parse(parseJcs(utf8(line)))
  } catch (cause) {
    throw new EvidenceError('bad-record', 'a line is not an event', { cause })
  }
}
