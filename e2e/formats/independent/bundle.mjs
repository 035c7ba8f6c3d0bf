import { crc32, inflateRawSync } from 'node:zlib'
import { parseCanonical, Refused } from './bytes.mjs'
import { digest as isDigest, natural, object, only, time } from './fields.mjs'

// bundle.md §1 to §3.

const isText = (value) => typeof value === 'string'
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)
const isScope = (value) =>
  value === 'all' || value === 'held' || object({ case: isDigest })(value) || object({ from: time, to: time })(value)
const isHeader = object({
  format: only('lockbox-bundle/3'),
  organization: isDigest,
  device: isDigest,
  pin: isDigest,
  exportedAt: time,
  scope: isScope,
  entries: (value) => natural(value) && value <= 1_000_000,
  size: natural,
})
const isNote = (value) => isText(value) && value.length >= 1 && value.length <= 32_768
const isCheckpoint = object({ checkpoint: isNote })
const isCase = object({ case: isDigest })
const isSection = object({ section: (value) => ['rosters', 'organization', 'requests', 'others'].includes(value) })
const isTrailer = object({ trailer: object({ lines: (value) => natural(value) && value >= 1 }) })
const isPair = (check) => (value) => Array.isArray(value) && value.length === 2 && value.every(check)
const EVIDENCE = {
  fork: object({ about: isText, checkpoints: isPair(isNote) }),
  'growth-fork': object({
    about: isText,
    checkpoints: isPair(isNote),
    root: isDigest,
    proof: (value) => Array.isArray(value) && value.length <= 64 && value.every(isDigest),
  }),
  refused: object({
    about: isText,
    at: time,
    checkpoints: isPair(isNote),
    code: (value) => value === 'shrunk' || value === 'bad-proof',
  }),
  equivocation: object({ about: isText, entries: isPair(natural) }),
  waiting: object({ about: isText, envelope: isObject }),
}

/** The lines of a bundle, decompressed: one gzip member without optional fields, and nothing after it. */
export function decompress(file) {
  const head = file.subarray(0, 10)
  if (!head.subarray(0, 4).equals(Buffer.from('1f8b0800', 'hex').subarray(0, head.length)))
    throw new Refused('malformed')
  if (head.length < 10) throw new Refused('truncated')
  let buffer
  let engine
  try {
    ;({ buffer, engine } = inflateRawSync(file.subarray(10), { info: true, maxOutputLength: 4 * 2 ** 30 }))
  } catch (error) {
    throw new Refused(error.code === 'Z_BUF_ERROR' ? 'truncated' : 'malformed')
  }
  const tail = file.subarray(10 + engine.bytesWritten)
  if (tail.length < 8) throw new Refused('truncated')
  if (tail.length > 8 || tail.readUInt32LE(0) !== crc32(buffer) || tail.readUInt32LE(4) !== buffer.length % 2 ** 32)
    throw new Refused('malformed')
  return buffer
}

/**
 * Reads the lines of a bundle.
 *
 * @returns `{header, entries, checkpoints, evidence, trailerFits}`; entries are `{at, section, envelope, proof}` by their place.
 * @throws {Refused} `truncated`, `unsupported`, `too-large` or `malformed`.
 */
export function readBundle(lines) {
  const reader = new Reader()
  let at = 0
  while (at < lines.length) {
    const end = lines.indexOf(0x0a, at)
    if (end - at > 131_072 || (end === -1 && lines.length - at > 131_072)) throw new Refused('too-large')
    if (end === -1) throw new Refused(reader.trailerFits === null ? 'truncated' : 'malformed')
    reader.take(lines.subarray(at, end))
    at = end + 1
  }
  if (reader.trailerFits === null) throw new Refused('truncated')
  const { header, entries, checkpoints, evidence, trailerFits } = reader
  return { header, entries: entries.sort((one, other) => one.at - other.at), checkpoints, evidence, trailerFits }
}

const ENTRY = '{"at":'
// Where the entries of a section may stand, and how many there may be.
const SECTIONS = ['rosters', 'organization', 'requests', 'case', 'others']
const MOST = { rosters: 1000, organization: 50_000, requests: 100_000 }

class Reader {
  header = null
  entries = []
  checkpoints = []
  evidence = []
  trailerFits = null
  #lines = 0
  #section = null
  #last = -1
  #inSection = 0

  take(line) {
    if (this.trailerFits !== null) throw new Refused('malformed')
    if (this.header === null) this.#takeHeader(line)
    else if (line.subarray(0, ENTRY.length).toString('latin1') === ENTRY) this.#takeEntry(line)
    else this.#takeOther(parseLine(line))
    this.#lines++
  }

  #takeHeader(line) {
    const header = parseLine(line)
    const { format } = header
    if (isText(format) && format.startsWith('lockbox-bundle/') && format !== 'lockbox-bundle/3')
      throw new Refused('unsupported')
    if (!isHeader(header)) throw new Refused('malformed')
    this.header = header
  }

  #takeEntry(line) {
    const text = line.toString('latin1')
    const [start, place] = /^\{"at":(0|[1-9][0-9]{0,14}),"entry":/.exec(text) ?? []
    const proof =
      this.header.scope === 'all' ? null : /,"proof":(\[("[A-Za-z0-9_-]{43}"(,"[A-Za-z0-9_-]{43}")*)?\])\}$/.exec(text)
    if (start === undefined || proof === undefined || this.#section === null || this.evidence.length > 0)
      throw new Refused('malformed')
    if (this.header.scope !== 'all' && proof === null) throw new Refused('malformed')
    const envelope = line.subarray(start.length, proof === null ? -1 : proof.index)
    if (text.at(-1) !== '}' || envelope.length < 2 || envelope[0] !== 0x7b || envelope.at(-1) !== 0x7d)
      throw new Refused('malformed')
    const hashes = proof === null ? null : JSON.parse(proof[1])
    if (hashes !== null && (hashes.length > 64 || !hashes.every(isDigest))) throw new Refused('malformed')
    if (Number(place) <= this.#last) throw new Refused('malformed')
    this.#last = Number(place)
    this.entries.push({ at: this.#last, section: this.#section, envelope, proof: hashes })
    if (this.entries.length > 1_000_000 || ++this.#inSection > (MOST[this.#section.section] ?? 1_000_000))
      throw new Refused('too-large')
  }

  #takeOther(value) {
    if (isCheckpoint(value) && this.#section === null && this.evidence.length === 0)
      this.checkpoints.push(value.checkpoint)
    else if ((isSection(value) || isCase(value)) && this.evidence.length === 0) this.#takeSection(value)
    else if (isTrailer(value)) this.trailerFits = value.trailer.lines === this.#lines
    else {
      const { about } = value.evidence ?? {}
      if (Object.keys(value).length !== 1 || !Object.hasOwn(EVIDENCE, about) || !EVIDENCE[about](value.evidence))
        throw new Refused('malformed')
      this.evidence.push(value.evidence)
    }
    if (this.checkpoints.length > 1000 || this.evidence.length > 1000) throw new Refused('too-large')
  }

  #takeSection(value) {
    const rank = (section) => (section === null ? -1 : SECTIONS.indexOf(section.section ?? 'case'))
    const later = rank(value) > rank(this.#section)
    const next = value.case !== undefined && this.#section?.case !== undefined && value.case > this.#section.case
    if (!later && !next) throw new Refused('malformed')
    this.#section = value
    this.#last = -1
    this.#inSection = 0
  }
}

function parseLine(line) {
  try {
    const value = parseCanonical(line)
    if (isObject(value)) return value
  } catch {
    // Any fault of a line is one code.
  }
  throw new Refused('malformed')
}
