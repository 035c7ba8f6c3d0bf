import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromUtf8, utf8 } from '../bytes.ts'
import { type Json, jcs } from '../jcs.ts'
import { readVector } from '../testing/vector-file.ts'
import { parse, payloadByRule } from './envelope.ts'
import { StatementError } from './errors.ts'
import { KINDS, type Kind } from './kinds.ts'
import { readOuter } from './outer.ts'
import { plainReader } from './plain.ts'

const folder = new URL('vectors/door/', import.meta.url)
/** A payload of each kind. */
const payloads = readdirSync(folder)
  .filter((file) => file.startsWith('valid-'))
  .map((file) => readOuter(readVector(file.slice(0, -4), readFileSync(new URL(file, folder))).envelope))
  .map(({ kind, payload }) => ({ kind, payload }))

const readers = new Map(Object.entries(KINDS).map(([kind, { payload }]) => [kind as Kind, plainReader(payload)]))

/** Holds what the quick way says of bytes against the rules; whether it took them. */
function isTaken(kind: Kind, bytes: Uint8Array): boolean {
  const quick = readers.get(kind)?.(bytes) ?? null
  if (quick === null) return false
  expect(payloadByRule(kind, bytes)).toEqual(quick)
  return true
}

type Value = Json | undefined
const TEXTS = [0, 1, 2, 16, 64, 65, 128, 129, 256, 257, 500, 501, 1000, 1001, 2000, 2001].map((long) =>
  'a'.repeat(long),
)
const DIGEST = 'A'.repeat(43)
const NUMBERS: readonly Value[] = [
  0, 1, 2, 9, 10, 14, 15, 16, 99, 100, 101, 43_199, 43_200, 43_201, 999_999, 1_000_000, 1_000_001, -1, 1.5, 1e16,
]
const TIMES: readonly Value[] = [
  7_258_118_399_999,
  7_258_118_400_000,
  7_258_118_400_001,
  2 ** 53 - 1,
  1 - 2 ** 53,
  2 ** 53,
  4_503_599_627_370_496,
]
const SPELLINGS: readonly Value[] = [
  ' a',
  'a ',
  'a b',
  'a\nb',
  'a\tb',
  'a"b',
  'a\\b',
  'é',
  'e\u0301',
  '\u202e',
  'a\u007f',
  '\u0000',
  'a-b',
  'A',
  '-a',
]
const DIGESTS: readonly Value[] = [
  DIGEST,
  `${DIGEST.slice(1)}B`,
  `${DIGEST.slice(1)}E`,
  `${DIGEST}A`,
  DIGEST.slice(1),
  `${'_'.repeat(42)}8`,
  `+${DIGEST.slice(1)}`,
]
const WORDS: readonly Value[] = [
  'approve',
  'deny',
  'access',
  'drill',
  'timer',
  'done',
  'none',
  'aws-refused',
  'log',
  'file',
  'lb@case=1',
]
const OTHERS: readonly Value[] = [
  null,
  true,
  false,
  {},
  [],
  [DIGEST],
  [DIGEST, DIGEST],
  Array.from({ length: 15 }, () => DIGEST),
  undefined,
]
const LISTS: readonly Value[] = [
  Array.from({ length: 16 }, () => DIGEST),
  Array.from({ length: 17 }, () => 'a'),
  ['', 'a'],
  { case: null },
]
const PUTS: readonly Value[] = [...TEXTS, ...NUMBERS, ...TIMES, ...SPELLINGS, ...DIGESTS, ...WORDS, ...OTHERS, ...LISTS]

/** A value with each of its parts in turn replaced by `put`; left out, where that is undefined. */
function* changes(value: Json, put: Value): Generator<Value> {
  yield put
  if (Array.isArray(value))
    for (const [at, part] of (value as readonly Json[]).entries())
      for (const changed of changes(part, put))
        yield changed === undefined ? value.toSpliced(at, 1) : (value as readonly Json[]).with(at, changed)
  else if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value as Record<string, Json>))
      for (const changed of changes(part, put)) {
        const { [name]: _, ...others } = value as Record<string, Json>
        yield changed === undefined ? others : { ...(value as Record<string, Json>), [name]: changed }
      }
}

describe('a plain payload', () => {
  // Of these there are many in a log. What is signed seldom may go the long way.
  const MANY: readonly Kind[] = [
    'endorsement',
    'custody',
    'request',
    'decision',
    'withdrawal',
    'ready',
    'release',
    'issuing',
    'failed',
    'grant',
    'handover',
    'ended',
    'exported',
    'read',
  ]

  it.each(MANY)('%s is read the quick way', (kind) => {
    const own = payloads.filter((one) => one.kind === kind)
    expect(own.map(({ payload }) => isTaken(kind, payload))).toEqual(own.map(() => true))
    expect(own.length).toBeGreaterThan(0)
  })

  it('is read as by the rules, whatever stands in one of its places', () => {
    let taken = 0
    const one = new Map(
      payloads.filter(({ kind, payload }) => isTaken(kind, payload)).map(({ kind, payload }) => [kind, payload]),
    )
    for (const [kind, payload] of one)
      for (const put of PUTS)
        for (const changed of changes(JSON.parse(fromUtf8(payload)) as Json, put))
          if (changed !== undefined && isTaken(kind, utf8(JSON.stringify(changed)))) taken++
    // Else the quick way would take nothing, and could not be wrong.
    expect(taken).toBeGreaterThan(1000)
  })

  it('is read as by the rules, whatever is changed in its bytes', () => {
    const pieces = [
      '"',
      '{',
      '}',
      ',',
      ':',
      '\\',
      '\\u0041',
      ' ',
      '\n',
      '\u00e9',
      'A',
      '_',
      '0',
      '-',
      '.',
      'e5',
      '"a":1,',
      'null',
    ]
    const changed = fc.record({
      of: fc.constantFrom(...payloads),
      at: fc.nat(),
      gone: fc.constantFrom(0, 0, 1, 1, 2, 5, 43),
      put: fc.oneof(fc.constantFrom(...pieces).map(utf8), fc.uint8Array({ maxLength: 2 })),
    })
    fc.assert(
      fc.property(changed, ({ of: { kind, payload }, at, gone, put }) => {
        const from = at % (payload.length + 1)
        const bytes = concat(payload.subarray(0, from), put, payload.subarray(from + gone))
        // What it says of them is held against the rules in there.
        expect(isTaken(kind, bytes)).toBeTypeOf('boolean')
      }),
      { numRuns: 5000 },
    )
  })

  it('with its keys in another order, or one of them twice, is none', () => {
    for (const { kind, payload } of payloads) {
      const value = JSON.parse(fromUtf8(payload)) as Record<string, Json>
      const turned = Object.fromEntries(Object.entries(value).toReversed())
      expect(isTaken(kind, utf8(JSON.stringify(turned)))).toBe(false)
      expect(isTaken(kind, utf8(fromUtf8(payload).replace(/^\{("[^"]*":[^,{]*,)/, '{$1$1')))).toBe(false)
    }
  })

  it('that is to be sealed to a key of low order is none', () => {
    const ready = payloads.find(({ kind }) => kind === 'ready')?.payload ?? new Uint8Array()
    const low = fromUtf8(ready).replace(/"box":"[^"]*"/, `"box":"${DIGEST}"`)
    expect(isTaken('ready', ready)).toBe(true)
    expect(isTaken('ready', utf8(low))).toBe(false)
    expect(() => payloadByRule('ready', utf8(low))).toThrow(StatementError)
    expect(jcs(JSON.parse(low))).toEqual(utf8(low))
  })

  it('is the one that a statement has', () => {
    for (const file of readdirSync(folder).filter((name) => name.startsWith('valid-'))) {
      const { envelope } = readVector(file.slice(0, -4), readFileSync(new URL(file, folder)))
      const { kind, payload } = parse(envelope)
      expect(payload).toEqual(payloadByRule(kind, readOuter(envelope).payload))
    }
  })
})
