/** A piece of a text: as it is, or marked because it looks like something else or like nothing. */
export type Piece =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'hidden'; readonly text: string; readonly name: string }
  | { readonly kind: 'mixed'; readonly text: string; readonly name: string }

// Everything that does not show, or shows as a space that is not one: controls but for a line break, formats
// (bidirectional controls, joiners, soft hyphens, the byte order mark), separators, unassigned and private ones,
// and fillers that are letters only by name.
const HIDDEN = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0\u2800]|(?!\n)\p{Cc}|(?! )\p{Zs}/u

const SCRIPTS: readonly (readonly [name: string, test: RegExp])[] = [
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
  ['full-width', /[\uff01-\uff5e]/u],
]
const LATIN = /\p{Script=Latin}/u

/**
 * Splits a text so that characters which could deceive can be marked: those that do not show, and letters of another
 * alphabet within a Latin word (a Cyrillic "а" in "paypаl").
 */
export function pieces(text: string): Piece[] {
  return text
    .split(/([^\p{L}\p{M}]+)/u)
    .flatMap((part) => (LATIN.test(part) && hasForeign(part) ? mixedWord(part) : Array.from(part, plainOrHidden)))
    .reduce<Piece[]>(joined, [])
}

const hasForeign = (word: string) => SCRIPTS.some(([, test]) => test.test(word))

function mixedWord(word: string): Piece[] {
  return Array.from(word, (letter) => {
    const script = SCRIPTS.find(([, test]) => test.test(letter))
    return script === undefined ? plainOrHidden(letter) : { kind: 'mixed', text: letter, name: script[0] }
  })
}

function plainOrHidden(letter: string): Piece {
  if (!HIDDEN.test(letter)) return { kind: 'plain', text: letter }
  const point = letter.codePointAt(0) ?? 0
  return { kind: 'hidden', text: letter, name: `U+${point.toString(16).toUpperCase().padStart(4, '0')}` }
}

function joined(done: Piece[], piece: Piece): Piece[] {
  const last = done.at(-1)
  if (last?.kind !== 'plain' || piece.kind !== 'plain') return [...done, piece]
  return [...done.slice(0, -1), { kind: 'plain', text: last.text + piece.text }]
}
