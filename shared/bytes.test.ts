import { base64urlnopad } from '@scure/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64Url, fromBase64Url, fromUtf8, lengthInBase64Url, standsAt, toBase64Url, utf8 } from './bytes.ts'

const decoded = (decode: () => Uint8Array): number[] | null => {
  try {
    return [...decode()]
  } catch {
    return null
  }
}

describe('base64url', () => {
  it('decodes and refuses exactly what the library does, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'ABCXYZabcxyz0189-_=+/ \u0100'.split('')), maxLength: 12 }),
      fc.uint8Array({ maxLength: 99 }).map(toBase64Url),
    )
    fc.assert(
      fc.property(text, (given) => {
        const expected = decoded(() => base64urlnopad.decode(given))
        expect(decoded(() => fromBase64Url(given))).toEqual(expected)
        const bytes = decodeBase64Url(utf8(given))
        expect(bytes && [...bytes]).toEqual(expected)
        const codes = utf8(given)
        const within = decodeBase64Url(utf8(`A${given}"`), 1, 1 + codes.length)
        expect(within && [...within]).toEqual(expected)
        expect(lengthInBase64Url(given)).toBe(expected?.length ?? null)
      }),
      { numRuns: 5000 },
    )
  })

  it('is written as the library writes it', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 99 }), fc.uint8Array({ minLength: 6000, maxLength: 6300 }))
    fc.assert(
      fc.property(bytes, (given) => {
        expect(toBase64Url(given)).toBe(base64urlnopad.encode(given))
      }),
    )
  })

  it.each(['A', 'AAAAA', 'AB', 'AAB', 'AA==', 'A+AA', 'A/AA', 'AA A', '\u0141AAA'])('refuses %j', (text) => {
    expect(() => fromBase64Url(text)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})

describe('bytes among others', () => {
  it('stand only where all of them do', () => {
    const bytes = utf8('{"at":12,"entry":{}}')
    expect(standsAt(bytes, 8, utf8(',"entry":'))).toBe(true)
    expect(standsAt(bytes, 7, utf8(',"entry":'))).toBe(false)
    expect(standsAt(bytes, 8, utf8(',"entrx":'))).toBe(false)
    expect(standsAt(bytes, bytes.length - 1, utf8('}}'))).toBe(false)
  })
})

describe('UTF-8', () => {
  it('is read as if nothing had been read before, also after bytes that are none', () => {
    for (const broken of [[0xc3], [0xe2, 0x82], [0xff], [0x41, 0xf0, 0x9f]]) {
      expect(() => fromUtf8(Uint8Array.from(broken))).toThrow(expect.objectContaining({ code: 'malformed' }))
      expect(fromUtf8(utf8('\ufeff\u00e9\u20ac'))).toBe('\ufeff\u00e9\u20ac')
    }
  })
})
