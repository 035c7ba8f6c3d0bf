import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes, toBase64Url } from '../bytes.ts'
import { JcsError, type Json, jcs, parseJcs } from '../jcs.ts'
import type * as z from '../zod.ts'
import {
  BUNDLE_FORMAT,
  BUNDLE_LIMITS,
  type Bundle,
  BundleError,
  type BundleHeader,
  checkCount,
  checkpointLine,
  ENTRY_START,
  type Evidence,
  evidenceLine,
  fits,
  headerSchema,
  isBraced,
  lineTooLong,
  NEWLINE,
  trailerLine,
} from './bundle.ts'

/**
 * Reads a bundle. Checks its form alone: lines, their order, their schemas, their bounds. Entries are not parsed, and
 * nothing is verified.
 *
 * @throws {BundleError} `truncated` if it does not end with a whole trailer line, `unsupported` for another version of
 *   the format, `too-large`, or `malformed`.
 */
export function readBundle(bytes: Uint8Array): Bundle {
  const lines = new LineReader(bytes)
  const header = readHeader(lines)
  const entries: Uint8Array[] = []
  for (let entry = readEntry(lines); entry; entry = readEntry(lines)) {
    entries.push(entry)
    checkCount('entries', entries.length, lines.line)
  }
  const checkpoints: string[] = []
  const evidence: Evidence[] = []
  for (;;) {
    const start = lines.position
    const value = parseLine(lines)
    if ('checkpoint' in value && evidence.length === 0) {
      checkpoints.push(fits(checkpointLine, value, lines.line).checkpoint)
      checkCount('checkpoints', checkpoints.length, lines.line)
    } else if ('evidence' in value) {
      evidence.push(toEvidence(fits(evidenceLine, value, lines.line).evidence))
      checkCount('evidence', evidence.length, lines.line)
    } else {
      const { trailer } = fits(trailerLine, value, lines.line)
      if (!lines.atEnd) throw new BundleError('malformed', lines.line, 'expected nothing after the trailer')
      const digest = toBase64Url(sha256(bytes.subarray(0, start)))
      const intact = trailer.lines === lines.line - 1 && trailer.sha256 === digest
      return { header, entries, checkpoints, evidence, intact }
    }
  }
}

/** Lines of a file, each bounded before anything looks at it. */
class LineReader {
  readonly #bytes: Uint8Array
  /** Where the next line starts. */
  position = 0
  /** The number of the line last given, from 1. */
  line = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.position === this.#bytes.length
  }

  /** Whether the next line starts with these bytes. */
  startsWith(prefix: Uint8Array): boolean {
    return equalBytes(this.#bytes.subarray(this.position, this.position + prefix.length), prefix)
  }

  next(): Uint8Array {
    const end = this.#bytes.indexOf(NEWLINE, this.position)
    const length = (end < 0 ? this.#bytes.length : end) - this.position
    if (length > BUNDLE_LIMITS.lineBytes) throw lineTooLong(this.line + 1)
    if (end < 0) throw new BundleError('truncated', null, 'the file ends before its trailer; get it again')
    const line = this.#bytes.subarray(this.position, end)
    this.position = end + 1
    this.line++
    return line
  }
}

function readHeader(lines: LineReader): BundleHeader {
  const value = parseLine(lines)
  const format = value['format']
  if (typeof format !== 'string' || !format.startsWith('lockbox-bundle/'))
    throw new BundleError('malformed', 1, 'expected the header of a Lockbox bundle')
  if (format !== BUNDLE_FORMAT)
    throw new BundleError('unsupported', 1, `this version reads ${BUNDLE_FORMAT}; a newer one may read the file`)
  return fits(headerSchema, value, 1)
}

/** The next entry, or null if the next line is none. */
function readEntry(lines: LineReader): Uint8Array | null {
  if (!lines.startsWith(ENTRY_START)) return null
  const line = lines.next()
  const entry = line.subarray(ENTRY_START.length, -1)
  if (line.at(-1) !== 0x7d || !isBraced(entry)) throw new BundleError('malformed', lines.line, 'expected an entry')
  return entry
}

function parseLine(lines: LineReader): { readonly [key: string]: Json } {
  const line = lines.next()
  let value: Json
  try {
    value = parseJcs(line)
  } catch (cause) {
    if (cause instanceof JcsError)
      throw new BundleError('malformed', lines.line, 'expected canonical JSON (RFC 8785)', { cause })
    throw cause
  }
  if (!isObject(value)) throw new BundleError('malformed', lines.line, 'expected an object')
  return value
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toEvidence(evidence: z.output<typeof evidenceLine>['evidence']): Evidence {
  return evidence.about === 'waiting' ? { about: 'waiting', envelope: jcs(evidence.envelope) } : evidence
}
