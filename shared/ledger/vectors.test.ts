import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { base64 } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../bytes.ts'
import * as z from '../zod.ts'
import { MerkleTree } from './merkle.ts'
import { verifyConsistency, verifyInclusion } from './proofs.ts'

const folder = fileURLToPath(new URL('./vectors/', import.meta.url))
const published = `${folder}rfc6962-consistency`
const vector = z.strictObject({
  size1: z.number(),
  size2: z.number(),
  root1: z.string().nullable(),
  root2: z.string().nullable(),
  proof: z.array(z.string()).nullable(),
  desc: z.string(),
  wantErr: z.boolean(),
})

// transparency-dev/merkle testdata/consistency: most are wrong in one way.
describe('the published consistency proofs', () => {
  const files = readdirSync(published, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))

  it('are all there', () => {
    expect(files.length).toBe(98)
  })

  it.each(files.sort())('%s', (name) => {
    const { size1, size2, root1, root2, proof, wantErr } = vector.parse(
      JSON.parse(readFileSync(`${published}/${name}`, 'utf8')),
    )
    const [from, to] = [base64.decode(root1 ?? ''), base64.decode(root2 ?? '')]
    const hashes = (proof ?? []).map((hash) => base64.decode(hash))
    expect(verifyConsistency(size1, from, size2, to, hashes).ok).toBe(!wantErr)
  })
})

const hashes = z.array(z.string())
const treeVector = z.strictObject({
  leaves: z.array(z.string()),
  leafHashes: hashes,
  roots: hashes,
  inclusion: z.array(z.strictObject({ index: z.int(), size: z.int(), proof: hashes })),
  consistency: z.array(z.strictObject({ from: z.int(), to: z.int(), proof: hashes })),
})

function treeVectors(): z.infer<typeof treeVector> {
  const leaves = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']
  const tree = new MerkleTree()
  for (const leaf of leaves) tree.append(utf8(leaf))
  const sizes = [1, 2, 3, 4, 5, 6, 7]
  return {
    leaves,
    leafHashes: leaves.map((_, at) => bytesToHex(tree.leaf(at))),
    roots: [0, ...sizes].map((size) => bytesToHex(tree.root(size))),
    inclusion: [3, 7].flatMap((size) =>
      Array.from({ length: size }, (_, index) => ({
        index,
        size,
        proof: tree.inclusionProof(index, size).map(bytesToHex),
      })),
    ),
    consistency: sizes.map((from) => ({ from, to: 7, proof: tree.consistencyProof(from, 7).map(bytesToHex) })),
  }
}

describe('vectors/tree.json', () => {
  if (process.env['WRITE_VECTORS']) writeFileSync(`${folder}tree.json`, `${JSON.stringify(treeVectors(), null, 2)}\n`)
  const tree = treeVector.parse(JSON.parse(readFileSync(`${folder}tree.json`, 'utf8')))
  const root = (size: number): Uint8Array => hexToBytes(tree.roots[size] ?? '')

  it('is what the tree gives today', () => {
    expect(tree).toEqual(treeVectors())
  })

  it.each(tree.inclusion)('proves entry $index at size $size', ({ index, size, proof }) => {
    const leaf = hexToBytes(tree.leafHashes[index] ?? '')
    expect(verifyInclusion(leaf, index, size, proof.map(hexToBytes), root(size))).toEqual({ ok: true })
  })

  it.each(tree.consistency)('proves growth from $from to $to', ({ from, to, proof }) => {
    expect(verifyConsistency(from, root(from), to, root(to), proof.map(hexToBytes))).toEqual({ ok: true })
  })
})
