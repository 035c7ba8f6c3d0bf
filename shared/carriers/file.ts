import { equalBytes, fromBase64Url, fromUtf8, joined, toBase64Url, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { JcsError, type Json, jcs, parseJcs } from '../jcs.ts'
import { MAX_NOTE_BYTES } from '../ledger/note.ts'
import { bytesField } from '../statements/fields.ts'
import { MAX_ENVELOPE_BYTES } from '../statements/sizes.ts'
import * as z from '../zod.ts'

/** The format's name and version, in the first object of every file. */
const FILE_FORMAT = 'lockbox-file/1'

/** What stands first in every file, for a person who opens it in an editor. ASCII, which no program spoils. */
export const FILE_ABOUT =
  'This is a file from Lockbox: signed statements of an organization, for devices without a common network. ' +
  'To take it in, open Lockbox, unlock it, and double-click this file; or choose Log, then Take in statements from a file; ' +
  'or, where it is a draft and you belong to no organization yet, People, then Open a draft. It may also be sent as a text: ' +
  'copy all of it, and paste it under Log, Scan codes. Whoever has this file can read who asked, who decided, and why; what is ' +
  'sealed in it opens on one device only. Do not change it: what was changed is refused.'

/** Bounds of a file. */
export const FILE_LIMITS = {
  /** White space included. */
  bytes: 32 * 1024 * 1024,
  statements: 20_000,
  blobs: 1000,
  notes: 1000,
  /** One blob, as on the LAN. */
  blobBytes: 256 * 1024,
  /** What it says of itself, letters. */
  about: 4096,
} as const

export type FileErrorCode = 'not-a-file' | 'malformed' | 'truncated' | 'too-large' | 'unsupported'

/** Why bytes or a pasted text cannot be read as a file of ours. Says nothing about the statements in it. */
export class FileError extends LockboxError<FileErrorCode> {}

/** What a file or a pasted text carries. Nothing in it is verified. */
export interface FileParts {
  /** Envelopes (JCS), byte for byte as they were written. */
  readonly statements: readonly Uint8Array[]
  readonly blobs: readonly Uint8Array[]
  /** Signed notes: checkpoints with their cosignatures. */
  readonly notes: readonly string[]
}

const count = (most: number) => z.int().min(0).max(most)
const headerField = z.strictObject({
  about: z.string().max(FILE_LIMITS.about).exactOptional(),
  blobs: count(FILE_LIMITS.blobs),
  format: z.literal(FILE_FORMAT),
  notes: count(FILE_LIMITS.notes),
  statements: count(FILE_LIMITS.statements),
})
const otherField = z.union([
  z.strictObject({ blob: bytesField(1, FILE_LIMITS.blobBytes) }),
  z.strictObject({ note: bytesField(1, MAX_NOTE_BYTES) }),
])

const FORMAT = /^lockbox-file\/(\d{1,9})$/
const STATEMENT_START = utf8('{"payload":')
const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, 0x7b, 0x7d]
const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf)

/**
 * Writes statements, blobs and notes as one text, an object a line (docs/formats/file.md). It survives what mail and
 * chat programs do to white space.
 *
 * @throws {FileError} `too-large` beyond {@link FILE_LIMITS}.
 * @throws {TypeError} for an envelope that is not JCS of an object without white space: no statement is.
 */
export function writeFile({ statements, blobs, notes }: FileParts): Uint8Array<ArrayBuffer> {
  const counts = { blobs: blobs.length, notes: notes.length, statements: statements.length }
  const header = { about: FILE_ABOUT, format: FILE_FORMAT, ...counts }
  const lines = [
    jcs(header),
    ...statements.map(checkedEnvelope),
    ...blobs.map((blob) => jcs({ blob: toBase64Url(blob) })),
    ...notes.map((note) => jcs({ note: toBase64Url(utf8(note)) })),
  ]
  const fits =
    headerField.safeParse(header).success &&
    blobs.every(({ length }) => length > 0 && length <= FILE_LIMITS.blobBytes) &&
    notes.every((note) => note.length > 0 && utf8(note).length <= MAX_NOTE_BYTES)
  const bytes = fits ? joined(lines.flatMap((line) => [line, Uint8Array.of(0x0a)])) : null
  if (bytes === null || bytes.length > FILE_LIMITS.bytes)
    throw new FileError('too-large', 'this is more than one file can carry; choose fewer cases')
  return bytes
}

/**
 * Reads a file or a pasted text. White space anywhere, line breaks inside a line included, changes nothing.
 *
 * @throws {FileError} `not-a-file`, `unsupported` (a later version), `too-large`, `truncated` or `malformed`. Nothing of
 *   a file with a fault is given: what is missing could be what matters.
 */
export function readFile(input: Uint8Array | string): FileParts {
  if (input.length > FILE_LIMITS.bytes) throw new FileError('too-large', 'expected a file of at most 32 MiB')
  const bytes = withoutWhiteSpace(typeof input === 'string' ? utf8(input) : input)
  const objects = objectsIn(bytes)
  const header = headerOf(objects.next().value)
  const parts = { statements: [] as Uint8Array[], blobs: [] as Uint8Array[], notes: [] as string[] }
  for (const object of objects) addTo(parts, object)
  for (const kind of ['statements', 'blobs', 'notes'] as const) {
    if (parts[kind].length < header[kind]) throw truncated()
    if (parts[kind].length > header[kind])
      throw new FileError('malformed', `expected ${header[kind]} ${kind} as the first line says, found more`)
  }
  return parts
}

function checkedEnvelope(envelope: Uint8Array): Uint8Array {
  const isOne = startsWith(envelope, STATEMENT_START) && !envelope.some((byte) => WHITE_SPACE.has(byte))
  if (!isOne || envelope.length > MAX_ENVELOPE_BYTES || [...objectsIn(envelope)].length !== 1)
    throw new TypeError('expected the envelope of a statement')
  return envelope
}

// Nothing that is read in a file has white space of its own: envelopes are base64url but for the payload's type, and what the
// file says of itself is for people.
function withoutWhiteSpace(bytes: Uint8Array): Uint8Array {
  const start = startsWith(bytes, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
  return bytes.subarray(start).filter((byte) => !WHITE_SPACE.has(byte))
}

/** The top-level objects, back to back. Only braces and strings are looked at; each object is parsed by itself. */
function* objectsIn(bytes: Uint8Array): Generator<Uint8Array, undefined> {
  let start = 0
  let depth = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (depth === 0 && byte !== OPEN) throw at === 0 ? notAFile() : new FileError('malformed', 'expected an object')
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN) depth++
    else if (byte === CLOSE && --depth === 0) {
      yield bytes.slice(start, at + 1)
      start = at + 1
    }
  }
  if (depth > 0) throw start === 0 ? notAFile() : truncated()
}

function headerOf(object: Uint8Array | undefined): z.infer<typeof headerField> {
  const value = object === undefined ? null : jsonOf(object)
  const format = typeof value === 'object' && value !== null && 'format' in value ? value['format'] : null
  if (typeof format !== 'string' || !FORMAT.test(format)) throw notAFile()
  if (format !== FILE_FORMAT) throw new FileError('unsupported', 'this file is of a later version; update this app')
  const header = headerField.safeParse(value)
  if (!header.success) throw new FileError('malformed', 'the first line of this file is not as expected')
  return header.data
}

function addTo(parts: { statements: Uint8Array[]; blobs: Uint8Array[]; notes: string[] }, object: Uint8Array): void {
  if (startsWith(object, STATEMENT_START)) {
    if (object.length > MAX_ENVELOPE_BYTES) throw new FileError('too-large', 'expected envelopes of at most 96 KiB')
    return void parts.statements.push(object)
  }
  const other = otherField.safeParse(jsonOf(object))
  if (!other.success) throw new FileError('malformed', 'expected statements, blobs and notes only')
  if ('blob' in other.data) parts.blobs.push(fromBase64Url(other.data.blob))
  else parts.notes.push(noteText(other.data.note))
}

function noteText(note: string): string {
  try {
    return fromUtf8(fromBase64Url(note))
  } catch (cause) {
    throw new FileError('malformed', 'expected a note in UTF-8', { cause })
  }
}

/** The flat canonical object that these bytes are; null for anything else. */
function jsonOf(object: Uint8Array): Json {
  try {
    return parseJcs(object, 1)
  } catch (error) {
    if (error instanceof JcsError) return null
    throw error
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, start.length), start)
}

function truncated(): FileError {
  return new FileError('truncated', 'the end of this file is missing; ask for it again')
}

function notAFile(): FileError {
  return new FileError('not-a-file', 'this is not a file from Lockbox, or its beginning is missing')
}
