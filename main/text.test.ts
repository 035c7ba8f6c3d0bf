import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineField } from '../shared/statements/fields.ts'
import { cutTo, lineFrom } from './text.ts'

describe('a text that is cut', () => {
  it('keeps whole characters, and as many as fit', () => {
    expect(['𠮷𠮷', '𠮷a𠮷', 'abcd'].map((text) => cutTo(text, 3))).toEqual(['𠮷', '𠮷a', 'abc'])
  })
})

describe('a line from any text', () => {
  it('is one that a statement takes, and the beginning of what was said', () => {
    const odd = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '𠮷', '\ud800', '\u202e', 'e\u0301', '\u00ad') })
    fc.assert(
      fc.property(fc.oneof(odd, fc.string({ unit: 'binary' })), fc.nat({ max: 20 }), (text, most) => {
        expect(lineField(most, 0).safeParse(lineFrom(text, most)).success).toBe(true)
      }),
    )
    expect(lineFrom(`The share of Ana\nand ${'Raj '.repeat(9)}`, 21)).toBe('The share of Ana and')
  })
})
