import { concat, type Digest, toBase64Url, type UnixMilliseconds, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { JcsError, type Json, jcs, parseJcs } from '../jcs.ts'
import { digestField, timeField } from '../statements/fields.ts'
import * as z from '../zod.ts'
import { MAX_NOTE_BYTES } from './note.ts'
import { scopeField } from './scope.ts'

/** The format's name and version, in the first line of every bundle. */
export const BUNDLE_FORMAT = 'lockbox-bundle/3'

/** Bounds of a bundle. Lines are counted without their newline. */
export const BUNDLE_LIMITS = {
  lineBytes: 128 * 1024,
  /** All lines together, as they are once decompressed. */
  bytes: 4 * 1024 ** 3,
  entries: 1_000_000,
  checkpoints: 1000,
  evidence: 1000,
  /** Entries of the sections that a verifier has to keep. */
  rosters: 1000,
  organization: 50_000,
  requests: 100_000,
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
  scope: scopeField,
  /** How many entries the file has. */
  entries: z.int().min(0).max(BUNDLE_LIMITS.entries),
  /** How many the ledger has in which they stand: as many, if the scope is all. */
  size: z.int().min(0),
})
const evidenceSchema = z.discriminatedUnion('about', [
  /** Two signed heads of one ledger and size with different roots. */
  z.strictObject({ about: z.literal('fork'), checkpoints: z.tuple([noteField, noteField]) }),
  /** Two signed heads of one ledger, the smaller first, and a consistency proof from another root of the smaller size. */
  z.strictObject({
    about: z.literal('growth-fork'),
    checkpoints: z.tuple([noteField, noteField]),
    /** The root over as many entries as the smaller head has, in the ledger of the larger one. */
    root: digestField,
    proof: z.array(digestField).max(64),
  }),
  /** A head that the exporter was shown and did not cosign, after the one that it knew. */
  z.strictObject({
    about: z.literal('refused'),
    at: timeField,
    checkpoints: z.tuple([noteField, noteField]),
    code: z.enum(['shrunk', 'bad-proof']),
  }),
  /** Two entries by one device that cannot both be its next statement. */
  z.strictObject({ about: z.literal('equivocation'), entries: z.tuple([z.int().min(0), z.int().min(0)]) }),
  /** A statement in the exporter's waiting room: not accepted, so in no ledger. */
  z.strictObject({ about: z.literal('waiting'), envelope: z.record(z.string(), z.unknown()) }),
])
/** Schema of a checkpoint's line. */
export const checkpointLine = z.strictObject({ checkpoint: noteField })
/** Schema of the lines that begin a section. */
export const sectionLine = z.union([
  z.strictObject({ section: z.enum(['rosters', 'organization', 'requests', 'others']) }),
  z.strictObject({ case: digestField }),
])
/** Schema of an evidence line. */
export const evidenceLine = z.strictObject({ evidence: evidenceSchema })
/** Schema of the last line. */
export const trailerLine = z.strictObject({ trailer: z.strictObject({ lines: z.int().min(1) }) })

/** A part of a bundle: what a verifier has to know before the rest, then case after case. */
export type SectionName = z.infer<typeof sectionLine>
export type BundleHeader = Readonly<z.infer<typeof headerSchema>>

/** Something an auditor should see that is not in the ledger itself. Claims, until `checkLedger` or the door looked at them. */
export type Evidence =
  | { readonly about: 'fork'; readonly checkpoints: readonly [string, string] }
  | {
      readonly about: 'growth-fork'
      readonly checkpoints: readonly [string, string]
      readonly root: Digest
      readonly proof: readonly Digest[]
    }
  | {
      readonly about: 'refused'
      readonly at: UnixMilliseconds
      readonly checkpoints: readonly [string, string]
      readonly code: 'shrunk' | 'bad-proof'
    }
  | { readonly about: 'equivocation'; readonly entries: readonly [number, number] }
  /** `envelope` is the statement's envelope in JCS, as it came. */
  | { readonly about: 'waiting'; readonly envelope: Uint8Array }

/** A statement and where it stands in the exporter's ledger. */
export interface BundleEntry {
  readonly at: number
  /** The envelope exactly as first accepted (JCS). */
  readonly envelope: Uint8Array
  /** In a part of a ledger: the audit path to the head of `header.size` entries (RFC 6962 §2.1.1). */
  readonly proof?: readonly Uint8Array[] | undefined
}

/** A section with its entries, by their place. */
export interface Section {
  readonly name: SectionName
  readonly entries: Iterable<BundleEntry>
}

/** What goes into a bundle. */
export interface BundleParts {
  readonly header: Omit<BundleHeader, 'format'>
  /** Notes: the exporter's own checkpoints with cosignatures, then the latest of other devices. */
  readonly checkpoints: Iterable<string>
  /** See `sectionsOf`. */
  readonly sections: Iterable<Section>
  readonly evidence: Iterable<Evidence>
}

/** Ends every line. JCS never contains it: inside a JSON text it is written `\n`. */
export const NEWLINE = 0x0a
/** How an entry's line begins: `{"at":`, its place, `,"entry":`, its envelope, perhaps a proof, `}`. */
export const ENTRY_START = utf8('{"at":')
export const ENTRY_MIDDLE = utf8(',"entry":')
export const PROOF_START = utf8(',"proof":')
const LINE_END = utf8('}\n')
const NEWLINE_BYTES = utf8('\n')

/**
 * Writes a bundle line by line, not yet compressed, so that it can be streamed to a file.
 *
 * @throws {BundleError} `too-large` for a line, an entry count or a number of lines beyond {@link BUNDLE_LIMITS};
 *   `malformed` for a header, note or envelope that does not fit its form.
 * @throws {TypeError} if there are not `header.entries` entries.
 */
export function* writeBundle(parts: BundleParts): Iterable<Uint8Array> {
  let lines = 0
  let entries = 0
  const line = (...pieces: Uint8Array[]): Uint8Array => {
    lines++
    const bytes = concat(...pieces)
    if (bytes.length - 1 > BUNDLE_LIMITS.lineBytes) throw lineTooLong(lines)
    return bytes
  }
  yield line(jcs(fits(headerSchema, { format: BUNDLE_FORMAT, ...parts.header }, 1)), NEWLINE_BYTES)
  for (const [at, checkpoint] of counted(parts.checkpoints)) {
    checkCount('checkpoints', at + 1, lines + 1)
    yield line(jcs(fits(checkpointLine, { checkpoint }, lines + 1)), NEWLINE_BYTES)
  }
  for (const { name, entries: own } of parts.sections) {
    yield line(jcs(fits(sectionLine, name, lines + 1)), NEWLINE_BYTES)
    for (const entry of own) {
      yield line(...entryPieces(entry, lines + 1))
      entries++
    }
  }
  if (entries !== parts.header.entries)
    throw new TypeError(`the header says ${parts.header.entries} entries, not ${entries}`)
  for (const [at, evidence] of counted(parts.evidence)) {
    checkCount('evidence', at + 1, lines + 1)
    yield line(jcs(fits(evidenceLine, { evidence: evidenceJson(evidence, lines + 1) }, lines + 1)), NEWLINE_BYTES)
  }
  yield concat(jcs({ trailer: { lines } }), NEWLINE_BYTES)
}

/** The envelope's bytes are what was hashed into the ledger, so nothing re-encodes them. */
function entryPieces({ at, envelope, proof }: BundleEntry, line: number): Uint8Array[] {
  if (!isBraced(envelope) || envelope.includes(NEWLINE))
    throw new BundleError('malformed', line, 'expected JCS of an envelope')
  const proven = proof === undefined ? [] : [PROOF_START, jcs(proof.map(toBase64Url))]
  return [ENTRY_START, utf8(String(at)), ENTRY_MIDDLE, envelope, ...proven, LINE_END]
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
export function checkCount(
  what: Exclude<keyof typeof BUNDLE_LIMITS, 'lineBytes' | 'bytes'>,
  count: number,
  line: number,
): void {
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
