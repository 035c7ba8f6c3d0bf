import { concat, type Digest, fromBase64Url, standsAt } from '../bytes.ts'
import { JcsError, type Json, jcs, parseJcs } from '../jcs.ts'
import type * as z from '../zod.ts'
import {
  BUNDLE_FORMAT,
  BUNDLE_LIMITS,
  type BundleEntry,
  BundleError,
  type BundleHeader,
  checkCount,
  checkpointLine,
  ENTRY_MIDDLE,
  ENTRY_START,
  type Evidence,
  evidenceLine,
  fits,
  headerSchema,
  isBraced,
  lineTooLong,
  NEWLINE,
  PROOF_START,
  type SectionName,
  sectionLine,
  trailerLine,
} from './bundle.ts'
import { HASH_BYTES } from './merkle.ts'

/** What stands in a bundle, in the order of the file. Nothing in it is verified; entries are not parsed. */
export type BundleItem =
  | { readonly what: 'header'; readonly header: BundleHeader }
  | { readonly what: 'checkpoint'; readonly note: string }
  | { readonly what: 'section'; readonly name: SectionName }
  | ({ readonly what: 'entry' } & BundleEntry)
  | { readonly what: 'evidence'; readonly evidence: Evidence }
  /** `intact`: whether the trailer counts the lines that precede it. */
  | { readonly what: 'end'; readonly intact: boolean; readonly entries: number }

/**
 * Reads a bundle, decompressed, as it comes. Checks its form alone: lines, their order, their schemas, their bounds. Keeps no
 * more than one line; an entry's envelope is a view into what came.
 *
 * @throws {BundleError} `truncated` if it does not end with a whole trailer line, `unsupported` for another version of
 *   the format, `too-large`, or `malformed`.
 */
export async function* readBundle(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly BundleItem[]> {
  const lines = new LineReader()
  for await (const chunk of chunks) {
    const items = lines.push(chunk)
    if (items.length > 0) yield items
  }
  yield [lines.end()]
}

/** Where a reader stands: what may come next follows from it. */
const STAGES = ['header', 'checkpoints', 'rosters', 'organization', 'requests', 'case', 'others', 'evidence'] as const
type Stage = (typeof STAGES)[number]

class LineReader {
  /** The bytes of a line that has not ended yet. */
  #open: Uint8Array[] = []
  #openBytes = 0
  #bytes = 0
  #lines = 0
  #stage: Stage = 'header'
  #case: Digest | null = null
  /** Place of the last entry of this section. */
  #last = -1
  #inSection = 0
  #entries = 0
  #checkpoints = 0
  #evidence = 0
  #isPart = false
  #trailer: { readonly intact: boolean } | null = null

  push(chunk: Uint8Array): BundleItem[] {
    this.#bytes += chunk.length
    if (this.#bytes > BUNDLE_LIMITS.bytes) throw new BundleError('too-large', null, 'more than 4 GiB once decompressed')
    const items: BundleItem[] = []
    let from = 0
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from)
      const length = this.#openBytes + (end < 0 ? chunk.length : end) - from
      if (length > BUNDLE_LIMITS.lineBytes) throw lineTooLong(this.#lines + 1)
      const piece = chunk.subarray(from, end < 0 ? chunk.length : end)
      if (end < 0) {
        if (piece.length > 0) this.#open.push(piece)
        this.#openBytes = length
        return items
      }
      const line = this.#open.length === 0 ? piece : concat(...this.#open, piece)
      this.#open = []
      this.#openBytes = 0
      from = end + 1
      this.#lines++
      const item = this.#take(line)
      if (item !== null) items.push(item)
    }
  }

  end(): BundleItem {
    if (this.#trailer === null || this.#openBytes > 0) {
      if (this.#trailer !== null) throw this.#malformed('expected nothing after the trailer')
      throw new BundleError('truncated', null, 'the file ends before its trailer; get it again')
    }
    return { what: 'end', intact: this.#trailer.intact, entries: this.#entries }
  }

  #take(line: Uint8Array): BundleItem | null {
    if (this.#trailer !== null) throw this.#malformed('expected nothing after the trailer')
    if (this.#stage === 'header') return this.#takeHeader(line)
    if (standsAt(line, 0, ENTRY_START)) return this.#takeEntry(line)
    const value = this.#parse(line)
    if ('checkpoint' in value) {
      if (this.#stage !== 'checkpoints') throw this.#malformed('expected checkpoints before the entries')
      checkCount('checkpoints', ++this.#checkpoints, this.#lines)
      return { what: 'checkpoint', note: fits(checkpointLine, value, this.#lines).checkpoint }
    }
    if ('section' in value || 'case' in value) return this.#takeSection(fits(sectionLine, value, this.#lines))
    if ('evidence' in value) {
      this.#stage = 'evidence'
      checkCount('evidence', ++this.#evidence, this.#lines)
      return { what: 'evidence', evidence: toEvidence(fits(evidenceLine, value, this.#lines).evidence) }
    }
    const { trailer } = fits(trailerLine, value, this.#lines)
    this.#trailer = { intact: trailer.lines === this.#lines - 1 }
    return null
  }

  #takeHeader(line: Uint8Array): BundleItem {
    const value = this.#parse(line)
    const format = value['format']
    if (typeof format !== 'string' || !format.startsWith('lockbox-bundle/'))
      throw new BundleError('malformed', 1, 'expected the header of a Lockbox bundle')
    if (format !== BUNDLE_FORMAT)
      throw new BundleError('unsupported', 1, `this version reads ${BUNDLE_FORMAT}; another one may read the file`)
    const header = fits(headerSchema, value, 1)
    this.#isPart = header.scope !== 'all'
    this.#stage = 'checkpoints'
    return { what: 'header', header }
  }

  #takeSection(name: SectionName): BundleItem {
    const stage = 'case' in name ? 'case' : name.section
    const [before, after] = [STAGES.indexOf(this.#stage), STAGES.indexOf(stage)]
    if (after < before || (after === before && stage !== 'case')) throw this.#malformed('this section comes too late')
    if ('case' in name) {
      if (this.#case !== null && name.case <= this.#case) throw this.#malformed('expected cases by their request’s id')
      this.#case = name.case
    }
    this.#stage = stage
    this.#last = -1
    this.#inSection = 0
    return { what: 'section', name }
  }

  #takeEntry(line: Uint8Array): BundleItem {
    const stage = this.#stage
    if (stage === 'header' || stage === 'checkpoints' || stage === 'evidence')
      throw this.#malformed('expected entries in a section')
    const entry = this.#entryOf(line)
    if (entry.at <= this.#last) throw this.#malformed('expected the entries of a section by their place')
    this.#last = entry.at
    checkCount('entries', ++this.#entries, this.#lines)
    this.#inSection++
    if (stage === 'rosters' || stage === 'organization' || stage === 'requests')
      checkCount(stage, this.#inSection, this.#lines)
    return entry
  }

  #entryOf(line: Uint8Array): Extract<BundleItem, { what: 'entry' }> {
    let at = ENTRY_START.length
    while (at < line.length && isDigit(line[at] as number) && at < ENTRY_START.length + 16) at++
    const place = placeOf(line, ENTRY_START.length, at)
    if (place === null || !standsAt(line, at, ENTRY_MIDDLE) || line[line.length - 1] !== 0x7d) throw this.#noEntry()
    const from = at + ENTRY_MIDDLE.length
    const proven = this.#isPart ? this.#proofOf(line) : null
    const envelope = line.subarray(from, proven?.from ?? -1)
    if (!isBraced(envelope)) throw this.#noEntry()
    return proven === null
      ? { what: 'entry', at: place, envelope }
      : { what: 'entry', at: place, envelope, proof: proven.proof }
  }

  /** The proof at the end of a line: the last array in it, since base64url has no bracket. */
  #proofOf(line: Uint8Array): { from: number; proof: Uint8Array[] } {
    const open = line.lastIndexOf(0x5b)
    const from = open - PROOF_START.length
    if (from < 0 || !standsAt(line, from, PROOF_START)) throw this.#noEntry()
    const list = this.#json(line.subarray(open, -1))
    if (!Array.isArray(list) || list.length > 64) throw this.#noEntry()
    return { from, proof: list.map((hash) => this.#hash(hash)) }
  }

  #hash(text: unknown): Uint8Array {
    if (typeof text !== 'string' || text.length !== 43) throw this.#noEntry()
    try {
      const hash = fromBase64Url(text)
      if (hash.length === HASH_BYTES) return hash
    } catch (cause) {
      throw this.#malformed('expected a proof of hashes', cause)
    }
    throw this.#noEntry()
  }

  #parse(line: Uint8Array): { readonly [key: string]: Json } {
    const value = this.#json(line)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#malformed('expected an object')
    return value as { readonly [key: string]: Json }
  }

  #json(bytes: Uint8Array): Json {
    try {
      return parseJcs(bytes)
    } catch (cause) {
      if (cause instanceof JcsError) throw this.#malformed('expected canonical JSON (RFC 8785)', cause)
      throw cause
    }
  }

  #noEntry(): BundleError {
    return this.#malformed('expected an entry with its place')
  }

  #malformed(message: string, cause?: unknown): BundleError {
    return new BundleError('malformed', this.#lines, message, { cause })
  }
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** A number of at most 15 digits without a leading zero: those of a line from one place to another. */
function placeOf(line: Uint8Array, from: number, end: number): number | null {
  const length = end - from
  if (length === 0 || length > 15 || (line[from] === 0x30 && length > 1)) return null
  let value = 0
  for (let at = from; at < end; at++) value = value * 10 + (line[at] as number) - 0x30
  return value
}

function toEvidence(evidence: z.output<typeof evidenceLine>['evidence']): Evidence {
  return evidence.about === 'waiting' ? { about: 'waiting', envelope: jcs(evidence.envelope) } : evidence
}
