import { ristretto255, ristretto255_FROST } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SecretsErrorCode } from './errors.ts'
import { combine, deal, type PublicDealing, type Share, verifyingShare, verifyShare, wipeDealing } from './sharing.ts'
import { apart, pick, quorums, thresholds } from './testing/dealings.ts'
import { dealt, flipped, type Refusal, refused, seeded } from './testing/setup.ts'

const { Point } = ristretto255

const refusal = (code: SecretsErrorCode, index?: number): Refusal => ({ code, index })

describe('a dealing', () => {
  it('gives s with s·G = C₀ back from any M valid shares', () => {
    fc.assert(
      fc.property(quorums, ({ made: { dealing, known }, chosen }) => {
        const secret = combine(pick(dealing.shares, chosen), known)
        expect(secret).toEqual(dealing.secret)
        expect(Point.BASE.multiply(Point.Fn.fromBytes(secret)).toBytes()).toEqual(known.commitments[0])
      }),
      { numRuns: 25 },
    )
  })

  it('never gives s from M − 1 shares, not even to a combine that asks for no more', () => {
    fc.assert(
      fc.property(quorums, ({ made: { dealing, known }, chosen }) => {
        const few = pick(dealing.shares, chosen.slice(1))
        expect(refused(() => combine(few, known))).toEqual(refusal('share-count'))
        const [only] = few
        const guess =
          few.length === 1 ? only?.share : ristretto255_FROST.combineSecret(few.map(asFrost), { min: 2, max: 15 })
        expect(guess).not.toEqual(dealing.secret)
      }),
      { numRuns: 25 },
    )
  })

  it('cannot be combined with more shares than its threshold', () => {
    const { dealing, known } = dealt({ threshold: 3, members: 5 }, 'too many')
    expect(refused(() => combine(dealing.shares, known))).toEqual(refusal('share-count'))
  })

  it('deals to every index from 1 to N, in order', () => {
    const { dealing } = dealt({ threshold: 2, members: 15 }, 'fifteen')
    expect(dealing.shares.map((share) => share.index)).toEqual(Array.from({ length: 15 }, (_, at) => at + 1))
  })

  it('gives everybody the verifying share that fits the share', () => {
    fc.assert(
      fc.property(thresholds, fc.string(), (threshold, seed) => {
        const { dealing, known } = dealt(threshold, seed)
        for (const { index, share } of dealing.shares)
          expect(verifyingShare(known.commitments, index)).toEqual(
            Point.BASE.multiply(Point.Fn.fromBytes(share)).toBytes(),
          )
      }),
      { numRuns: 8 },
    )
  })

  it.each([
    [1, 3],
    [0, 3],
    [4, 3],
    [2, 16],
    [2.5, 5],
    [2, Number.NaN],
  ])('is never %d of %d', (threshold, members) => {
    expect(refused(() => deal({ threshold, members }, seeded('no')))).toEqual(refusal('threshold-refused'))
  })

  it('wipes the random bytes that it drew', () => {
    const drawn: Uint8Array[] = []
    const random = seeded('wiped')
    deal({ threshold: 3, members: 5 }, (length) => {
      const bytes = random(length)
      drawn.push(bytes)
      return bytes
    })
    expect(drawn.length).toBe(3)
    expect(drawn.flatMap((bytes) => [...bytes]).filter((byte) => byte !== 0)).toEqual([])
  })

  it('holds no secret and no share once wiped', () => {
    const { dealing } = dealt({ threshold: 2, members: 3 }, 'wipe')
    wipeDealing(dealing)
    const secrets = [dealing.secret, ...dealing.shares.map(({ share }) => share)]
    expect(secrets).toEqual(secrets.map(() => new Uint8Array(32)))
  })
})

describe('checking a share', () => {
  const order = Point.Fn.ORDER
  const little = (scalar: bigint) =>
    Uint8Array.from({ length: 32 }, (_, at) => Number((scalar >> BigInt(8 * at)) & 0xffn))
  const made = [
    dealt({ threshold: 2, members: 3 }, 'one'),
    dealt({ threshold: 3, members: 5 }, 'other'),
    dealt({ threshold: 3, members: 5 }, 'third'),
  ]

  it('comes to what the library says of it, in whichever order dealings come', () => {
    const scalars = [0n, 1n, order - 1n, order, order + 1n, 2n ** 256n - 1n].map(little)
    const shares = made.flatMap(({ dealing }) => dealing.shares.map(({ share }) => share))
    const bytes = fc.oneof(
      fc.constantFrom(...shares),
      fc.constantFrom(...scalars),
      fc.tuple(fc.constantFrom(...shares), fc.nat(255)).map(([share, bit]) => flipped(share, bit)),
      // A share that differs by the order is the same number, spelled otherwise.
      fc.constantFrom(...shares).map((share) => little(Point.Fn.fromBytes(share) + order)),
      fc.uint8Array({ maxLength: 40 }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...made), fc.integer({ min: 1, max: 3 }), bytes, ({ known }, index, share) => {
        const pub = {
          signers: { min: known.threshold, max: known.members },
          commitments: [...known.commitments],
          verifyingShares: {},
        }
        let isGood = true
        try {
          ristretto255_FROST.validateSecret(asFrost({ index, share }), pub)
        } catch {
          isGood = false
        }
        expect(refused(() => verifyShare({ index, share, ...known }))).toEqual(
          isGood ? null : refusal('share-invalid', index),
        )
      }),
      { numRuns: 150 },
    )
  })
})

describe('combining', () => {
  /** What becomes of many combines in which one share, the last, is changed; and the index that should be named. */
  const combineWith = (change: (share: Share, known: PublicDealing) => Share) =>
    fc.sample(quorums, 15).map(({ made: { dealing, known }, chosen }) => {
      const [first, others] = apart(dealing.shares, chosen)
      const bad = change(first, known)
      return { refusal: refused(() => combine([...others, bad], known)), index: bad.index }
    })

  it('refuses and names an altered share', () => {
    fc.assert(
      fc.property(quorums, fc.nat(255), ({ made: { dealing, known }, chosen }, bit) => {
        const [first, others] = apart(dealing.shares, chosen)
        const bad = { index: first.index, share: flipped(first.share, bit) }
        expect(refused(() => combine([...others, bad], known))).toEqual(refusal('share-invalid', first.index))
      }),
      { numRuns: 25 },
    )
  })

  it('refuses and names a share under the index of another', () => {
    fc.assert(
      fc.property(quorums, ({ made: { dealing, known }, chosen }) => {
        const [first, others] = apart(dealing.shares, chosen)
        const [second] = others
        const swapped = [
          { index: first.index, share: second?.share ?? first.share },
          { index: second?.index ?? 0, share: first.share },
          ...others.slice(1),
        ]
        expect(refused(() => combine(swapped, known))).toEqual(refusal('share-invalid', first.index))
      }),
      { numRuns: 15 },
    )
  })

  it('refuses and names an index that comes twice', () => {
    const { dealing, known } = dealt({ threshold: 3, members: 5 }, 'twice')
    const shares = pick(dealing.shares, [2, 4, 4])
    expect(refused(() => combine(shares, known))).toEqual(refusal('share-wrong-index', 4))
  })

  it('refuses and names an index after the last', () => {
    const outcomes = combineWith((share, { members }) => ({ ...share, index: members + 1 }))
    expect(outcomes).toEqual(outcomes.map(({ index }) => ({ refusal: refusal('share-wrong-index', index), index })))
  })

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])('refuses and names index %d', (index) => {
    const outcomes = combineWith((share) => ({ ...share, index }))
    expect(outcomes).toEqual(outcomes.map(({ index }) => ({ refusal: refusal('share-wrong-index', index), index })))
  })

  it('refuses and names a share of another dealing', () => {
    const another = dealt({ threshold: 2, members: 15 }, 'another dealing').dealing
    const outcomes = combineWith(({ index }) => apart(another.shares, [index])[0])
    expect(outcomes).toEqual(outcomes.map(({ index }) => ({ refusal: refusal('share-invalid', index), index })))
  })

  it('says nothing of the share in any message of a refusal', () => {
    const { dealing, known } = dealt({ threshold: 2, members: 3 }, 'quiet')
    const [first] = apart(dealing.shares, [1])
    const bad = [flipped(first.share, 0), first.share.map(() => 255), first.share.slice(1), new Uint8Array(32)]
    for (const share of bad) {
      const text = messagesOf(() => verifyShare({ ...known, index: 1, share }))
      expect(text).toContain('the share of index 1')
      expect(text).not.toMatch(/[0-9]{20}|[0-9a-f]{20}/)
    }
  })

  it('leaves the shares of the caller as they were', () => {
    const { dealing, known } = dealt({ threshold: 2, members: 3 }, 'untouched')
    const shares = dealing.shares.slice(0, 2).map(({ index, share }) => ({ index, share: Uint8Array.from(share) }))
    combine(shares, known)
    expect(shares).toEqual(dealing.shares.slice(0, 2))
  })
})

function asFrost({ index, share }: Share) {
  return { identifier: ristretto255_FROST.Identifier.fromNumber(index), signingShare: share }
}

function messagesOf(run: () => unknown): string {
  try {
    run()
    return ''
  } catch (error) {
    const chain: string[] = []
    for (let at = error; at instanceof Error; at = at.cause) chain.push(at.message)
    return chain.join('; ')
  }
}
