import { gzipSync } from 'node:zlib'
import type { Original } from './corpus.ts'
import { inJson, inPayload, inProof, withPartOf } from './entries.ts'
import { bytesOf } from './latin1.ts'
import { oneOf, type Random, randomOf } from './random.ts'
import type { Arriving } from './verify.ts'

/** One input: everything about it follows from its seed and the originals. */
export interface Input {
  /** What is verified together; only the first is mutated. */
  readonly files: readonly Arriving[]
  /** Whether every signature is taken for good, so that what nobody signed gets beyond the door. Then only crashes are looked for. */
  readonly isNodding: boolean
}

type Lines = readonly string[]

/**
 * The input of a seed.
 *
 * @param originals - the smallest first.
 */
export function inputOf(originals: readonly Original[], seed: number): Input {
  const random = randomOf(seed)
  // Most are small, so that many can be tried.
  const original = random(4) !== 0 ? (originals[0] as Original) : oneOf(originals, random)
  const other = oneOf(originals, random)
  let { lines } = original
  for (let left = 1 + random(3); left > 0 && lines.length > 0; left--) lines = changed(lines, other.lines, random)
  if (random(4) !== 0) lines = counted(lines)
  let bytes = bytesOf(lines.map((line) => `${line}\n`).join(''))
  for (let left = random(4) === 0 ? 1 + random(2) : 0; left > 0; left--) bytes = inBytes(bytes, random)
  const isCompressed = random(12) === 0
  if (isCompressed) bytes = compressedSomehow(bytes, random)
  const file = { pieces: inPieces(bytes, random), isCompressed }
  const files = random(16) === 0 ? [file, besideOf(original, originals, random)] : [file]
  return { files, isNodding: random(6) === 0 }
}

/** A file to be verified together with one made from an original: mostly of the same organization, for others are verified apart. */
function besideOf({ organization }: Original, originals: readonly Original[], random: Random): Arriving {
  const fit = originals.filter((one) => one.organization === organization)
  const { lines } = oneOf(random(8) === 0 ? originals : fit, random)
  return { pieces: [bytesOf(lines.map((line) => `${line}\n`).join(''))], isCompressed: false }
}

/** The bytes of an input's first file as they would lie on a disk. */
export function fileOf({ files: [file] }: Input): Uint8Array {
  if (file === undefined) throw new TypeError('expected a file')
  const bytes = Buffer.concat(file.pieces)
  return file.isCompressed ? bytes : gzipSync(bytes)
}

/** One change, or none where what is there already does not let itself be changed in that way. */
function changed(lines: Lines, other: Lines, random: Random): Lines {
  try {
    return oneOf(LINE_WAYS, random)(lines, other, random)
  } catch (error) {
    if (error instanceof Error) return lines
    throw error
  }
}

const LINE_WAYS: readonly ((lines: Lines, other: Lines, random: Random) => Lines)[] = [
  (lines, _, random) => lines.toSpliced(random(lines.length), 1),
  (lines, _, random) => lines.toSpliced(random(lines.length), 0, oneOf(lines, random)),
  (lines, other, random) => lines.toSpliced(random(lines.length), random(2), oneOf(other, random)),
  (lines, other, random) => [...lines.slice(0, random(lines.length)), ...other.slice(random(other.length))],
  (lines, _, random) => {
    const [one, another] = [random(lines.length), random(lines.length)]
    return lines.with(one, lines[another] as string).with(another, lines[one] as string)
  },
  inOne((line, _, random) =>
    line.replace(/\d+/, () => String(oneOf([0, 1, 5, 29, 999_999, 10_737_418_240, random(2 ** 31)], random))),
  ),
  // One line's place before another's statement.
  inOne((line, other) => line.replace(/^\{"at":\d+/, /^\{"at":\d+/.exec(other)?.[0] ?? '{"at":0')),
  inOne(inJson),
  inOne(inJson),
  inOne(inPayload),
  inOne(inPayload),
  inOne(withPartOf),
  inOne(inProof),
  (lines, other, random) => lines.with(0, inJson(lines[0] as string, other[0] as string, random)),
  inNotes,
  (lines, _, random) => lines.toSpliced(-1, 0, evidenceOf(lines, random)),
]

/** Changes one line, given another of the same file or of another. */
function inOne(change: (line: string, other: string, random: Random) => string) {
  return (lines: Lines, other: Lines, random: Random): Lines => {
    const at = random(lines.length)
    return lines.with(at, change(lines[at] as string, oneOf(random(2) === 0 ? lines : other, random), random))
  }
}

const isNote = (line: string): boolean => line.startsWith('{"checkpoint":')

/** Lines of signed notes, taken from one another. */
function inNotes(lines: Lines, other: Lines, random: Random): Lines {
  const [mine, theirs] = [lines.filter(isNote), [...lines, ...other].filter(isNote)]
  if (mine.length === 0) return lines
  const line = oneOf(mine, random)
  const [parts, others] = [line.split('\\n'), oneOf(theirs, random).split('\\n')]
  const at = random(parts.length)
  const ways = [
    () => parts.with(at, oneOf(others, random)),
    () => parts.toSpliced(at, 1),
    () => parts.toSpliced(at, 0, oneOf(others, random)),
    () => parts.with(at, (parts[at] as string).replace(/[A-Za-z0-9+/](?=[A-Za-z0-9+/]*=*$)/, 'A')),
    () => parts.toReversed(),
  ]
  return lines.with(lines.indexOf(line), oneOf(ways, random)().join('\\n'))
}

function evidenceOf(lines: Lines, random: Random): string {
  const notes = lines.filter(isNote).map((line) => line.slice('{"checkpoint":'.length, -1))
  const entry = /"entry":(\{.*\})\}$/.exec(oneOf(lines, random))?.[1] ?? '{}'
  const places = [random(40), random(40)]
  const pair = () => `[${oneOf([...notes, '""'], random)},${oneOf([...notes, '""'], random)}]`
  const proof = /"proof":(\[.*\])\}$/.exec(oneOf(lines, random))?.[1] ?? '[]'
  const root = /[A-Za-z0-9_-]{43}/.exec(oneOf(lines, random))?.[0] ?? ''
  return oneOf(
    [
      `{"evidence":{"about":"equivocation","entries":[${places.join(',')}]}}`,
      `{"evidence":{"about":"waiting","envelope":${entry}}}`,
      `{"evidence":{"about":"fork","checkpoints":${pair()}}}`,
      `{"evidence":{"about":"growth-fork","checkpoints":${pair()},"proof":${proof},"root":"${root}"}}`,
      `{"evidence":{"about":"refused","at":${random(2 ** 31)},"checkpoints":${pair()},"code":"${oneOf(['shrunk', 'bad-proof'], random)}"}}`,
    ],
    random,
  )
}

/** Counts that fit, so that not every change ends in a count. */
function counted(lines: Lines): Lines {
  const entries = lines.filter((line) => line.startsWith('{"at":')).length
  const isAll = lines[0]?.includes('"scope":"all"') ?? false
  return lines.map((line, at) => {
    if (at === 0) {
      const fits = line.replace(/"entries":\d+/, `"entries":${entries}`)
      return isAll ? fits.replace(/"size":\d+/, `"size":${entries}`) : fits
    }
    return line.replace(/^\{"trailer":\{"lines":\d+\}\}$/, `{"trailer":{"lines":${lines.length - 1}}}`)
  })
}

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '0',
  '-1',
  '1e9',
  '10737418240',
  'null',
  '\\u0000',
  '\n',
  ' ',
  'AA==',
  '\u00ef\u00bb\u00bf',
  '\u00ff',
]

function inBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length + 1)
  const from = random(bytes.length + 1)
  const rest = (by: number) => bytes.subarray(Math.min(at + by, bytes.length))
  const ways = [
    () => Buffer.concat([bytes.subarray(0, at), Uint8Array.of(random(256)), rest(1)]),
    () => Buffer.concat([bytes.subarray(0, at), rest(1 + random(64))]),
    () => Buffer.concat([bytes.subarray(0, at), bytesOf(oneOf(TOKENS, random)), rest(0)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + random(64)), rest(0)]),
    () => bytes.subarray(0, at),
  ]
  return oneOf(ways, random)()
}

/** As a gzip file, nearly always with a fault in that. */
function compressedSomehow(bytes: Uint8Array, random: Random): Uint8Array {
  const file = gzipSync(bytes, { level: random(10) })
  const ways = [
    () => file,
    () => Buffer.concat([file, file]),
    () => Buffer.concat([file, new Uint8Array(1 + random(9))]),
    () => file.fill(random(256), random(10), 10),
    () => Buffer.concat([file.subarray(0, -8), new Uint8Array(8)]),
    () => inBytes(file, random),
    () => inBytes(inBytes(file, random), random),
    // Very much of little: the reader must stop at the first line that is too long.
    () => gzipSync(Buffer.concat([bytes, new Uint8Array(random(4) * 256 * 1024)])),
  ]
  return oneOf(ways, random)()
}

/** The same bytes, cut anywhere: a reader must not care. */
function inPieces(bytes: Uint8Array, random: Random): Uint8Array[] {
  const cuts = Array.from({ length: random(4) }, () => random(bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...cuts].map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length))
}
