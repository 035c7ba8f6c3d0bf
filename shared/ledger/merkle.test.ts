import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, equalBytes, utf8 } from '../bytes.ts'
import { EMPTY_ROOT, leafHash, MerkleTree, nodeHash } from './merkle.ts'
import { verifyConsistency, verifyInclusion } from './proofs.ts'

// Leaves and roots of the Certificate Transparency reference tests (google/certificate-transparency, merkletree).
const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const treeOf = (size: number): MerkleTree => {
  const tree = new MerkleTree()
  for (let at = 0; at < size; at++) tree.append(utf8(`entry ${at}`))
  return tree
}

/** RFC 6962 §2.1 word for word, to compare with. */
function slowRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only === undefined) return EMPTY_ROOT
  if (leaves.length === 1) return only
  let left = 1
  while (left * 2 < leaves.length) left *= 2
  return nodeHash(slowRoot(leaves.slice(0, left)), slowRoot(leaves.slice(left)))
}

describe('the tree', () => {
  it('hashes leaves and nodes as RFC 6962 says', () => {
    expect(bytesToHex(leafHash(utf8('L123456')))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    )
    expect(bytesToHex(nodeHash(utf8('N123'), utf8('N456')))).toBe(
      'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
    )
  })

  it('hashes a leaf by its own bytes alone, whatever was hashed before', () => {
    for (const length of [0, 1, 8191, 8192, 8193, 200, 98_304]) {
      const leaf = new Uint8Array(length).fill(length % 251)
      expect(leafHash(leaf)).toEqual(sha256(concat(Uint8Array.of(0), leaf)))
    }
  })

  it('has the roots of the Certificate Transparency reference, at every size and looking back', () => {
    const tree = new MerkleTree()
    expect(bytesToHex(tree.root())).toBe(CT_ROOTS[0])
    for (const [at, leaf] of CT_LEAVES.entries()) {
      expect(tree.append(hexToBytes(leaf))).toBe(at)
      expect(bytesToHex(tree.root())).toBe(CT_ROOTS[at + 1])
    }
    expect(CT_ROOTS.map((_, size) => bytesToHex(tree.root(size)))).toEqual(CT_ROOTS)
  })

  it('agrees with the definition at sizes up to 300, and when rebuilt from leaf hashes', () => {
    const tree = treeOf(300)
    const leaves = Array.from({ length: 300 }, (_, at) => tree.leaf(at))
    const rebuilt = new MerkleTree()
    for (const [at, leaf] of leaves.entries()) {
      rebuilt.appendLeaf(leaf)
      expect(rebuilt.root()).toEqual(slowRoot(leaves.slice(0, at + 1)))
    }
    expect(rebuilt.root()).toEqual(tree.root())
  })

  it('gives proofs whose length is the depth of the tree at most', () => {
    const tree = treeOf(1000)
    expect(Math.max(...Array.from({ length: 1000 }, (_, at) => tree.inclusionProof(at).length))).toBe(10)
    expect(Math.max(...Array.from({ length: 999 }, (_, at) => tree.consistencyProof(at + 1).length))).toBe(11)
  })

  it('refuses what it does not have', () => {
    const tree = treeOf(5)
    for (const ask of [
      () => tree.root(6),
      () => tree.root(-1),
      () => tree.root(1.5),
      () => tree.leaf(5),
      () => tree.inclusionProof(5),
      () => tree.inclusionProof(3, 3),
      () => tree.inclusionProof(0, 6),
      () => tree.consistencyProof(4, 3),
      () => tree.consistencyProof(-1, 3),
      () => tree.consistencyProof(1, Number.NaN),
    ])
      expect(ask).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })
})

const MAX = 200
const tree = treeOf(MAX)

/** Adds 1 to 255 to one byte, so that the result always differs. */
const flipped = (bytes: Uint8Array, at: number, by: number): Uint8Array =>
  bytes.map((byte, index) => (index === at % bytes.length ? (byte + by) % 256 : byte))

const inclusion = fc
  .integer({ min: 1, max: MAX })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }))
const growth = fc
  .integer({ min: 1, max: MAX })
  .chain((to) => fc.record({ to: fc.constant(to), from: fc.integer({ min: 1, max: to }) }))
const nth = fc.nat()
const by = fc.integer({ min: 1, max: 255 })

describe('an inclusion proof', () => {
  it('proves every entry at every size', () => {
    fc.assert(
      fc.property(inclusion, ({ index, size }) => {
        const proof = tree.inclusionProof(index, size)
        expect(verifyInclusion(tree.leaf(index), index, size, proof, tree.root(size))).toEqual({ ok: true })
      }),
    )
  })

  it('fails when one byte of leaf, root or path is changed', () => {
    fc.assert(
      fc.property(inclusion, nth, nth, by, ({ index, size }, which, at, by) => {
        const hashes = [tree.leaf(index), tree.root(size), ...tree.inclusionProof(index, size)]
        const [leaf, root, ...proof] = hashes.map((hash, n) =>
          n === which % hashes.length ? flipped(hash, at, by) : hash,
        )
        expect(verifyInclusion(leaf!, index, size, proof, root!)).toEqual({ ok: false, code: 'wrong-root' })
      }),
    )
  })

  it('fails for another index', () => {
    fc.assert(
      fc.property(inclusion, inclusion, (made, asked) => {
        fc.pre(made.index !== asked.index)
        const proof = tree.inclusionProof(made.index, made.size)
        const checked = verifyInclusion(tree.leaf(made.index), asked.index, asked.size, proof, tree.root(asked.size))
        expect(checked.ok).toBe(false)
      }),
    )
  })

  it('fails when a hash is dropped, added or cut', () => {
    fc.assert(
      fc.property(inclusion, nth, ({ index, size }, which) => {
        const proof = tree.inclusionProof(index, size)
        const check = (path: Uint8Array[]) => verifyInclusion(tree.leaf(index), index, size, path, tree.root(size))
        expect(check([...proof, EMPTY_ROOT])).toEqual({ ok: false, code: 'bad-length' })
        fc.pre(proof.length > 0)
        const at = which % proof.length
        expect(check(proof.toSpliced(at, 1)).ok).toBe(false)
        expect(check(proof.with(at, proof[at]!.slice(1)))).toEqual({ ok: false, code: 'bad-hash' })
      }),
    )
  })
})

describe('a consistency proof', () => {
  it('proves every pair of sizes', () => {
    fc.assert(
      fc.property(growth, ({ from, to }) => {
        const proof = tree.consistencyProof(from, to)
        expect(verifyConsistency(from, tree.root(from), to, tree.root(to), proof)).toEqual({ ok: true })
      }),
    )
  })

  it('fails when one byte of a root or of the proof is changed', () => {
    fc.assert(
      fc.property(growth, nth, nth, by, ({ from, to }, which, at, by) => {
        const hashes = [tree.root(from), tree.root(to), ...tree.consistencyProof(from, to)]
        const [older, newer, ...proof] = hashes.map((hash, n) =>
          n === which % hashes.length ? flipped(hash, at, by) : hash,
        )
        expect(verifyConsistency(from, older!, to, newer!, proof)).toEqual({ ok: false, code: 'wrong-root' })
      }),
    )
  })

  it('fails between trees that differ in one early entry', () => {
    fc.assert(
      fc.property(growth, nth, ({ from, to }, which) => {
        const forged = new MerkleTree()
        const changed = which % from
        for (let at = 0; at < to; at++) forged.appendLeaf(at === changed ? EMPTY_ROOT : tree.leaf(at))
        const proof = forged.consistencyProof(from, to)
        const checked = verifyConsistency(from, tree.root(from), to, forged.root(to), proof)
        expect(checked).toEqual({ ok: false, code: 'wrong-root' })
      }),
    )
  })

  it('answers with a result, never an exception, whatever comes', () => {
    const anything = fc.oneof(fc.integer(), fc.double(), fc.constant(2 ** 53 - 1), fc.constant(Number.NaN))
    const hash = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(anything, anything, hash, hash, fc.array(hash, { maxLength: 80 }), (a, b, one, other, proof) => {
        expect(verifyInclusion(one, a, b, proof, other)).toHaveProperty('ok', false)
        expect(verifyConsistency(a, one, b, other, proof)).toHaveProperty(
          'ok',
          a === b && a > 0 && proof.length === 0 && equalBytes(one, other),
        )
      }),
    )
  })

  it('refuses a proof of ten thousand hashes before computing one', () => {
    const proof = Array.from({ length: 10_000 }, () => EMPTY_ROOT)
    expect(verifyConsistency(1, EMPTY_ROOT, 2 ** 53 - 1, EMPTY_ROOT, proof)).toEqual({ ok: false, code: 'bad-length' })
  })
})
