import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, digest, fromUtf8, utf8 } from '../bytes.ts'
import { partsOfLines } from '../evidence/event.ts'
import { times } from '../testing/runs.ts'
import {
  type CastEvent,
  castText,
  ENDS,
  eventLine,
  headerLine,
  MOST_DATA,
  outputEvents,
  PartCounter,
  readCast,
} from './asciicast.ts'

const VECTOR = readFileSync(join(import.meta.dirname, 'vectors/recording.cast'))
const header = {
  env: { SHELL: '/bin/bash', TERM: 'xterm-256color' },
  height: 24,
  timestamp: 1_795_442_771,
  version: 2,
  width: 80,
} as const
const written = (events: readonly CastEvent[]) =>
  fromUtf8(concat(headerLine(header), ...events.map((event) => eventLine(event))))

const events: CastEvent[] = [
  { at: 0, type: 'output', text: '$ ' },
  { at: 1250, type: 'output', text: 'echo "\u00e9\ud83d\udd11\\"\r\n' },
  { at: 1251, type: 'output', text: '\u001b[32m\u00e9\ud83d\udd11\\\u001b[0m\r\n[redacted]\r\n' },
  { at: 60_000, type: 'resize', columns: 100, rows: 30 },
  { at: 61_007, type: 'end', why: 'exited' },
]

const anyEvent = fc.oneof(
  fc.record({ type: fc.constant('output' as const), text: fc.string({ minLength: 1, unit: 'binary' }) }),
  fc.record({
    type: fc.constant('resize' as const),
    columns: fc.integer({ min: 1, max: 500 }),
    rows: fc.integer({ min: 1, max: 300 }),
  }),
)
/** Events in the order of their times, which may end. */
const anyEvents = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(100_000), anyEvent), { maxLength: 20 }),
    fc.option(fc.constantFrom(...ENDS), { nil: null }),
  )
  .map(([list, why]): CastEvent[] => {
    const all = list.sort(([a], [b]) => a - b).map(([at, event]) => ({ at, ...event }))
    return why === null ? all : [...all, { at: 100_000, type: 'end', why }]
  })

describe('a recorded terminal', () => {
  it('is written to the byte as the format says', () => {
    expect(written(events)).toBe(fromUtf8(VECTOR))
    expect(readCast(fromUtf8(VECTOR))).toEqual({ header, events })
  })

  it('is read back as it was written (property)', () => {
    fc.assert(
      fc.property(anyEvents, (list) => {
        expect(readCast(written(list))).toEqual({ header, events: list })
      }),
      times(500),
    )
  })

  it.each([
    ['no newline at its end', (text: string) => text.slice(0, -1)],
    ['a header of another version', (text: string) => text.replace('"version":2', '"version":3')],
    ['a header that says more', (text: string) => text.replace('{"env"', '{"command":"x","env"')],
    ['a terminal of no columns', (text: string) => text.replace('"width":80', '"width":0')],
    ['what was typed', (text: string) => text.replace('"o", "$ "', '"i", "$ "')],
    ['another spelling of a time', (text: string) => text.replace('[1.250', '[1.25')],
    ['another spelling of a text', (text: string) => text.replace('"$ "', '"\\u0024 "')],
    ['times that go back', (text: string) => text.replace('[1.251', '[1.249')],
    ['an unknown size', (text: string) => text.replace('100x30', '100x301')],
    ['an end that nobody knows', (text: string) => text.replace('ended: exited', 'ended: well')],
    ['something after its end', (text: string) => `${text}[61.008, "o", "x"]\n`],
    ['a text that is too long', (text: string) => text.replace('$ ', 'x'.repeat(MOST_DATA + 1))],
    ['an empty line', (text: string) => text.replace('\n', '\n\n')],
  ])('is refused with %s', (_, spoil) => {
    const text = fromUtf8(VECTOR)
    const spoilt = spoil(text)
    expect(spoilt).not.toBe(text)
    expect(() => readCast(spoilt)).toThrow(expect.objectContaining({ code: 'bad-record' }))
  })

  it('is refused where a part is not the one that is named', () => {
    const parts = [utf8('a\n'), utf8('b\n')]
    expect(castText(parts, parts.map(digest))).toBe('a\nb\n')
    const altered = 'this is not the recording that the statement names'
    expect(() => castText([...parts].reverse(), parts.map(digest))).toThrow(altered)
    expect(() => castText(parts.slice(1), parts.map(digest))).toThrow(altered)
  })

  it('cuts long output into events that fit, and tears no character', () => {
    const text = `${'x'.repeat(MOST_DATA - 1)}\ud83d\udd11y`
    const cut = outputEvents(5, text)
    expect(cut.map((event) => (event.type === 'output' ? event.text : ''))).toEqual([
      'x'.repeat(MOST_DATA - 1),
      '\ud83d\udd11y',
    ])
  })

  it('is counted into as many parts as it is cut into (property)', () => {
    const line = fc.integer({ min: 2, max: 98_400 }).map((length) => utf8('x'.repeat(length)))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (lines, most) => {
        const counter = new PartCounter()
        const fitting: Uint8Array[] = []
        for (const one of lines) if (counter.add(one, most)) fitting.push(one)
        expect(partsOfLines(fitting).length).toBeLessThanOrEqual(most)
        const refused = lines.find((one) => !fitting.includes(one))
        if (refused === undefined) return
        // With the last line behind it, it would take one part more.
        const filled = [...lines.slice(0, lines.indexOf(refused)), refused, utf8('x'.repeat(64))]
        expect(partsOfLines(filled).length).toBe(most + 1)
      }),
      times(60),
    )
  })
})
