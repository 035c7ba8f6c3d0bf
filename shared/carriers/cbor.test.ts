import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cbor, CborError, decodeCbor, encodeCbor } from './cbor.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const unhex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

const { item } = fc.letrec<{ item: Cbor }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
    fc.array(tie('item'), { maxLength: 30 }),
    fc
      .array(fc.tuple(fc.oneof(fc.maxSafeInteger(), fc.string()), tie('item')), { maxLength: 30 })
      .map((entries) => new Map(entries)),
  ),
}))

describe('CBOR', () => {
  // RFC 8949 appendix A.
  it.each<[Cbor, string]>([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [255, '18ff'],
    [256, '190100'],
    [1_000_000, '1a000f4240'],
    [1_000_000_000_000, '1b000000e8d4a51000'],
    [-1, '20'],
    [-1000, '3903e7'],
    [false, 'f4'],
    [true, 'f5'],
    [null, 'f6'],
    [Uint8Array.of(1, 2, 3, 4), '4401020304'],
    ['\u{10151}', '64f0908591'],
    [[1, [2, 3], [4, 5]], '8301820203820405'],
    [
      new Map<string, Cbor>([
        ['a', 1],
        ['b', [2, 3]],
      ]),
      'a26161016162820203',
    ],
  ])('writes and reads %o as the standard says', (value, bytes) => {
    expect(hex(encodeCbor(value))).toBe(bytes)
    expect(decodeCbor(unhex(bytes))).toEqual(value)
  })

  it('puts keys into the order of their bytes (RFC 8949 §4.2.1)', () => {
    const map = new Map<number | string, Cbor>([
      ['aa', 1],
      ['z', 2],
      [100, 3],
      [10, 4],
    ])
    expect(hex(encodeCbor(map))).toBe('a40a04186403617a0262616101')
  })

  it('gives back what was written', () => {
    fc.assert(
      fc.property(item, (value) => {
        expect(decodeCbor(encodeCbor(value))).toEqual(value)
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['a length that is not there', '58ff00'],
    ['an array of four billion', '9affffffff00'],
    ['a second item', '0000'],
    ['a longer form than needed', '1817'],
    ['a longer form of two bytes than needed', '1900ff'],
    ['an indefinite length', '9fff'],
    ['a tag', 'c000'],
    ['a fraction', 'f93c00'],
    ['an integer that is not safe', '1b0020000000000000'],
    ['keys out of order', 'a2010000f6'],
    ['a key twice', 'a200000000'],
    ['a key of bytes', 'a14000'],
    ['text that is not UTF-8', '61ff'],
    ['nesting without an end', '81'.repeat(100_000)],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decodeCbor(unhex(bytes))).toThrow(CborError)
  })

  it('refuses to write what is no safe integer', () => {
    for (const value of [0.5, 2 ** 53, -0, Number.NaN]) expect(() => encodeCbor(value)).toThrow(TypeError)
  })
})
