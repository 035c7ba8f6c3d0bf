import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from './bytes.ts'
import { jcs, parseJcs } from './jcs.ts'

/** The slow way, which the quick one must never differ from. */
function isCanonical(text: string): boolean {
  try {
    return canonicalize(JSON.parse(text)) === text
  } catch {
    return false
  }
}

const isTaken = (text: string): boolean => {
  try {
    parseJcs(utf8(text))
    return true
  } catch {
    return false
  }
}

// A cut may halve a surrogate pair, which no UTF-8 can hold.
const wellFormed = (text: string): string => new TextDecoder().decode(utf8(text))

const key = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('a', 'b', 'aa', 'é', '10', '9', '__proto__', '', '\ud83d\ude00', '\ufb01'),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}))

/** Says how it is written, and in another order than the canonical one. */
const SAYS_ITSELF = { toJSON: () => ({ b: 1, a: 2 }) }

/** What may be asked to be written, JSON or not. */
const { anything } = fc.letrec((tie) => ({
  anything: fc.oneof(
    { maxDepth: 3 },
    value,
    fc.double(),
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constantFrom(undefined, '\ud800', '\u0001', '\\u', new Date(0), SAYS_ITSELF, Symbol('none')),
    fc.array(tie('anything'), { maxLength: 3 }),
    fc.dictionary(key, tie('anything'), { maxKeys: 4 }),
  ),
}))

describe('canonical JSON', () => {
  it('is written the quick way exactly as the slow way writes it, or refused by both', () => {
    const written = (write: (given: unknown) => string | undefined, given: unknown) => {
      try {
        return write(given) ?? 'refused'
      } catch {
        return 'refused'
      }
    }
    fc.assert(
      fc.property(anything, (given) => {
        const quick = written((one) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(jcs(one)), given)
        expect(quick).toBe(written(canonicalize, given))
      }),
      { numRuns: 5000 },
    )
  })

  it('is taken as it is written', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(isTaken(new TextDecoder().decode(jcs(given)))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('is told from other JSON exactly as RFC 8785 does', () => {
    const text = fc.oneof(
      value.map((given) => JSON.stringify(given)),
      value.map((given) => JSON.stringify(given, null, 1)),
      fc
        .tuple(value, fc.nat(40), fc.constantFrom('', ' ', '0', '\\u0041', '\\ud800', '"a":1,'))
        .map(([given, at, put]) => {
          const whole = JSON.stringify(given)
          return whole.slice(0, at) + put + whole.slice(at)
        }),
    )
    fc.assert(
      fc.property(text.map(wellFormed), (given) => {
        expect(isTaken(given)).toBe(isCanonical(given))
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    '{"b":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a":1,"a":2}',
    '{"9":1,"10":2}',
    '"\\ud800"',
    '"\\u0041"',
    '"\\/"',
    '[1.0]',
    '[1e3]',
    '[-0]',
    '[ 1]',
    '{"a":{"c":1,"b":2}}',
    '[{"b":1,"a":1}]',
  ])('refuses %s', (text) => {
    expect(isTaken(text)).toBe(false)
  })

  it.each(['{"10":1,"9":2}', '"\\u001f"', '{"":1,"a":2}', '{"\ud83d\ude00":1,"\ufb01":2}'])('takes %s', (text) => {
    expect(isTaken(text)).toBe(true)
  })

  it('nested deeper than 16 is refused before it is parsed, however many brackets are in its texts', () => {
    expect(isTaken(`${'['.repeat(16)}${']'.repeat(16)}`)).toBe(true)
    expect(isTaken(`${'['.repeat(17)}${']'.repeat(17)}`)).toBe(false)
    expect(isTaken(JSON.stringify('['.repeat(40)))).toBe(true)
    expect(isTaken('['.repeat(100_000))).toBe(false)
  })
})
