import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../bytes.ts'
import {
  type Checkpoint,
  checkpointFrom,
  formatCheckpoint,
  originOf,
  parseCheckpoint,
  parseOrigin,
} from './checkpoint.ts'
import { addCosignature } from './cosignature.ts'
import { EMPTY_ROOT, MerkleTree } from './merkle.ts'
import { olderRootOf } from './proofs.ts'
import { ORGANIZATION, testDevice, verifyEd25519 } from './testing/devices.ts'
import { verifyCheckpoint } from './verify.ts'
import { forkEvidence, forkInGrowth, isForkedGrowth, type WitnessQuestion, witnessHead } from './witness.ts'

const alice = testDevice('alice')
const bob = testDevice('bob')
const eve = testDevice('eve')
const keys = [alice.key, bob.key]

const tree = new MerkleTree()
for (let at = 0; at < 8; at++) tree.append(utf8(`entry ${at}`))
const forged = new MerkleTree()
for (let at = 0; at < 8; at++) forged.append(utf8(at === 2 ? 'something else' : `entry ${at}`))

const headAt = (size: number, of = tree): Promise<Checkpoint> => alice.signHead({ size, root: of.root(size) })
const origin = alice.key.name
let at3: Checkpoint
let at5: Checkpoint
let question: WitnessQuestion

beforeAll(async () => {
  ;[at3, at5] = await Promise.all([headAt(3), headAt(5)])
  question = { origin, last: at3, note: formatCheckpoint(at5), proof: tree.consistencyProof(3, 5), keys }
})

const ask = (change: Partial<WitnessQuestion>) => witnessHead({ ...question, ...change }, verifyEd25519)
const spoiled = (checkpoint: Checkpoint): string =>
  formatCheckpoint({
    ...checkpoint,
    note: {
      ...checkpoint.note,
      signatures: checkpoint.note.signatures.map((signature) => ({
        ...signature,
        bytes: signature.bytes.map((byte) => byte ^ 1),
      })),
    },
  })

describe('a witness cosigns', () => {
  it('a head that extends the one it cosigned before', async () => {
    expect(await ask({})).toEqual({ ok: true, checkpoint: at5 })
  })

  it('the same head again', async () => {
    expect(await ask({ note: formatCheckpoint(at3), proof: [] })).toEqual({ ok: true, checkpoint: at3 })
  })

  it('the first head of a ledger it has not seen, and any head after an empty one', async () => {
    expect(await ask({ last: null, proof: [] })).toMatchObject({ ok: true })
    expect(await ask({ last: await headAt(0), proof: [] })).toMatchObject({ ok: true })
  })

  it('every growth of an honest ledger', async () => {
    const sizes = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }))
    await fc.assert(
      fc.asyncProperty(sizes, async ([a, b]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const [last, next] = await Promise.all([headAt(from), headAt(to)])
        const verdict = await ask({ last, note: formatCheckpoint(next), proof: tree.consistencyProof(from, to) })
        expect(verdict).toEqual({ ok: true, checkpoint: next })
      }),
      { numRuns: 20 },
    )
  })
})

describe('a witness refuses', () => {
  it('another root at the size it cosigned, and keeps both heads as proof', async () => {
    const other = await headAt(3, forged)
    const verdict = await ask({ note: formatCheckpoint(other), proof: [] })
    expect(verdict).toEqual({
      ok: false,
      code: 'fork',
      evidence: { origin, size: 3, checkpoints: [at3, other], growth: null },
    })
  })

  it('a longer ledger that changed an entry it had cosigned, whatever proof comes along', async () => {
    const note = formatCheckpoint(await headAt(5, forged))
    expect(await ask({ note, proof: forged.consistencyProof(3, 5) })).toMatchObject({ ok: false, code: 'bad-proof' })
    expect(await ask({ note })).toEqual({ ok: false, code: 'bad-proof' })
  })

  it('a smaller ledger: a restored old disk', async () => {
    expect(await ask({ note: formatCheckpoint(await headAt(2)), proof: [] })).toEqual({ ok: false, code: 'shrunk' })
  })

  it('growth without proof', async () => {
    expect(await ask({ proof: [] })).toEqual({ ok: false, code: 'bad-proof' })
  })

  it('a first head with a proof from nowhere', async () => {
    expect(await ask({ last: null })).toEqual({ ok: false, code: 'bad-proof' })
  })

  it('an empty ledger whose root is not that of nothing', async () => {
    const note = formatCheckpoint(await alice.signHead({ size: 0, root: EMPTY_ROOT.map((byte) => byte ^ 1) }))
    expect(await ask({ last: null, note, proof: [] })).toEqual({ ok: false, code: 'bad-proof' })
  })

  it('a wrong signature', async () => {
    expect(await ask({ note: spoiled(at5) })).toEqual({ ok: false, code: 'bad-signature' })
  })

  it('a head of another ledger', async () => {
    const note = formatCheckpoint(await bob.signHead({ size: 5, root: tree.root(5) }))
    expect(await ask({ note })).toEqual({ ok: false, code: 'wrong-origin' })
  })

  it('a device that is not in the roster', async () => {
    const note = formatCheckpoint(await eve.signHead({ size: 5, root: tree.root(5) }))
    expect(await ask({ origin: eve.key.name, last: null, note, proof: [] })).toEqual({ ok: false, code: 'unknown-key' })
  })

  it('a head that only others signed', async () => {
    const cosignature = await bob.cosign(at5, 1000)
    const note = formatCheckpoint({ ...at5, note: { ...at5.note, signatures: [cosignature] } })
    expect(await ask({ note })).toEqual({ ok: false, code: 'unsigned' })
  })

  it('what is no checkpoint', async () => {
    expect(await ask({ note: 'hello' })).toEqual({ ok: false, code: 'malformed' })
  })
})

describe('cosignatures', () => {
  it('count for known devices, once each, with their time', async () => {
    const twice = addCosignature(addCosignature(at5, await bob.cosign(at5, 1000)), await bob.cosign(at5, 2000))
    const stranger = addCosignature(twice, await eve.cosign(at5, 3000))
    expect(await verifyCheckpoint(parseCheckpoint(formatCheckpoint(stranger)), keys, verifyEd25519)).toEqual({
      ok: true,
      cosigners: [{ name: bob.key.name, timeSeconds: 2000 }],
      unknown: 1,
    })
  })

  it("do not count from the ledger's own key", async () => {
    const own = addCosignature(at5, await alice.cosign(at5, 1000))
    expect(await verifyCheckpoint(own, keys, verifyEd25519)).toEqual({ ok: true, cosigners: [], unknown: 0 })
  })

  it('hold for one head alone', async () => {
    const moved = addCosignature(at5, await bob.cosign(at3, 1000))
    const verdict = await verifyCheckpoint(moved, keys, verifyEd25519)
    expect(verdict).toEqual({ ok: false, code: 'bad-cosignature', name: bob.key.name })
  })

  it('hold for the time they name', async () => {
    const signature = await bob.cosign(at5, 1000)
    const bytes = signature.bytes.with(7, signature.bytes[7]! ^ 1)
    const verdict = await verifyCheckpoint(addCosignature(at5, { ...signature, bytes }), keys, verifyEd25519)
    expect(verdict).toEqual({ ok: false, code: 'bad-cosignature', name: bob.key.name })
  })

  it.each([
    ['cut short', (bytes: Uint8Array) => bytes.slice(0, -1)],
    ['from beyond what a number holds', (bytes: Uint8Array) => bytes.with(0, 0x7f)],
  ])('are refused when %s', async (_, change) => {
    const signature = await bob.cosign(at5, 1000)
    const changed = addCosignature(at5, { ...signature, bytes: change(signature.bytes) })
    const verdict = await verifyCheckpoint(changed, keys, verifyEd25519)
    expect(verdict).toEqual({ ok: false, code: 'bad-cosignature', name: bob.key.name })
  })

  it('are not plain signatures: each type has its own key id', async () => {
    const signature = await bob.cosign(at5, 1000)
    const plain = await bob.signHead({ size: 5, root: tree.root(5) })
    expect(plain.note.signatures[0]?.keyId).not.toBe(signature.keyId)
  })
})

it('finds no fork in equal heads, other sizes or other ledgers', async () => {
  expect(forkEvidence(at3, at3)).toBeNull()
  expect(forkEvidence(at3, at5)).toBeNull()
  expect(forkEvidence(at3, await bob.signHead({ size: 3, root: forged.root(3) }))).toBeNull()
})

describe('a proof of growth', () => {
  const sizes = fc
    .integer({ min: 2, max: 40 })
    .chain((to) => fc.record({ from: fc.integer({ min: 1, max: to - 1 }), to: fc.constant(to) }))
  const treeWith = (to: number, odd: string) => {
    const made = new MerkleTree()
    for (let at = 0; at < to; at++) made.append(utf8(at === 0 ? odd : `entry ${at}`))
    return made
  }
  const isPowerOfTwo = (size: number): boolean => Number.isInteger(Math.log2(size))

  it('says the root it leads from, but where that is a whole subtree', () => {
    fc.assert(
      fc.property(sizes, ({ from, to }) => {
        const made = treeWith(to, 'one')
        const root = olderRootOf(from, to, made.root(to), made.consistencyProof(from, to))
        expect(root).toEqual(isPowerOfTwo(from) ? null : made.root(from))
      }),
    )
  })

  it('of a history that was put back and went on otherwise proves the fork to everybody', async () => {
    const [before, after] = [treeWith(9, 'one'), treeWith(9, 'other')]
    const smaller = await alice.signHead({ size: 6, root: before.root(6) })
    const larger = await alice.signHead({ size: 9, root: after.root(9) })
    const proof = after.consistencyProof(6, 9)
    const verdict = await witnessHead(
      { origin: alice.key.name, last: smaller, note: formatCheckpoint(larger), proof, keys },
      verifyEd25519,
    )
    const evidence = verdict.ok ? undefined : verdict.evidence
    expect(verdict).toMatchObject({ ok: false, code: 'bad-proof' })
    expect(evidence?.growth?.root).toBe(toBase64Url(after.root(6)))
    expect(evidence?.growth && isForkedGrowth(smaller, larger, evidence.growth)).toBe(true)
  })

  it('accuses nobody who only grew, whatever is given as a proof', async () => {
    const made = treeWith(9, 'one')
    const smaller = await alice.signHead({ size: 6, root: made.root(6) })
    const larger = await alice.signHead({ size: 9, root: made.root(9) })
    const hashes = [...made.consistencyProof(6, 9), ...treeWith(9, 'other').consistencyProof(6, 9)]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...hashes), { maxLength: 6 }), (proof) => {
        expect(forkInGrowth(smaller, larger, proof)).toBeNull()
      }),
    )
  })
})

describe('a checkpoint', () => {
  it('names organization and device in its origin', () => {
    expect(parseOrigin(originOf(ORGANIZATION, alice.device))).toEqual({
      organization: ORGANIZATION,
      device: alice.device,
    })
    expect(parseOrigin('example.com/log')).toBeNull()
  })

  it('is read back as it was signed', async () => {
    expect(parseCheckpoint(formatCheckpoint(at5))).toEqual(at5)
  })

  it.each([
    ['a fourth line', (text: string) => text.replace('\n\n', '\nextension\n\n')],
    ['only two lines', (text: string) => text.replace(/\n5\n/, '\n')],
    ['a size with a leading zero', (text: string) => text.replace('\n5\n', '\n05\n')],
    ['a negative size', (text: string) => text.replace('\n5\n', '\n-5\n')],
    ['a size beyond 2^53', (text: string) => text.replace('\n5\n', '\n9007199254740993\n')],
    ['a size with a plus sign', (text: string) => text.replace('\n5\n', '\n+5\n')],
    ['a root of 31 bytes', (text: string) => text.replace(/\n5\n.*\n/, `\n5\n${'A'.repeat(40)}AA==\n`)],
    ['a root in base64url', (text: string) => text.replace(/\n5\n.*\n/, `\n5\n${'_'.repeat(42)}8=\n`)],
    ['a space in its origin', (text: string) => text.replace('localhost/', 'local host/')],
    ['an empty origin', (text: string) => text.replace(/^[^\n]*/, '')],
  ])('is refused with %s', (_, change) => {
    const changed = change(formatCheckpoint(at5))
    expect(changed).not.toBe(formatCheckpoint(at5))
    expect(() => parseCheckpoint(changed)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  it('is refused after any change of one character, as text or by its signature', async () => {
    const note = formatCheckpoint(at3)
    await fc.assert(
      fc.asyncProperty(fc.nat(note.length - 1), fc.string({ minLength: 1, maxLength: 1 }), async (at, char) => {
        fc.pre(note[at] !== char)
        const changed = checkpointFrom(`${note.slice(0, at)}${char}${note.slice(at + 1)}`)
        const verdict = changed && (await verifyCheckpoint(changed, keys, verifyEd25519))
        expect(verdict?.ok ?? false).toBe(false)
      }),
      { numRuns: 60 },
    )
  })
})
