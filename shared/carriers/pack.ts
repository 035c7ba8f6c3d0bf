import { digest, utf8 } from '../bytes.ts'
import { MAX_NOTE_BYTES } from '../ledger/note.ts'
import { MAX_ENVELOPE_BYTES } from '../statements/sizes.ts'
import { type Cbor, CborError, decodeCbor, encodeCbor } from './cbor.ts'
import { FILE_LIMITS, type FileParts } from './file.ts'
import { PackError } from './pack-error.ts'
import { packStatement, unpackStatement } from './pack-statement.ts'
import { Seen } from './pack-values.ts'

export { PackError, type PackErrorCode } from './pack-error.ts'

/** The format's version, in front of every pack. */
const VERSION = 1

/** Bounds of a pack. What is more goes as a file. */
export const PACK_LIMITS = {
  /** As it travels: some 270 frames of an animated code. */
  bytes: 128 * 1024,
  /** Decompressed. */
  content: 512 * 1024,
} as const

/** What the host lends for compressing: raw DEFLATE (RFC 1951). */
export interface Compression {
  readonly deflate: (bytes: Uint8Array) => Uint8Array
  /**
   * Decompresses one whole stream, with nothing behind its end. `too-large` as soon as more than `most` bytes come out, before
   * room is made for them.
   */
  readonly inflate: (bytes: Uint8Array, most: number) => Uint8Array | 'malformed' | 'too-large'
}

/**
 * Packs what a file carries into as few bytes as a code needs (docs/formats/qr.md §1). {@link unpack} gives back the same
 * statements byte for byte, valid or not.
 *
 * @throws {PackError} `too-large` beyond {@link PACK_LIMITS} and the limits of a file: hand over a file instead.
 */
export function pack({ statements, blobs, notes }: FileParts, { deflate }: Compression): Uint8Array<ArrayBuffer> {
  const seen = new Seen()
  for (const blob of blobs) seen.add(digest(blob))
  const content = encodeCbor([blobs, notes, statements.map((envelope) => packStatement(envelope, seen))])
  const packed = encodeCbor([VERSION, deflate(content)])
  const isSmall = content.length <= PACK_LIMITS.content && packed.length <= PACK_LIMITS.bytes
  if (!isSmall || !fits({ statements, blobs, notes }))
    throw new PackError('too-large', 'this is more than a code can carry; hand it over as a file')
  return packed
}

/**
 * Reads a pack. Nothing in it is verified.
 *
 * @throws {PackError} `malformed`, `unsupported` (a later version) or `too-large`, also for what would grow beyond its bounds.
 *   Nothing of a pack with a fault is given.
 */
export function unpack(packed: Uint8Array, compression: Compression): FileParts {
  if (packed.length > PACK_LIMITS.bytes) throw tooLarge()
  const [blobs, notes, statements] = arrayIn(decode(contentOf(packed, compression)), 3)
  // Before anything is made of them: few bytes can hold very many.
  if (!areFew({ blobs: arrayIn(blobs), notes: arrayIn(notes), statements: arrayIn(statements) })) throw tooLarge()
  const seen = new Seen()
  const parts = {
    blobs: arrayIn(blobs).map(blobIn),
    notes: arrayIn(notes).map(noteIn),
  }
  for (const blob of parts.blobs) seen.add(digest(blob))
  const read = { ...parts, statements: arrayIn(statements).map((one) => unpackStatement(one, seen)) }
  if (!fits(read)) throw tooLarge()
  return read
}

function contentOf(packed: Uint8Array, { inflate }: Compression): Uint8Array {
  const outer = decode(packed)
  const [version] = Array.isArray(outer) ? (outer as readonly Cbor[]) : []
  if (typeof version === 'number' && version > VERSION)
    throw new PackError('unsupported', 'this code is of a later version; update this app')
  const [first, deflated] = arrayIn(outer, 2)
  if (first !== VERSION || !(deflated instanceof Uint8Array)) throw malformed()
  const content = inflate(deflated, PACK_LIMITS.content)
  if (content === 'too-large') throw tooLarge()
  if (content === 'malformed') throw malformed()
  return content
}

function areFew({ statements, blobs, notes }: { readonly [Part in keyof FileParts]: readonly unknown[] }): boolean {
  const { statements: most, blobs: mostBlobs, notes: mostNotes } = FILE_LIMITS
  return statements.length <= most && blobs.length <= mostBlobs && notes.length <= mostNotes
}

function fits(parts: FileParts): boolean {
  const { statements, blobs, notes } = parts
  return (
    areFew(parts) &&
    statements.every(({ length }) => length <= MAX_ENVELOPE_BYTES) &&
    blobs.every(({ length }) => length > 0 && length <= FILE_LIMITS.blobBytes) &&
    notes.every((note) => note.length > 0 && utf8(note).length <= MAX_NOTE_BYTES)
  )
}

function decode(bytes: Uint8Array): Cbor {
  try {
    return decodeCbor(bytes)
  } catch (cause) {
    if (cause instanceof CborError) throw malformed(cause)
    throw cause
  }
}

function arrayIn(item: Cbor | undefined, length?: number): readonly Cbor[] {
  if (!Array.isArray(item) || (length !== undefined && item.length !== length)) throw malformed()
  return item as readonly Cbor[]
}

function blobIn(item: Cbor): Uint8Array {
  if (!(item instanceof Uint8Array)) throw malformed()
  return item
}

function noteIn(item: Cbor): string {
  if (typeof item !== 'string') throw malformed()
  return item
}

function malformed(cause?: unknown): PackError {
  return new PackError('malformed', 'this is not what Lockbox packs into codes, or it is damaged', { cause })
}

function tooLarge(): PackError {
  return new PackError('too-large', 'this is more than a code can carry; ask for a file instead')
}
