import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pieces } from './odd-characters.ts'

const marks = (text: string) => pieces(text).filter(({ kind }) => kind !== 'plain')

describe('a text from somebody', () => {
  it('loses nothing and gains nothing (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(
          pieces(text)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })

  it.each([
    ['a right-to-left override', 'drowssap\u202e', 'U+202E'],
    ['a zero-width space', 'pass\u200bword', 'U+200B'],
    ['a soft hyphen', 'pass\u00adword', 'U+00AD'],
    ['a byte order mark', '\ufefftext', 'U+FEFF'],
    ['a control character', 'a\u0007b', 'U+0007'],
    ['a no-break space', 'a\u00a0b', 'U+00A0'],
    ['a Hangul filler, a letter that does not show', 'a \u3164 b', 'U+3164'],
    ['a tag character', 'a\u{e0041}', 'U+E0041'],
  ])('has %s marked with its number', (_what, text, name) => {
    expect(marks(text)).toMatchObject([{ kind: 'hidden', name }])
  })

  it('has a Cyrillic letter within a Latin word marked', () => {
    expect(marks('prod-r\u043eot')).toEqual([{ kind: 'mixed', text: '\u043e', name: 'Cyrillic' }])
  })

  it('has a Greek letter within a Latin word marked', () => {
    expect(marks('Al\u03bfe')).toEqual([{ kind: 'mixed', text: '\u03bf', name: 'Greek' }])
  })

  it.each(['Ruth Díaz', 'Kim Sørensen', 'Олена Шевченко', 'Νίκος', '山田太郎', 'مريم', 'two\nlines'])(
    'is left alone when it is only another language: %s',
    (text) => {
      expect(marks(text)).toEqual([])
    },
  )
})
