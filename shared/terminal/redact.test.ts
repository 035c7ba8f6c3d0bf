import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { times } from '../testing/runs.ts'
import { REDACTED, Redactor } from './redact.ts'

/** What comes out of pieces, piece by piece. */
function redacted(secrets: readonly string[], pieces: readonly string[]): string[] {
  const redactor = new Redactor(secrets)
  return [...pieces.map((piece) => redactor.push(piece)), redactor.end()]
}

/** Few letters, so that secrets begin, overlap and repeat everywhere. */
const letters = (minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom('x', 'y', 'z'), { minLength, maxLength }).map((all) => all.join(''))
const secrets = fc.array(letters(2, 6), { minLength: 1, maxLength: 3 })

/** A text in pieces, with secrets strewn into it. */
const cut = secrets.chain((all) =>
  fc
    .tuple(
      fc.array(fc.oneof(letters(0, 8), fc.constantFrom(...all)), { maxLength: 12 }),
      fc.array(fc.nat(100), { maxLength: 8 }),
    )
    .map(([parts, places]) => {
      const text = parts.join('')
      const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
      return { all, text, pieces: [...at, text.length].map((to, index) => text.slice(at[index - 1] ?? 0, to)) }
    }),
)

describe('taking secrets out of a recording', () => {
  it('leaves no secret, however the text was cut (property)', () => {
    fc.assert(
      fc.property(cut, ({ all, pieces }) => {
        const out = redacted(all, pieces).join('')
        for (const secret of all) expect(out).not.toContain(secret)
      }),
      times(2000),
    )
  })

  it('never lets a piece out that the next one would make a secret of (property)', () => {
    fc.assert(
      fc.property(cut, ({ all, pieces }) => {
        // Killed after any piece, what was let out until then is all that was kept: it holds no secret, and no more than was said.
        const out = redacted(all, pieces)
        for (let kept = 0; kept <= pieces.length; kept++) {
          const text = out.slice(0, kept).join('')
          for (const secret of all) expect(text).not.toContain(secret)
        }
      }),
      times(500),
    )
  })

  it('keeps everything else, whatever the pieces (property)', () => {
    fc.assert(
      fc.property(cut, ({ text, pieces }) => {
        expect(redacted(['abc', 'a'.repeat(9)], pieces).join('')).toBe(text)
      }),
      times(500),
    )
  })

  it('gives the same wherever the text was cut, for one secret that is not within itself (property)', () => {
    fc.assert(
      fc.property(cut, ({ text, pieces }) => {
        expect(redacted(['xyzz'], pieces).join('')).toBe(text.replaceAll('xyzz', REDACTED))
      }),
      times(500),
    )
  })

  it('holds what may be the beginning of a secret, and gives it back when it is none', () => {
    const redactor = new Redactor(['wJalrXUtnFEMI'])
    expect(redactor.push('key: wJalr')).toBe('key: ')
    expect(redactor.push('!')).toBe('wJalr!')
    expect(redactor.push('wJalr')).toBe('')
    expect(redactor.push('XUtnFEMI\r\n')).toBe(`${REDACTED}\r\n`)
    expect(redactor.push('ends wJ')).toBe('ends ')
    expect(redactor.end()).toBe('wJ')
  })
})
