import { ristretto255 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SecretsErrorCode } from './errors.ts'
import { checkCommitments, combine, verifyShare } from './sharing.ts'
import { apart, pick, quorums } from './testing/dealings.ts'
import { dealt, flipped, type Refusal, refused } from './testing/setup.ts'

const { Point } = ristretto255
const refusal = (code: SecretsErrorCode, index?: number): Refusal => ({ code, index })

describe('commitments', () => {
  it('of a lower or higher degree than the plan asks for are refused, though the shares fit them', () => {
    const { dealing, known } = dealt({ threshold: 3, members: 5 }, 'degree')
    const [first] = apart(dealing.shares, [1])
    for (const threshold of [2, 4])
      expect(refused(() => verifyShare({ ...first, ...known, threshold }))).toEqual(refusal('share-wrong-degree'))
  })

  it('filled up with the identity to the right number are refused', () => {
    const { known } = dealt({ threshold: 2, members: 5 }, 'filled up')
    const padded = [...known.commitments, Point.ZERO.toBytes()]
    expect(refused(() => checkCommitments(padded, 3))).toEqual(refusal('commitments-malformed'))
  })

  it('of which one is replaced fit nobody any more', () => {
    fc.assert(
      fc.property(quorums, fc.nat(), fc.bigInt(2n, 2n ** 200n), ({ made: { dealing, known }, chosen }, nth, scalar) => {
        const replaced = nth % known.threshold
        const commitments = known.commitments.map((bytes, at) =>
          at === replaced ? Point.BASE.multiply(scalar).toBytes() : bytes,
        )
        const [first] = apart(dealing.shares, chosen)
        expect(refused(() => combine(pick(dealing.shares, chosen), { ...known, commitments }))).toEqual(
          refusal('share-invalid', first.index),
        )
      }),
      { numRuns: 15 },
    )
  })

  it('with any bit turned are never accepted', () => {
    fc.assert(
      fc.property(quorums, fc.nat(), fc.nat(255), ({ made: { dealing, known }, chosen }, nth, bit) => {
        const altered = nth % known.threshold
        const commitments = known.commitments.map((bytes, at) => (at === altered ? flipped(bytes, bit) : bytes))
        const refusal = refused(() => combine(pick(dealing.shares, chosen), { ...known, commitments }))
        expect(refusal?.code).toMatch(/^(commitments-malformed|share-invalid)$/)
      }),
      { numRuns: 25 },
    )
  })

  it('in another order fit nobody any more', () => {
    const { dealing, known } = dealt({ threshold: 3, members: 5 }, 'order')
    const [first] = apart(dealing.shares, [2])
    const commitments = [...known.commitments].reverse()
    expect(refused(() => verifyShare({ ...first, ...known, commitments }))).toEqual(refusal('share-invalid', 2))
  })
})
