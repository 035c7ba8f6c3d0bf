import { fromUtf8 } from '../bytes.ts'
import * as z from '../zod.ts'
import { BACKSLASH, CLOSE, CLOSE_OBJECT, MOST_DEPTH, MOST_RECORD, OPEN, OPEN_OBJECT, QUOTE } from './bounds.ts'
import { EvidenceError, type TrailEvent } from './event.ts'
import { accountOf, eventFrom, jsonOf } from './record.ts'

// A file is cut into its records before anything of it is parsed: so much as a parser makes of 64 MiB of brackets no memory holds.

/** Records of all files that are read together. */
export const MOST_RECORDS = 200_000
/** All that is read together, bytes. */
export const MOST_BYTES = 256 * 2 ** 20
/** What a file holds beside its records, bytes. */
const MOST_FRAME = 64 * 1024

const FRAME = /^[ \t\r\n]*\{[ \t\r\n]*"Records"[ \t\r\n]*:[ \t\r\n]*\[/
const frame = z.object({ Records: z.array(z.unknown()).length(0) })
const COMMA = 0x2c

/** An event of a file, and in whose account it was recorded, if that is said: a trail of an organization writes for all of its accounts. */
export interface FiledEvent {
  readonly event: TrailEvent
  readonly account: string | null
}

/**
 * The events of one file that a trail wrote, decompressed; one by one, so that whoever takes them can do something else in between.
 *
 * @param name - the file's, for people.
 * @param most - records that it may have; of {@link MOST_RECORDS} what the files before it left.
 * @throws {EvidenceError} `no-trail-file` if it is something else, such as a digest file; `record-too-large`; `bad-record` as `eventFrom`.
 */
export function* eventsOfFile(bytes: Uint8Array, name: string, most = MOST_RECORDS): Generator<FiledEvent> {
  let count = 0
  for (const text of recordsIn(bytes, name)) {
    count += 1
    if (count > most)
      throw new EvidenceError(
        'record-too-large',
        `up to record ${count} of ${name} these are more than ${MOST_RECORDS} records; attach fewer files at once`,
      )
    const record = jsonOf(text)
    yield { event: eventFrom(record, `record ${count} of ${name}`), account: accountOf(record) }
  }
}

/** The text of each record. */
function* recordsIn(bytes: Uint8Array, name: string): Generator<string> {
  const begin = beginOf(bytes)
  let from = begin
  let depth = 0
  let isText = false
  for (let at = begin; at < bytes.length; at++) {
    const byte = bytes[at]
    if (at - from > MOST_RECORD) throw new EvidenceError('record-too-large', `a record of ${name} has more than 1 MiB`)
    if (isText) {
      if (byte === BACKSLASH) at += 1
      else isText = byte !== QUOTE
    } else if (byte === QUOTE) isText = true
    else if (byte === OPEN || byte === OPEN_OBJECT) {
      depth += 1
      if (depth > MOST_DEPTH)
        throw new EvidenceError('bad-record', `a record of ${name} is no event of CloudTrail: it is nested too deeply`)
    } else if (depth > 0) depth -= Number(byte === CLOSE || byte === CLOSE_OBJECT)
    else if (byte === COMMA || byte === CLOSE) {
      const text = textOf(bytes.subarray(from, at))
      const isNone = byte === CLOSE && text?.trim() === '' && from === begin
      if (!isNone) yield text ?? ''
      if (byte === CLOSE && isEnd(bytes.subarray(at))) return
      if (byte === CLOSE) break
      from = at + 1
    }
  }
  throw new EvidenceError(
    'no-trail-file',
    `${name} is no whole file of a CloudTrail trail, which is {"Records": […]}. Choose the files under AWSLogs/<account>/CloudTrail/.`,
  )
}

/** Where the first record begins; the file's end if it begins otherwise. */
function beginOf(bytes: Uint8Array): number {
  // Each character of what is looked for is one byte.
  const begin = String.fromCharCode(...bytes.subarray(0, 1024))
  return FRAME.exec(begin)?.[0].length ?? bytes.length
}

/** Whether nothing but the end of the file's one object follows: AWS may add to it. */
function isEnd(rest: Uint8Array): boolean {
  const text = rest.length > MOST_FRAME ? null : textOf(rest)
  return text !== null && frame.safeParse(jsonOf(`{"Records":[${text}`)).success
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return fromUtf8(bytes)
  } catch {
    return null
  }
}
