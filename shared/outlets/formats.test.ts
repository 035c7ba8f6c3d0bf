import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../bytes.ts'
import { KINDS } from '../statements/kinds.ts'
import { plainLine } from '../verify/words.ts'
import { cefLine } from './cef.ts'
import { csvField } from './csv.ts'
import { type OutletEvent, sentenceOf } from './event.ts'
import { FIELDS, fieldsOf } from './fields.ts'
import { FORMATS } from './format-names.ts'
import { LINES, linesOf } from './formats.ts'
import { jsonlLine } from './jsonl.ts'
import { activityOf } from './ocsf-activity.ts'
import { firstBytes } from './safe-text.ts'
import { DATAGRAM_BYTES, hostOf, octetCounted, SD_ID, syslogAround, syslogMessage } from './syslog.ts'
import { drill, EXPORTER, liveEvents, TYPED } from './testing/drill.ts'
import { readCef, readCsv, readFrames, readSyslog } from './testing/parsers.ts'

const folder = fileURLToPath(new URL('vectors/', import.meta.url))
const events = liveEvents(await drill())
const one = (kind: string) => events.find((event) => event.kind === kind) as OutletEvent

/** Whatever somebody manages to call themselves or to type, with what each format gives a meaning to. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(
      fc.constantFrom('"', '\\', ']', '[', '|', '=', ',', "'", '\n', '\r', '\t', '\0', '\u0085', '\u2028', '\u202e'),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('a')),
  fc.constantFrom(...Object.values(TYPED), '<13>1 - - - - - -', 'CEF:0|a|b|c|d|e|1|', '\ud800', '"\r\n"'),
)
/** An event of which every text is somebody's. */
const hostile = fc
  .record({
    at: fc.nat({ max: events.length - 1 }),
    texts: fc.record({
      says: text,
      person: fc.option(text),
      organizationName: text,
      deviceName: text,
      keyName: text,
      requesterName: text,
      planName: text,
      account: text,
      reference: text,
      reason: text,
      accessKeyId: text,
      code: text,
      rule: text,
      kind: text,
    }),
  })
  .map(({ at, texts }): OutletEvent => ({ ...(events[at] as OutletEvent), ...texts }))
/** What a text is in a format of lines; a lone surrogate cannot be written in UTF-8 at all. */
const shown = (value: string | null) => plainLine(value ?? '')

if (process.env['WRITE_VECTORS'])
  for (const format of FORMATS) writeFileSync(`${folder}drill.${format}`, linesOf(format, events, EXPORTER))

describe('the drill in each format', () => {
  it.each(FORMATS)('%s is the file that lies here', (format) => {
    expect(linesOf(format, events, EXPORTER)).toBe(readFileSync(`${folder}drill.${format}`, 'utf8'))
  })
})

describe('every format', () => {
  it.each(FORMATS)('%s gives each event one line, whatever people typed', (format) => {
    const { line } = LINES[format]
    fc.assert(
      fc.property(hostile, (event) => {
        expect(line(event, EXPORTER)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })
})

describe('every kind of statement', () => {
  it.each(Object.keys(KINDS))('%s has a name in CEF and an activity in OCSF, and not only that of the kind', (kind) => {
    const event = { ...one('custody'), kind, verdict: kind === 'decision' ? 'deny' : null }
    expect(cefLine(event, '1').split('|')[5]).not.toBe(kind)
    expect(activityOf(event).name).not.toBe(kind)
  })
})

describe('JSON Lines', () => {
  it('gives back every field exactly', () => {
    fc.assert(
      fc.property(hostile, (event) => {
        const { format, ...read } = JSON.parse(jsonlLine(event)) as Record<string, unknown>
        expect(format).toBe('lockbox-event/1')
        expect(read).toEqual(Object.fromEntries(fieldsOf(event)))
      }),
    )
  })

  it('has its times in UTC', () => {
    expect(JSON.parse(jsonlLine({ ...one('grant'), time: 1_790_000_000_123 }))).toMatchObject({
      time: '2026-09-21T14:13:20.123Z',
    })
  })
})

describe('CSV', () => {
  it('is read back by a reader of RFC 4180, each text as the line shows it', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 4 }), (some) => {
        const [header, ...records] = readCsv(linesOf('csv', some, EXPORTER))
        expect(header).toEqual([...FIELDS])
        expect(records.map((record) => record.map((field) => field.replace(/^'/, '')))).toEqual(
          some.map((event) =>
            fieldsOf(event).map(([, value]) =>
              typeof value === 'string' ? shown(value) : value === null ? '' : String(value),
            ),
          ),
        )
      }),
    )
  })

  it('begins no field with what a spreadsheet computes', () => {
    fc.assert(
      fc.property(hostile, (event) => {
        for (const [record] of [readCsv(linesOf('csv', [event], EXPORTER)).slice(1)])
          for (const field of record ?? []) expect(field).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      }),
    )
  })

  it.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@x', `"'@x"`],
    ['\tx', '"\\u{9}x"'],
    ['＝x', `"'＝x"`],
    ["'x", `"''x"`],
    ['a=b', '"a=b"'],
    ['say "no"', '"say ""no"""'],
  ])('%j becomes %s', (given, expected) => expect(csvField(given)).toBe(expected))

  it('numbers and truth stay as they are', () => {
    expect([csvField(0), csvField(-1), csvField(true), csvField(null)]).toEqual(['"0"', '"-1"', '"true"', '""'])
  })
})

describe('CEF', () => {
  it('is read back: seven header fields, and values as typed', () => {
    fc.assert(
      fc.property(hostile, (event) => {
        const { header, extension } = readCef(cefLine(event, '1.2.3'))
        expect(header.slice(0, 5)).toEqual(['CEF:0', 'Lockbox', 'Lockbox', '1.2.3', shown(event.kind)])
        expect(extension.get('suser') ?? '').toBe(shown(event.person))
        expect(extension.get('cs5') ?? '').toBe(shown(event.reference))
        expect(extension.get('msg')).toBe(firstBytes(shown(sentenceOf(event)), 1023))
      }),
    )
  })

  it('escapes \\ and | in the header, \\ and = in values, and nothing else', () => {
    const event = { ...one('grant'), kind: 'a|b\\c=d', person: 'a|b\\c=d' }
    expect(cefLine(event, '1')).toMatch(/^CEF:0\|Lockbox\|Lockbox\|1\|a\\\|b\\\\c=d\|/)
    expect(cefLine(event, '1')).toContain(' suser=a|b\\\\c\\=d ')
  })

  it('is never longer than it may be, and still read back with its ids', () => {
    const long = fc.record({ event: hostile, name: fc.string({ unit: 'grapheme', maxLength: 1500 }) })
    fc.assert(
      fc.property(long, ({ event, name }) => {
        const line = cefLine({ ...event, person: name, says: `\\=${name}` }, '1.2.3', 1900)
        const { extension } = readCef(line)
        expect(utf8(line).length).toBeLessThanOrEqual(1900)
        expect(extension.get('flexString1')).toBe(event.id)
        expect(extension.get('msg')).not.toBe('')
      }),
    )
  })

  it('has no field twice, and a label for each custom one', () => {
    for (const event of events) {
      const { extension } = readCef(cefLine(event, '1'))
      const custom = [...extension.keys()].filter((key) => /^(cs|cn|flexString|deviceCustomDate)\d$/.test(key))
      expect(custom.filter((key) => !extension.has(`${key}Label`))).toEqual([])
    }
  })
})

describe('syslog', () => {
  it('is read back by the grammar of RFC 5424, parameters and sentence as typed', () => {
    fc.assert(
      fc.property(hostile, (event) => {
        const read = readSyslog(syslogMessage(event, EXPORTER.device))
        const params = read.data.get(SD_ID)
        expect(read).toMatchObject({ facility: 13, app: 'lockbox', host: hostOf(EXPORTER.device), marked: true })
        expect([...read.data.keys()]).toEqual([SD_ID])
        expect(params?.get('planName')).toBe(shown(event.planName))
        expect(params?.get('person')).toBe(event.person === null ? undefined : shown(event.person))
        expect(read.message).toBe(shown(sentenceOf(event)))
      }),
    )
  })

  it('a datagram is never longer than it may be, keeps its ids, and ends in whole characters', () => {
    const long = fc.record({ event: hostile, name: fc.string({ unit: 'grapheme', maxLength: 1500 }) })
    fc.assert(
      fc.property(long, ({ event, name }) => {
        const message = syslogMessage({ ...event, planName: name, says: name }, EXPORTER.device, DATAGRAM_BYTES)
        const read = readSyslog(message)
        expect(utf8(message).length).toBeLessThanOrEqual(DATAGRAM_BYTES)
        expect(read.data.get(SD_ID)?.get('id')).toBe(event.id)
        expect(shown(sentenceOf({ ...event, says: name })).startsWith(read.message)).toBe(true)
        expect(read.message).not.toBe('')
      }),
    )
  })

  it('what fits is not shortened, to the octet', () => {
    const event = { ...one('request'), says: 'asked. '.repeat(40) }
    const whole = syslogMessage(event, EXPORTER.device)
    const { length } = utf8(whole)
    expect(syslogMessage(event, EXPORTER.device, length)).toBe(whole)
    expect(utf8(syslogMessage(event, EXPORTER.device, length - 1)).length).toBe(length - 1)
  })

  it('another format rides in a message without mark and without structured data', () => {
    const line = cefLine(one('request'), '1')
    const read = readSyslog(syslogAround(one('request'), EXPORTER.device, () => line))
    expect(read).toMatchObject({ marked: false, message: line, data: new Map() })
  })

  it('a stream of frames is taken apart again, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 5 }), fc.nat(), (some, cut) => {
        const messages = some.map((event) => syslogMessage(event, EXPORTER.device))
        const bytes = octetCounted(messages)
        expect(readFrames(bytes)).toEqual({ messages, rest: new Uint8Array() })
        const { messages: before } = readFrames(bytes.subarray(0, cut % (bytes.length + 1)))
        expect(before).toEqual(messages.slice(0, before.length))
      }),
    )
  })
})
