import { concat, digest, fromUtf8, toBase64Url, utf8 } from '../../bytes.ts'
import { jcs } from '../../jcs.ts'
import { type BundleParts, writeBundle } from '../bundle.ts'
import { type Checkpoint, formatCheckpoint } from '../checkpoint.ts'
import { addCosignature } from '../cosignature.ts'
import { MerkleTree } from '../merkle.ts'
import { ORGANIZATION, testDevice } from './devices.ts'

/** alice exports; bob and carol are in the roster; eve is not. */
export const alice = testDevice('alice')
export const bob = testDevice('bob')
export const carol = testDevice('carol')
export const eve = testDevice('eve')
export const KEYS = [alice.key, bob.key, carol.key]

/** Unix seconds of the first cosignature in the vectors: 2026-01-01T00:00:00Z. */
export const TIME = 1_767_225_600

/** Envelopes in form only: what they say is not the ledger's business. */
export const ENTRIES = ['founding', 'plan', 'request', 'decision', 'grant'].map((what) =>
  jcs({
    payload: toBase64Url(utf8(`{"example":"${what}"}`)),
    payloadType: `application/vnd.lockbox.example+json`,
    signatures: [{ keyid: alice.device, sig: toBase64Url(alice.sign(utf8(what))) }],
  }),
)

/** The ledger of {@link ENTRIES}. */
export const TREE = treeOf(ENTRIES)
/** Another history: entry 1 differs. */
export const FORGED = treeOf(ENTRIES.with(1, utf8('{}')))

/** A ledger of entries. */
export function treeOf(entries: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree()
  for (const entry of entries) tree.append(entry)
  return tree
}

/** A signed head over the first entries. */
export const headAt = (size: number, device = alice, tree = TREE): Promise<Checkpoint> =>
  device.signHead({ size, root: tree.root(size) })

/** A bundle without a fault: heads of 3 and 5 entries, cosigned by bob and by bob and carol, and a head of bob's. */
export async function goodParts(): Promise<BundleParts & { readonly checkpoints: readonly string[] }> {
  const at3 = await headAt(3)
  const at5 = await headAt(5)
  const peer = await headAt(4, bob, FORGED)
  const by = { at3: await bob.cosign(at3, TIME), at5: await bob.cosign(at5, TIME + 60) }
  return {
    header: {
      organization: ORGANIZATION,
      device: alice.device,
      pin: digest(utf8('roster')),
      exportedAt: (TIME + 3600) * 1000,
      scope: 'all',
      entries: ENTRIES.length,
      size: ENTRIES.length,
    },
    sections: othersOf(ENTRIES),
    checkpoints: [
      formatCheckpoint(addCosignature(at3, by.at3)),
      formatCheckpoint(addCosignature(addCosignature(at5, by.at5), await carol.cosign(at5, TIME + 90))),
      formatCheckpoint(peer),
    ],
    evidence: [],
  }
}

/** Entries, which are of no kind we know, in the section of such. */
export function othersOf(entries: readonly Uint8Array[]): BundleParts['sections'] {
  return [{ name: { section: 'others' }, entries: entries.map((envelope, at) => ({ at, envelope })) }]
}

/** The bytes of a bundle, not compressed. */
export function written(parts: BundleParts): Uint8Array {
  return concat(...writeBundle(parts))
}

/** The bundle with its lines changed and a trailer that fits them again: what somebody with an editor would do. */
export function edited(bundle: Uint8Array, change: (lines: string[]) => string[]): Uint8Array {
  const lines = fromUtf8(bundle).trimEnd().split('\n')
  const changed = utf8(`${change(lines.slice(0, -1)).join('\n')}\n`)
  const count = fromUtf8(changed).split('\n').length - 1
  const trailer = { trailer: { lines: count } }
  return concat(changed, jcs(trailer), utf8('\n'))
}

/** The bundle with one text replaced, its trailer left as it was. */
export const damaged = (bundle: Uint8Array, from: string, to: string): Uint8Array => {
  const before = fromUtf8(bundle)
  if (!before.includes(from)) throw new TypeError(`the bundle has no ${from}`)
  return utf8(before.replace(from, to))
}
