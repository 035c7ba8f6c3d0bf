import { digest, parseCanonical, Refused } from './bytes.mjs'
import { digest as isDigest, natural, object, only, time } from './fields.mjs'

// bundle.md §1 to §3.

const isHeader = object({
  format: only('lockbox-bundle/1'),
  organization: isDigest,
  device: isDigest,
  pin: isDigest,
  exportedAt: time,
  entries: (value) => natural(value) && value <= 1_000_000,
})
const isText = (value) => typeof value === 'string'
const isNote = (value) => isText(value) && value.length >= 1 && value.length <= 32_768
const isCheckpoint = object({ checkpoint: isNote })
const isTrailer = object({ trailer: object({ lines: natural, sha256: isDigest }) })
const isPair = (check) => (value) => Array.isArray(value) && value.length === 2 && value.every(check)
const EVIDENCE = {
  fork: object({ about: isText, checkpoints: isPair(isNote) }),
  equivocation: object({ about: isText, entries: isPair(natural) }),
  waiting: object({ about: isText, envelope: (value) => isObject(value) }),
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)

/**
 * Reads a bundle.
 *
 * @returns `{header, entries, checkpoints, evidence, trailerFits}`; entries are bytes.
 * @throws {Refused} `truncated`, `unsupported`, `too-large` or `malformed`.
 */
export function readBundle(file) {
  const bundle = { header: null, entries: [], checkpoints: [], evidence: [], trailerFits: null }
  let lines = 0
  let at = 0
  while (at < file.length) {
    const end = file.indexOf(0x0a, at)
    if (end === -1) throw new Refused('truncated')
    if (end - at > 131_072) throw new Refused('too-large')
    if (bundle.trailerFits !== null) throw new Refused('malformed')
    takeLine(bundle, file.subarray(at, end), { lines, sha256: digest(file.subarray(0, at)) })
    lines++
    at = end + 1
  }
  if (bundle.trailerFits === null) throw new Refused('truncated')
  return bundle
}

const ENTRY = Buffer.from('{"entry":')
const BRACES = Buffer.from('{}')

function takeLine(bundle, line, before) {
  if (bundle.header === null) bundle.header = readHeader(line)
  else if (line.subarray(0, ENTRY.length).equals(ENTRY)) takeEntry(bundle, line)
  else takeOther(bundle, parseLine(line), before)
}

function takeEntry({ entries, checkpoints, evidence }, line) {
  const entry = line.subarray(ENTRY.length, -1)
  const braced = entry.length > 1 && entry[0] === BRACES[0] && entry.at(-1) === BRACES[1] && line.at(-1) === BRACES[1]
  if (!braced || checkpoints.length + evidence.length > 0) throw new Refused('malformed')
  entries.push(entry)
  if (entries.length > 1_000_000) throw new Refused('too-large')
}

function takeOther(bundle, value, before) {
  const { checkpoints, evidence } = bundle
  if (isCheckpoint(value)) {
    if (evidence.length > 0) throw new Refused('malformed')
    checkpoints.push(value.checkpoint)
  } else if (isTrailer(value)) {
    const { lines, sha256 } = value.trailer
    bundle.trailerFits = lines === before.lines && sha256 === before.sha256
  } else {
    const { about } = value.evidence ?? {}
    if (Object.keys(value).length !== 1 || !Object.hasOwn(EVIDENCE, about) || !EVIDENCE[about](value.evidence))
      throw new Refused('malformed')
    evidence.push(value.evidence)
  }
  if (checkpoints.length > 1000 || evidence.length > 1000) throw new Refused('too-large')
}

function readHeader(line) {
  const header = parseLine(line)
  if (isText(header.format) && header.format.startsWith('lockbox-bundle/') && header.format !== 'lockbox-bundle/1')
    throw new Refused('unsupported')
  if (!isHeader(header)) throw new Refused('malformed')
  return header
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
