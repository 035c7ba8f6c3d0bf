import { concat, digest, fromUtf8, utf8 } from '../bytes.ts'
import { EvidenceError, MAX_PART_BYTES } from '../evidence/event.ts'
import { jcs, parseJcs } from '../jcs.ts'
import { MOST_PARTS } from '../statements/evidence.ts'
import * as z from '../zod.ts'

// A recorded terminal is asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/), spelt in one way, so that the same
// recording has the same bytes (docs/formats/terminal.md).

/** Columns and rows that a terminal may have. */
export const MOST_COLUMNS = 500
export const MOST_ROWS = 300

/** Longest text of one event, UTF-16 units: as JSON at most 98,304 bytes, well within a part. */
export const MOST_DATA = 16_384

const columnsField = z.int().min(1).max(MOST_COLUMNS)
const rowsField = z.int().min(1).max(MOST_ROWS)

const headerField = z.strictObject({
  env: z.strictObject({ SHELL: z.string().max(1024), TERM: z.string().max(64) }),
  height: rowsField,
  /** When it began, Unix seconds. */
  timestamp: z.int().min(0).max(7_258_118_400),
  version: z.literal(2),
  width: columnsField,
})

/** The first line of a recording. */
export type CastHeader = Readonly<z.infer<typeof headerField>>

/** Why a shell ended, as the last line says it. A recording without that line was cut off: the app or the computer died. */
export const ENDS = ['exited', 'closed', 'session-over', 'locked', 'quit', 'full'] as const
export type CastEnd = (typeof ENDS)[number]

/** What happened, and how many milliseconds after the beginning. */
export type CastEvent =
  | { readonly at: number; readonly type: 'output'; readonly text: string }
  | { readonly at: number; readonly type: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly at: number; readonly type: 'end'; readonly why: CastEnd }

/** A recording that was read. */
export interface Cast {
  readonly header: CastHeader
  /** In the order of their times. */
  readonly events: readonly CastEvent[]
}

/** The first line, with its newline. */
export function headerLine(header: CastHeader): Uint8Array {
  return concat(jcs(header), utf8('\n'))
}

/** An event's line, with its newline. Output longer than {@link MOST_DATA} goes into several: see {@link outputEvents}. */
export function eventLine(event: CastEvent): Uint8Array {
  return utf8(`${lineOf(event)}\n`)
}

function lineOf(event: CastEvent): string {
  const { at, type } = event
  const [code, data] =
    type === 'output'
      ? ['o', event.text]
      : type === 'resize'
        ? ['r', `${event.columns}x${event.rows}`]
        : ['m', `ended: ${event.why}`]
  return `[${(at / 1000).toFixed(3)}, "${code}", ${JSON.stringify(data)}]`
}

/** One moment's output as events that each fit a line. No pair of surrogates is torn. */
export function outputEvents(at: number, text: string): CastEvent[] {
  const events: CastEvent[] = []
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + MOST_DATA, text.length)
    const last = text.charCodeAt(to - 1)
    if (to < text.length && last >= 0xd800 && last <= 0xdbff) to--
    events.push({ at, type: 'output', text: text.slice(from, to) })
    from = to
  }
  return events
}

/**
 * Reads a recording back.
 *
 * @throws {EvidenceError} `bad-record` for whatever this module would not have written.
 */
export function readCast(text: string): Cast {
  const [first = '', ...lines] = text.split('\n')
  if (lines.pop() !== '') throw bad('it does not end with a whole line')
  const events: CastEvent[] = []
  for (const line of lines) {
    const event = eventIn(line)
    const before = events.at(-1)
    if (before !== undefined && (before.type === 'end' || before.at > event.at))
      throw bad('its lines are not in the order of their times')
    events.push(event)
  }
  return { header: headerIn(first), events }
}

function headerIn(line: string): CastHeader {
  try {
    return headerField.parse(parseJcs(utf8(line)))
  } catch (cause) {
    throw bad('its first line is no header', cause)
  }
}

const eventField = z.tuple([z.number().min(0).max(1e7), z.enum(['o', 'r', 'm']), z.string().min(1).max(MOST_DATA)])
const SIZE = /^([1-9]\d{0,2})x([1-9]\d{0,2})$/

function eventIn(line: string): CastEvent {
  let event: CastEvent
  try {
    const [seconds, code, data] = eventField.parse(JSON.parse(line))
    event = eventOf(Math.round(seconds * 1000), code, data)
  } catch (cause) {
    throw cause instanceof EvidenceError ? cause : bad('a line is no event', cause)
  }
  if (lineOf(event) !== line) throw bad('a line is spelt otherwise')
  return event
}

function eventOf(at: number, code: 'o' | 'r' | 'm', data: string): CastEvent {
  if (code === 'o') return { at, type: 'output', text: data }
  if (code === 'm') {
    const why = ENDS.find((one) => data === `ended: ${one}`)
    if (why === undefined) throw bad('a marker says something else than why the shell ended')
    return { at, type: 'end', why }
  }
  const [, columns, rows] = SIZE.exec(data) ?? []
  if (columns === undefined || Number(columns) > MOST_COLUMNS || Number(rows) > MOST_ROWS)
    throw bad('a size is none that a terminal may have')
  return { at, type: 'resize', columns: Number(columns), rows: Number(rows) }
}

function bad(why: string, cause?: unknown): EvidenceError {
  return new EvidenceError('bad-record', `this is no recorded terminal: ${why}`, { cause })
}

/**
 * The text of the parts of a recording.
 *
 * @param digests - of the parts, as a statement names them.
 * @throws {EvidenceError} `record-altered` if a part is not the one named, `bad-record` if they are no text.
 */
export function castText(parts: readonly Uint8Array[], digests: readonly string[]): string {
  if (parts.length !== digests.length || parts.some((part, at) => digest(part) !== digests[at]))
    throw new EvidenceError('record-altered', 'this is not the recording that the statement names')
  try {
    return fromUtf8(concat(...parts))
  } catch (cause) {
    throw bad('it is not UTF-8', cause)
  }
}

/** What is kept free for the last line, which says why the shell ended. */
const END_BYTES = 64

/**
 * Counts into how many parts lines go, so that a recording ends before it is more than a statement can name: the same cut as
 * that of the lines of AWS's record. Room is left for the line that says that it ended.
 */
export class PartCounter {
  #parts = 1
  #length = 0

  /** Takes a line. @returns whether it still fits; one that does not is not counted. */
  add(line: Uint8Array, most = MOST_PARTS): boolean {
    const room = this.#parts === most ? MAX_PART_BYTES - END_BYTES : MAX_PART_BYTES
    const startsPart = this.#length + line.length > room
    if (startsPart && this.#parts === most) return false
    if (startsPart) this.#parts++
    this.#length = (startsPart ? 0 : this.#length) + line.length
    return true
  }
}
