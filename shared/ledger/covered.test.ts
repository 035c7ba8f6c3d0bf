import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../bytes.ts'
import { type Checkpoint, formatCheckpoint } from './checkpoint.ts'
import { addCosignature, mergeCosignatures } from './cosignature.ts'
import { coverageOf, thinned, type Voucher, vouchersOf } from './covered.ts'
import { MerkleTree } from './merkle.ts'
import { testDevice, verifyEd25519 } from './testing/devices.ts'
import { verifyCheckpoint } from './verify.ts'

const alice = testDevice('alice')
const [bob, carol, dave] = [testDevice('bob'), testDevice('carol'), testDevice('dave')]
const tree = new MerkleTree()
for (let at = 0; at < 400; at++) tree.append(utf8(`entry ${at}`))

async function headAt(size: number, by: readonly { of: typeof bob; at: number }[]): Promise<Checkpoint> {
  let head = await alice.signHead({ size, root: tree.root(size) })
  for (const { of, at } of by) head = addCosignature(head, await of.cosign(head, at))
  return head
}

describe('an entry is in the checkpoints', () => {
  it('of every device that cosigned a head beyond it, named with the smallest such head', async () => {
    const heads = [
      await headAt(3, [{ of: bob, at: 10 }]),
      await headAt(5, [
        { of: bob, at: 20 },
        { of: carol, at: 21 },
      ]),
      await headAt(9, [{ of: carol, at: 30 }]),
    ]
    const covered = coverageOf(heads.toReversed())
    const at = (leaf: number) => covered(leaf).toSorted((a, b) => a.at - b.at)
    expect(at(2)).toEqual([
      { device: bob.device, size: 3, at: 10_000 },
      { device: carol.device, size: 5, at: 21_000 },
    ])
    expect(at(3).map(({ size }) => size)).toEqual([5, 5])
    expect(at(4).map(({ device }) => device)).toEqual([bob.device, carol.device])
    expect(at(5)).toEqual([{ device: carol.device, size: 9, at: 30_000 }])
    expect(at(9)).toEqual([])
  })

  it('as looking at each head by itself says (property)', async () => {
    const signed = await Promise.all(
      Array.from({ length: 12 }, (_, at) => headAt(3 * at + 1, [{ of: [bob, carol, dave][at % 3] ?? bob, at }])),
    )
    fc.assert(
      fc.property(fc.shuffledSubarray(signed), fc.array(fc.nat({ max: 40 }), { minLength: 1 }), (heads, leaves) => {
        const coverage = coverageOf(heads)
        for (const leaf of leaves) expectCovered(heads, leaf, coverage(leaf))
      }),
    )

    function expectCovered(heads: readonly Checkpoint[], leaf: number, covered: readonly Voucher[]) {
      const devices = new Set(
        heads.filter(({ size }) => size > leaf).flatMap((one) => vouchersOf(one).map((v) => v.device)),
      )
      expect(new Set(covered.map(({ device }) => device))).toEqual(devices)
      for (const { device, size } of covered) {
        const fitting = heads.filter(
          (head) => head.size > leaf && vouchersOf(head).some((one) => one.device === device),
        )
        expect(size).toBe(Math.min(...fitting.map((head) => head.size)))
      }
    }
  })

  it('of nobody where only its own device signed', async () => {
    expect(coverageOf([await headAt(4, [{ of: alice, at: 10 }])])(0)).toEqual([])
  })
})

describe('of many checkpoints', () => {
  it('a bounded number is kept: the first, the newest, and each cosigner’s last', async () => {
    const heads: Checkpoint[] = []
    for (let size = 1; size <= 400; size++)
      heads.push(await headAt(size, size === 77 ? [{ of: dave, at: size }] : [{ of: bob, at: size }]))
    const kept = thinned(heads, 40)
    const sizes = kept.map(({ size }) => size)
    expect(sizes.length).toBeLessThanOrEqual(41)
    expect(sizes.slice(-20)).toEqual(Array.from({ length: 20 }, (_, at) => 381 + at))
    expect([sizes[0], sizes.includes(77), [...sizes].sort((a, b) => a - b)]).toEqual([1, true, sizes])
    const devices = (of: readonly Checkpoint[]) => new Set(of.flatMap(vouchersOf).map(({ device }) => device))
    expect(devices(kept)).toEqual(devices(heads))
    expect(thinned(heads.slice(0, 40), 40)).toHaveLength(40)
  })
})

describe('cosignatures of copies of one checkpoint', () => {
  it('come to the same bytes in whatever order, and of two by one device the earlier counts (property)', async () => {
    const head = await headAt(5, [])
    const all = await Promise.all([
      bob.cosign(head, 5),
      bob.cosign(head, 9),
      carol.cosign(head, 7),
      dave.cosign(head, 1),
    ])
    const subsets = fc.shuffledSubarray(all)
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 4 }), subsets, (first, again) => {
        const merged = mergeCosignatures(mergeCosignatures(head, first), again)
        expect(formatCheckpoint(merged)).toBe(formatCheckpoint(mergeCosignatures(head, all)))
      }),
    )
    const merged = mergeCosignatures(head, all)
    const verdict = await verifyCheckpoint(merged, [alice.key, bob.key, carol.key, dave.key], verifyEd25519)
    expect(verdict).toMatchObject({ ok: true, unknown: 0 })
    expect(vouchersOf(merged).map(({ device, at }) => [device, at])).toEqual(
      expect.arrayContaining([
        [bob.device, 5000],
        [carol.device, 7000],
        [dave.device, 1000],
      ]),
    )
    expect(merged.note.signatures).toHaveLength(4)
  })
})
