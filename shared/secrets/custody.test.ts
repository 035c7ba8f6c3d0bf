import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CustodyContext, proveCustody, verifyCustody } from './custody.ts'
import type { SecretsErrorCode } from './errors.ts'
import { verifyShare } from './sharing.ts'
import { dealt, flipped, named, type Refusal, refused } from './testing/setup.ts'

const { dealing, known } = dealt({ threshold: 3, members: 5 }, 'custody')
const context: CustodyContext = {
  organization: named('organization'),
  deposit: named('deposit'),
  member: 'bob',
  index: 2,
  nonce: named('deposit'),
}
const share = (index: number) => dealing.shares.find((one) => one.index === index)?.share ?? new Uint8Array()
const refusal = (code: SecretsErrorCode, index?: number): Refusal => ({ code, index })

describe('a proof of custody', () => {
  it('is accepted from every custodian, for the own index', () => {
    const outcomes = dealing.shares.map(({ index, share }) => {
      const own = { ...context, member: `custodian ${index}`, index }
      return verifyCustody(own, known, proveCustody(own, share))
    })
    expect(outcomes).toEqual([undefined, undefined, undefined, undefined, undefined])
  })

  it('does not come out the same twice, so that no nonce is used twice', () => {
    const proofs = Array.from({ length: 20 }, () => proveCustody(context, share(2)))
    const nonces = new Set(proofs.map((proof) => proof.subarray(0, 32).join()))
    expect(nonces.size).toBe(20)
  })

  it('cannot be made with the share of another', () => {
    const proof = proveCustody(context, share(3))
    expect(refused(() => verifyCustody(context, known, proof))).toEqual(refusal('custody-invalid', 2))
  })

  it.each([
    ['organization', { ...context, organization: named('another organization') }],
    ['deposit', { ...context, deposit: named('another deposit') }],
    ['member', { ...context, member: 'eve' }],
    ['index', { ...context, index: 3 }],
    ['nonce', { ...context, nonce: named('a drill') }],
  ])('holds for no other %s', (_, other) => {
    const proof = proveCustody(context, share(2))
    expect(refused(() => verifyCustody(other, known, proof))).toEqual(refusal('custody-invalid', other.index))
  })

  it('holds under no other dealing', () => {
    const another = dealt({ threshold: 3, members: 5 }, 'another dealing').known
    const proof = proveCustody(context, share(2))
    expect(refused(() => verifyCustody(context, another, proof))).toEqual(refusal('custody-invalid', 2))
  })

  it('is refused when any bit of it is turned', () => {
    const proof = proveCustody(context, share(2))
    fc.assert(
      fc.property(fc.nat(proof.length * 8 - 1), (bit) => {
        expect(refused(() => verifyCustody(context, known, flipped(proof, bit)))).toEqual(refusal('custody-invalid', 2))
      }),
      { numRuns: 60 },
    )
  })

  it('is refused, not thrown over, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(refused(() => verifyCustody(context, known, bytes))).toEqual(refusal('custody-invalid', 2))
      }),
      { numRuns: 60 },
    )
  })

  it('is refused where the dealing has another degree than the plan asks for', () => {
    const proof = proveCustody(context, share(2))
    expect(refused(() => verifyCustody(context, { ...known, threshold: 2 }, proof))).toEqual(
      refusal('share-wrong-degree'),
    )
  })

  it.each([0, 6])('is refused for index %i of five', (index) => {
    const proof = proveCustody({ ...context, index }, share(2))
    expect(refused(() => verifyCustody({ ...context, index }, known, proof))).toEqual(
      refusal('share-wrong-index', index),
    )
  })

  it('is not made with what is no share', () => {
    expect(refused(() => proveCustody(context, new Uint8Array(32)))).toEqual(refusal('share-invalid', 2))
    expect(refused(() => proveCustody(context, new Uint8Array(32).fill(255)))).toEqual(refusal('share-invalid', 2))
  })

  it('leaves the share good for a release', () => {
    const own = Uint8Array.from(share(2))
    proveCustody(context, own)
    expect(refused(() => verifyShare({ index: 2, share: own, ...known }))).toBeNull()
  })
})
