import { sha256 } from '@noble/hashes/sha2.js'
import { concat, toBase64Url, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { JcsError, type Json, jcs, parseJcs } from '../jcs.ts'
import { digestField, timeField } from '../statements/fields.ts'
import * as z from '../zod.ts'
import { MAX_NOTE_BYTES } from './note.ts'

/** The format's name and version, in the first line of every bundle. */
export const BUNDLE_FORMAT = 'lockbox-bundle/1'

/** Bounds of a bundle. Lines are counted without their newline. */
export const BUNDLE_LIMITS = {
  lineBytes: 128 * 1024,
  entries: 1_000_000,
  checkpoints: 1000,
  evidence: 1000,
} as const

export type BundleErrorCode = 'truncated' | 'malformed' | 'too-large' | 'unsupported'

/** The file cannot be read as a bundle; says nothing about the ledger in it. */
export class BundleError extends LockboxError<BundleErrorCode> {
  /** The line at fault, counted from 1, or null when it is the whole file. */
  readonly line: number | null

  constructor(code: BundleErrorCode, line: number | null, message: string, options?: { cause?: unknown }) {
    super(code, line === null ? message : `line ${line}: ${message}`, options)
    this.line = line
  }
}

/** A note as text in JSON. */
const noteField = z.string().min(1).max(MAX_NOTE_BYTES)
/** Schema of the first line. */
export const headerSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  organization: digestField,
  /** The exporting device. */
  device: digestField,
  /** The exporter's pin: the roster it last acted on. */
  pin: digestField,
  /** The exporter's clock. */
  exportedAt: timeField,
  /** How many entries follow: all of the exporter's ledger. */
  entries: z.int().min(0).max(BUNDLE_LIMITS.entries),
})
const evidenceSchema = z.discriminatedUnion('about', [
  /** Two signed heads of one ledger and size with different roots. */
  z.strictObject({ about: z.literal('fork'), checkpoints: z.tuple([noteField, noteField]) }),
  /** Two entries by one device that cannot both be its next statement. */
  z.strictObject({ about: z.literal('equivocation'), entries: z.tuple([z.int().min(0), z.int().min(0)]) }),
  /** A statement in the exporter's waiting room: not accepted, so in no ledger. */
  z.strictObject({ about: z.literal('waiting'), envelope: z.record(z.string(), z.unknown()) }),
])
/** Schema of a checkpoint's line. */
export const checkpointLine = z.strictObject({ checkpoint: noteField })
/** Schema of an evidence line. */
export const evidenceLine = z.strictObject({ evidence: evidenceSchema })
/** Schema of the last line. */
export const trailerLine = z.strictObject({ trailer: z.strictObject({ lines: z.int().min(1), sha256: digestField }) })

export type BundleHeader = Readonly<z.infer<typeof headerSchema>>

/** Something an auditor should see that is not in the ledger itself. Claims, until `checkLedger` or the door looked at them. */
export type Evidence =
  | { readonly about: 'fork'; readonly checkpoints: readonly [string, string] }
  | { readonly about: 'equivocation'; readonly entries: readonly [number, number] }
  /** `envelope` is the statement's envelope in JCS, as it came. */
  | { readonly about: 'waiting'; readonly envelope: Uint8Array }

/** What goes into a bundle. */
export interface BundleParts {
  readonly header: Omit<BundleHeader, 'format'>
  /** Envelopes exactly as first accepted (JCS), in ledger order; as many as `header.entries`. */
  readonly entries: Iterable<Uint8Array>
  /** Notes: the exporter's own checkpoints with cosignatures, then the latest of other devices. */
  readonly checkpoints: Iterable<string>
  readonly evidence: Iterable<Evidence>
}

/** A bundle as read. Nothing in it is verified; see `checkLedger` and, for each entry, the door. */
export interface Bundle {
  readonly header: BundleHeader
  /** Each entry's bytes: views into the file, not copies. */
  readonly entries: readonly Uint8Array[]
  readonly checkpoints: readonly string[]
  readonly evidence: readonly Evidence[]
  /** Whether count and SHA-256 in the trailer fit what precedes it. They guard against accidents, not against people. */
  readonly intact: boolean
}

/** Ends every line. JCS never contains it: inside a JSON text it is written `\n`. */
export const NEWLINE = 0x0a
/** An entry's line is `{"entry":` + envelope + `}`: its bytes are what was hashed into the ledger, so nothing re-encodes them. */
export const ENTRY_START = utf8('{"entry":')
const ENTRY_END = utf8('}')

/**
 * Writes a bundle line by line, so that it can be streamed to a file.
 *
 * @throws {BundleError} `too-large` for a line, an entry count or a number of lines beyond {@link BUNDLE_LIMITS};
 *   `malformed` for a header, note or envelope that does not fit its form.
 * @throws {TypeError} if there are not `header.entries` entries.
 */
export function* writeBundle(parts: BundleParts): Iterable<Uint8Array> {
  const hash = sha256.create()
  let lines = 0
  const line = (content: Uint8Array): Uint8Array => {
    lines++
    if (content.length > BUNDLE_LIMITS.lineBytes) throw lineTooLong(lines)
    const bytes = concat(content, Uint8Array.of(NEWLINE))
    hash.update(bytes)
    return bytes
  }
  yield line(jcs(fits(headerSchema, { format: BUNDLE_FORMAT, ...parts.header }, 1)))
  for (const entry of parts.entries) {
    if (!isBraced(entry) || entry.includes(NEWLINE))
      throw new BundleError('malformed', lines + 1, 'expected JCS of an envelope')
    yield line(concat(ENTRY_START, entry, ENTRY_END))
  }
  if (lines !== 1 + parts.header.entries)
    throw new TypeError(`the header says ${parts.header.entries} entries, not ${lines - 1}`)
  for (const [at, checkpoint] of counted(parts.checkpoints)) {
    checkCount('checkpoints', at + 1, lines + 1)
    yield line(jcs(fits(checkpointLine, { checkpoint }, lines + 1)))
  }
  for (const [at, evidence] of counted(parts.evidence)) {
    checkCount('evidence', at + 1, lines + 1)
    yield line(jcs(fits(evidenceLine, { evidence: evidenceJson(evidence, lines + 1) }, lines + 1)))
  }
  yield concat(jcs({ trailer: { lines, sha256: toBase64Url(hash.digest()) } }), Uint8Array.of(NEWLINE))
}

/** Whether bytes start and end as a JSON object does. */
export function isBraced(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x7b && bytes.at(-1) === 0x7d
}

/**
 * A value that fits its schema.
 *
 * @throws {BundleError} `malformed`, with the line.
 */
export function fits<Schema extends z.ZodType>(schema: Schema, value: unknown, line: number): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  throw new BundleError('malformed', line, `${where || 'the line'} does not fit the format`, { cause: parsed.error })
}

/**
 * Refuses more lines of one sort than a bundle may have.
 *
 * @throws {BundleError} `too-large`.
 */
export function checkCount(what: 'entries' | 'checkpoints' | 'evidence', count: number, line: number): void {
  const limit = BUNDLE_LIMITS[what]
  if (count > limit) throw new BundleError('too-large', line, `more than ${limit} ${what}`)
}

/** The refusal of a line beyond its bound. */
export function lineTooLong(line: number): BundleError {
  return new BundleError('too-large', line, `longer than ${BUNDLE_LIMITS.lineBytes} bytes`)
}

function evidenceJson(evidence: Evidence, line: number): Json {
  if (evidence.about !== 'waiting') return { ...evidence }
  try {
    return { about: 'waiting', envelope: parseJcs(evidence.envelope) }
  } catch (cause) {
    if (cause instanceof JcsError) throw new BundleError('malformed', line, 'expected JCS of an envelope', { cause })
    throw cause
  }
}

function* counted<Item>(items: Iterable<Item>): Iterable<[number, Item]> {
  let at = 0
  for (const item of items) yield [at++, item]
}
