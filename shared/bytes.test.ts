import { base64urlnopad } from '@scure/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from './bytes.ts'

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
        expect(decoded(() => fromBase64Url(given))).toEqual(decoded(() => base64urlnopad.decode(given)))
      }),
      { numRuns: 5000 },
    )
  })

  it.each(['A', 'AAAAA', 'AB', 'AAB', 'AA==', 'A+AA', 'A/AA', 'AA A', '\u0141AAA'])('refuses %j', (text) => {
    expect(() => fromBase64Url(text)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})
