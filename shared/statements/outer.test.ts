import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toBase64Url, utf8 } from '../bytes.ts'
import { readVector } from '../testing/vector-file.ts'
import { StatementError } from './errors.ts'
import { type Outer, outerByRule, readOuter } from './outer.ts'

const folder = new URL('vectors/door/', import.meta.url)
const envelopes = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => readVector(file.slice(0, -4), readFileSync(new URL(file, folder))).envelope)

/** What comes of an envelope: its parts, or the refusal with its words. As text, since tens of thousands are compared. */
function outcome(read: (envelope: Uint8Array) => Outer, envelope: Uint8Array): string {
  try {
    const outer = read(envelope)
    const [payload, signedBytes] = [toBase64Url(outer.payload), toBase64Url(outer.signedBytes)]
    return JSON.stringify({ ...outer, payload, signedBytes })
  } catch (error) {
    if (error instanceof StatementError) return `${error.code}: ${error.message}`
    throw error
  }
}

const PIECES = [
  '"',
  '{',
  '}',
  ',',
  '=',
  '\\',
  '\\u0041',
  ' ',
  '\n',
  '\u00e9',
  'A',
  '_',
  '0',
  '"sig":"AA",',
  '[]',
  '.',
  'x-',
]

/** An envelope with one piece of it replaced, removed or put in; near its end more often, where all but the payload stands. */
const changed = fc
  .record({
    of: fc.constantFrom(...envelopes),
    at: fc.oneof(
      fc.nat(),
      fc.nat(900).map((back) => -1 - back),
    ),
    gone: fc.constantFrom(0, 0, 1, 1, 2, 5, 43),
    put: fc.oneof(fc.constantFrom(...PIECES).map(utf8), fc.uint8Array({ maxLength: 2 })),
  })
  .map(({ of, at, gone, put }) => {
    const from = at < 0 ? Math.max(0, of.length + at) : at % (of.length + 1)
    return concat(of.subarray(0, from), put, of.subarray(from + gone))
  })

describe('taking an envelope apart', () => {
  it('is the same the quick way as by the rules, for every vector', () => {
    for (const envelope of envelopes) expect(outcome(readOuter, envelope)).toBe(outcome(outerByRule, envelope))
  })

  it.each(['valid-decision', 'valid-ready'])('is so with any one byte behind the payload of %s changed', (name) => {
    const whole = readVector(name, readFileSync(new URL(`${name}.txt`, folder))).envelope
    for (let at = whole.indexOf(0x22, 12); at < whole.length; at++)
      for (const put of 'AB_="') {
        const envelope = concat(whole.subarray(0, at), utf8(put), whole.subarray(at + 1))
        expect(outcome(readOuter, envelope)).toBe(outcome(outerByRule, envelope))
      }
  })

  it('is the same the quick way as by the rules, whatever is changed', () => {
    fc.assert(
      fc.property(changed, (envelope) => {
        expect(outcome(readOuter, envelope)).toBe(outcome(outerByRule, envelope))
      }),
      { numRuns: 5000 },
    )
  })
})
