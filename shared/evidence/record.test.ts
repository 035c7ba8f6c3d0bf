import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { concat, digest, fromUtf8, utf8 } from '../bytes.ts'
import { byTime, EvidenceError, eventsIn, MAX_PART_BYTES, partsOf, type TrailEvent } from './event.ts'
import { eventsOfFile } from './file.ts'
import { eventFrom, eventOfAnswer, merged as mergedOf } from './record.ts'

const vector = (name: string) => new URL(`vectors/${name}`, import.meta.url)
const file = Uint8Array.from(readFileSync(vector('trail.json')))
const records = (JSON.parse(fromUtf8(file)) as { Records: { [field: string]: unknown }[] }).Records
const [first] = records as [{ [field: string]: unknown }]
const read = (bytes: Uint8Array) => [...eventsOfFile(bytes, 'it')].map(({ event }) => event)
const merged = (lists: readonly (readonly TrailEvent[])[]) => [...mergedOf(lists)]

// After a change of the format: LOCKBOX_WRITE_VECTORS=1 npx vitest run --project node shared/evidence/record.test.ts
if (process.env['LOCKBOX_WRITE_VECTORS'] !== undefined)
  writeFileSync(vector('events.jsonl'), concat(...partsOf(read(file), 1)))

function code(work: () => unknown): string {
  try {
    work()
    return 'nothing'
  } catch (error) {
    if (error instanceof EvidenceError) return error.code
    throw error
  }
}

describe('a file of a trail', () => {
  it('becomes the published events', () => {
    const [part] = partsOf(read(file), 1)
    expect(fromUtf8(part as Uint8Array)).toBe(readFileSync(vector('events.jsonl'), 'utf8'))
  })

  it('holds the same events as an answer of LookupEvents', () => {
    const answers = records.map((one) => JSON.stringify(one))
    expect(answers.map(eventOfAnswer)).toEqual(read(file))
  })

  it.each([
    ['longer than a record', 'record-too-large', JSON.stringify({ ...first, more: 'x'.repeat(2 ** 20) })],
    ['nested without end', 'bad-record', '['.repeat(5_000)],
    ['no event', 'bad-record', '{}'],
    ['no JSON', 'bad-record', ''],
  ])('is refused as one that LookupEvents answered if it is %s', (_, expected, text) => {
    expect(code(() => eventOfAnswer(text))).toBe(expected)
  })

  it.each([
    ['is another JSON file', '{"awsAccountId":"123456789012","logFiles":[]}'],
    ['is no JSON', 'hello'],
    ['is a list', '[]'],
    ['is cut off', '{"Records":[{}'],
    ['goes on after its end', '{"Records":[]} {}'],
    ['has its records twice', '{"Records":[],"Records":[{}]}'],
  ])('is refused if it %s', (_, text) => {
    expect(code(() => read(utf8(text)))).toBe('no-trail-file')
  })

  it.each(['eventID', 'eventTime', 'eventSource', 'eventName', 'awsRegion'])(
    'is refused without %s, by its name',
    (field) => {
      const changed = { Records: [first, { ...first, [field]: undefined }] }
      const bytes = utf8(JSON.stringify(changed))
      expect(() => read(bytes)).toThrow(new RegExp(`^record 2 of it is no event.*${field}`))
    },
  )

  it.each([
    ['a time that is none', { eventTime: '2026-13-22T03:04:05Z' }],
    ['a time of another form', { eventTime: 'Nov 22, 2026' }],
    ['an id of another form', { eventID: 'an id' }],
  ])('is refused with %s', (_, changes) => {
    expect(code(() => eventFrom({ ...first, ...changes }, 'it'))).toBe('bad-record')
  })

  it.each([
    ['a field that nobody knows', { later: { a: [1] } }],
    ['another form of what is not needed', { errorCode: 7, additionalEventData: 'x' }],
  ])('is read with %s', (_, changes) => {
    expect(eventFrom({ ...first, ...changes }, 'it')).toEqual(eventFrom(first, 'it'))
  })

  it('takes a number of seconds that is written as a text', () => {
    const requestParameters = { ...(first['requestParameters'] as object), durationSeconds: '900' }
    expect(eventFrom({ ...first, requestParameters }, 'it')).toEqual(eventFrom(first, 'it'))
  })
})

describe('a file that would take all memory', () => {
  const bounded: [string, string, string][] = [
    ['a record of many objects', 'record-too-large', `[${'{},'.repeat(400_000)}{}]`],
    ['a record that is nested without end', 'bad-record', '['.repeat(101)],
    ['a record of one text', 'record-too-large', `"${'x'.repeat(2 ** 20)}"`],
  ]
  it.each(bounded)('is refused before anything of it is parsed: %s', (_, expected, odd) => {
    const whole = `{"Records":[{"eventID":${odd}}]}`
    const parse = vi.spyOn(JSON, 'parse')
    try {
      expect(code(() => read(utf8(whole)))).toBe(expected)
      expect(parse).not.toHaveBeenCalled()
    } finally {
      parse.mockRestore()
    }
  })

  it('is refused if it has more records than the files before it left', () => {
    expect([...eventsOfFile(file, 'it', records.length)]).toHaveLength(records.length)
    expect(code(() => [...eventsOfFile(file, 'it', records.length - 1)])).toBe('record-too-large')
  })

  it('is read whatever stands between its records, and what it holds beside them', () => {
    const text = JSON.stringify({ note: '],}\\"[{', ...first })
    const whole = `\n{ "Records" : [ ${text} ,\n${text} ] , "later": {"Records": [1]} }\n`
    expect(read(utf8(whole))).toEqual(read(utf8(JSON.stringify({ Records: [first, first] }))))
    expect(read(utf8('{"Records": [ ]}'))).toEqual([])
  })
})

describe('files together', () => {
  const events = read(file)

  it('give each event once', () => {
    expect(merged([events, events.slice(2)])).toEqual(events)
  })

  it('are refused if two tell one event differently', () => {
    expect(code(() => merged([events, [{ ...(events[1] as TrailEvent), error: 'AccessDenied' }]]))).toBe(
      'contradicting-records',
    )
  })
})

describe('events as they are kept', () => {
  const events = read(file)
  const many = Array.from({ length: 3000 }, (_, at) => ({
    ...(events[0] as TrailEvent),
    id: `event-${at}`,
    at: at * 1000,
  }))

  it('come back in order, in parts of whole lines that every carrier carries', () => {
    const parts = partsOf(many.toReversed(), 16)
    expect(parts.length).toBeGreaterThan(1)
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(MAX_PART_BYTES)
    expect(eventsIn(parts, parts.map(digest))).toEqual(many)
  })

  it('are read as they were kept before what a call of IAM is about was', () => {
    const old = events.toSorted(byTime).map((one) => {
      const { about: _, ...rest } = one
      return rest
    })
    const parts = partsOf(old, 1)
    expect(eventsIn(parts, parts.map(digest))).toEqual(old)
  })

  it('are no part where there are none', () => {
    expect(partsOf([], 16)).toEqual([])
    expect(eventsIn([], [])).toEqual([])
  })

  it('are refused if they take more parts than a statement names', () => {
    expect(code(() => partsOf(many, 2))).toBe('record-too-large')
  })

  const [part] = partsOf(events, 1) as [Uint8Array]
  const reread = (changed: Uint8Array) => code(() => eventsIn([changed], [digest(changed)]))
  it('are refused if they are not those named, out of order, twice, or no events', () => {
    const lines = fromUtf8(part).split('\n').slice(0, -1)
    const of = (some: readonly string[]) => utf8(some.map((line) => `${line}\n`).join(''))
    expect(code(() => eventsIn([part], [digest(utf8('another'))]))).toBe('record-altered')
    expect(code(() => eventsIn([], [digest(part)]))).toBe('record-altered')
    expect(reread(of(lines.toReversed()))).toBe('bad-record')
    expect(reread(of([lines[0] as string, ...lines]))).toBe('bad-record')
    expect(reread(of([...lines, '{}']))).toBe('bad-record')
    expect(reread(of(lines))).toBe('nothing')
  })
})
