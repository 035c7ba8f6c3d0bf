import { concat, digest, fromUtf8, toBase64Url, utf8 } from '../../bytes.ts'
import type { BundleParts } from '../bundle.ts'
import { formatCheckpoint } from '../checkpoint.ts'
import { addCosignature } from '../cosignature.ts'
import type { MerkleTree } from '../merkle.ts'
import { formatSignatureLine } from '../note.ts'
import {
  alice,
  bob,
  carol,
  damaged,
  ENTRIES,
  edited,
  eve,
  FORGED,
  goodParts,
  headAt,
  othersOf,
  TIME,
  TREE,
  written,
} from './bundles.ts'
import { testDevice } from './devices.ts'

/** What one bundle's file must lead to: a code of `BundleError`, or verdict and codes of all findings in their order. */
export type Expected = { error: string } | { verdict: string; findings: string[] }
export interface BundleVector {
  readonly bytes: Uint8Array
  readonly expected: Expected
}

/** Every vector in `vectors/bundles`, by name. */
export async function bundleVectors(): Promise<Record<string, BundleVector>> {
  const parts = await goodParts()
  const good = written(parts)
  const [at3 = '', at5 = '', peer = ''] = parts.checkpoints
  const holding = ['checkpoint-matches', 'checkpoint-matches', 'cosigned', 'peer-checkpoint']
  const holds = (bytes: Uint8Array, ...findings: string[]) => ({ bytes, expected: { verdict: 'holds', findings } })
  const open = (bytes: Uint8Array, ...findings: string[]) => ({ bytes, expected: { verdict: 'incomplete', findings } })
  const refuted = (bytes: Uint8Array, ...findings: string[]) => ({ bytes, expected: { verdict: 'refuted', findings } })
  const unreadable = (bytes: Uint8Array, error: string) => ({ bytes, expected: { error } })
  const withCheckpoints = (...checkpoints: string[]) => written({ ...parts, checkpoints })
  const withEvidence = (...evidence: BundleParts['evidence'][]) =>
    written({ ...parts, evidence: evidence.flatMap((e) => [...e]) })
  const withEntries = (entries: Uint8Array[]) =>
    written({
      ...parts,
      header: { ...parts.header, entries: entries.length, size: entries.length },
      sections: othersOf(entries),
    })
  const bare3 = formatCheckpoint(await headAt(3))
  const bare5 = formatCheckpoint(await headAt(5))
  const fork = [formatCheckpoint(await headAt(2, carol)), formatCheckpoint(await headAt(2, carol, FORGED))] as const
  const ownFork = [bare3, formatCheckpoint(await headAt(3, alice, FORGED))] as const
  const growth = (tree: MerkleTree, from: number) => ({
    about: 'growth-fork' as const,
    root: toBase64Url(tree.root(from)),
    proof: tree.consistencyProof(from, 5).map(toBase64Url),
  })
  const carols = [await headAt(3, carol), await headAt(5, carol, FORGED)] as const
  const grown = {
    ...growth(FORGED, 3),
    checkpoints: [formatCheckpoint(carols[0]), formatCheckpoint(carols[1])] as const,
  }
  const ownGrown = {
    ...growth(TREE, 4),
    checkpoints: [formatCheckpoint(await headAt(4, alice, FORGED)), bare5] as const,
  }
  const refusedHead = {
    about: 'refused' as const,
    at: (TIME + 60) * 1000,
    checkpoints: [formatCheckpoint(await headAt(5, carol)), formatCheckpoint(await headAt(3, carol))] as const,
    code: 'shrunk' as const,
  }
  const [e0, e1, e2, e3, e4] = ENTRIES as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const changed = utf8(fromUtf8(e3).replace('"payload":"ey', '"payload":"fy'))
  const line = (note: string, at: number): string => note.split('\n')[at] ?? ''
  const flip = (note: string, at: number): string => {
    const old = line(note, at)
    return note.replace(old, `${old.slice(0, -4)}${old.at(-4) === 'A' ? 'B' : 'A'}${old.slice(-3)}`)
  }
  const stale = formatCheckpoint(addCosignature(await headAt(5), await bob.cosign(await headAt(3), TIME)))
  const cosignedOnly = `${bare5.slice(0, bare5.indexOf('—'))}${formatSignatureLine(await bob.cosign(await headAt(5), TIME))}\n`
  const stranger = testDevice('alice', digest(utf8('another organization')))
  const foreign = formatCheckpoint(await stranger.signHead({ size: 5, root: TREE.root() }))

  const proven = [1, 3].map((at) => ({ at, envelope: ENTRIES[at] as Uint8Array, proof: TREE.inclusionProof(at, 5) }))
  const part: BundleParts = {
    ...parts,
    header: { ...parts.header, scope: { from: 0, to: TIME }, entries: 2 },
    sections: [{ name: { section: 'others' }, entries: proven }],
  }

  return {
    good: holds(good, ...holding),
    'only-the-last-checkpoint': holds(withCheckpoints(at5), 'checkpoint-matches', 'cosigned'),
    'cosigned-in-part': holds(withCheckpoints(at3, bare5), 'checkpoint-matches', 'checkpoint-matches', 'cosigned'),
    'cosigned-by-a-stranger-too': holds(
      withCheckpoints(at3, `${at5}${formatSignatureLine(await eve.cosign(await headAt(5), TIME))}\n`),
      ...holding.slice(0, 3),
      'unknown-cosigner',
    ),

    'no-checkpoint': open(withCheckpoints(), 'no-checkpoint', 'not-cosigned'),
    'not-cosigned': open(withCheckpoints(bare5), 'checkpoint-matches', 'not-cosigned'),
    'uncovered-entries': open(withCheckpoints(at3), 'checkpoint-matches', 'uncovered', 'cosigned'),
    'unknown-exporter': open(
      written({
        ...parts,
        header: { ...parts.header, device: eve.device },
        checkpoints: [formatCheckpoint(await headAt(5, eve))],
      }),
      'unknown-key',
      'no-checkpoint',
      'not-cosigned',
    ),
    'fork-of-another-device': open(withEvidence([{ about: 'fork', checkpoints: fork }]), ...holding, 'fork'),
    'growth-fork': open(withEvidence([grown]), ...holding, 'fork'),
    'refused-head': holds(withEvidence([refusedHead]), ...holding, 'refused-head'),
    'waiting-statement': open(withEvidence([{ about: 'waiting', envelope: e0 }]), ...holding, 'waiting'),
    equivocation: open(withEvidence([{ about: 'equivocation', entries: [2, 3] }]), ...holding, 'equivocation'),

    'changed-entry': refuted(
      withEntries([e0, e1, e2, changed, e4]),
      'checkpoint-matches',
      'wrong-root',
      'cosigned',
      'peer-checkpoint',
    ),
    'reordered-entries': refuted(
      withEntries([e0, e1, e2, e4, e3]),
      'checkpoint-matches',
      'wrong-root',
      'cosigned',
      'peer-checkpoint',
    ),
    'duplicated-entry': refuted(withEntries([e0, e0, e1, e2, e3, e4]), 'wrong-root', 'peer-checkpoint'),
    'missing-first-entry': refuted(withEntries([e1, e2, e3, e4]), 'wrong-root', 'peer-checkpoint'),
    'missing-last-entry': refuted(
      withEntries([e0, e1, e2, e3]),
      'checkpoint-matches',
      'missing-entries',
      'cosigned',
      'peer-checkpoint',
    ),
    'wrong-count': refuted(
      edited(good, (lines) => lines.map((l) => l.replace('"entries":5', '"entries":6'))),
      'wrong-count',
      ...holding,
    ),
    'wrong-root': refuted(withCheckpoints(formatCheckpoint(await headAt(5, alice, FORGED))), 'wrong-root'),
    'bad-signature': refuted(
      withCheckpoints(at3, flip(bare5, 4)),
      'bad-signature',
      'checkpoint-matches',
      'uncovered',
      'cosigned',
    ),
    'bad-cosignature': refuted(
      withCheckpoints(at3, flip(at5, 5)),
      'bad-cosignature',
      'checkpoint-matches',
      'uncovered',
      'cosigned',
    ),
    'stale-cosignature': refuted(
      withCheckpoints(at3, stale),
      'bad-cosignature',
      'checkpoint-matches',
      'uncovered',
      'cosigned',
    ),
    'unsigned-checkpoint': refuted(
      withCheckpoints(at3, cosignedOnly),
      'unsigned',
      'checkpoint-matches',
      'uncovered',
      'cosigned',
    ),
    'bad-peer-signature': refuted(withCheckpoints(at3, at5, flip(peer, 4)), 'bad-signature', ...holding.slice(0, 3)),
    'foreign-checkpoint': refuted(withCheckpoints(at3, at5, foreign), 'wrong-origin', ...holding.slice(0, 3)),
    'malformed-checkpoint': refuted(withCheckpoints(at3, at5, 'hello'), 'malformed-checkpoint', ...holding.slice(0, 3)),
    'own-fork': refuted(withEvidence([{ about: 'fork', checkpoints: ownFork }]), ...holding, 'own-fork'),
    'own-fork-of-two-sizes': refuted(
      withCheckpoints(formatCheckpoint(await headAt(3, alice, FORGED)), at5, peer),
      'checkpoint-matches',
      'own-fork',
      'cosigned',
      'peer-checkpoint',
    ),
    'own-growth-fork': refuted(withEvidence([ownGrown]), ...holding, 'own-fork'),
    'growth-fork-of-one-history': refuted(
      withEvidence([{ ...grown, checkpoints: [grown.checkpoints[0], formatCheckpoint(await headAt(5, carol))] }]),
      ...holding,
      'bad-evidence',
    ),
    'growth-fork-with-the-signed-root': refuted(
      withEvidence([{ ...grown, root: toBase64Url(TREE.root(3)) }]),
      ...holding,
      'bad-evidence',
    ),
    'growth-fork-without-a-hash': refuted(
      withEvidence([{ ...grown, proof: grown.proof.slice(1) }]),
      ...holding,
      'bad-evidence',
    ),
    'refused-head-that-grew': refuted(
      withEvidence([{ ...refusedHead, code: 'bad-proof' }]),
      ...holding,
      'bad-evidence',
    ),
    'refused-head-of-its-own': refuted(
      withEvidence([{ ...refusedHead, checkpoints: [bare5, bare3] }]),
      ...holding,
      'bad-evidence',
    ),
    'fork-that-is-none': refuted(
      withEvidence([{ about: 'fork', checkpoints: [fork[0], fork[0]] }]),
      ...holding,
      'bad-evidence',
    ),
    'equivocation-of-a-missing-entry': refuted(
      withEvidence([{ about: 'equivocation', entries: [2, 5] }]),
      ...holding,
      'bad-evidence',
    ),
    'trailer-of-another-count': refuted(damaged(good, '"lines":10', '"lines":11'), 'damaged', ...holding),
    'a-place-left-out': refuted(
      edited(good, (l) =>
        l.filter((x) => !x.startsWith('{"at":3,')).map((x) => x.replace('"entries":5', '"entries":4')),
      ),
      'wrong-count',
      'checkpoint-matches',
      'missing-entries',
      'cosigned',
      'peer-checkpoint',
    ),
    'a-place-beyond-the-end': refuted(
      edited(good, (l) => l.map((x) => x.replace('{"at":4,', '{"at":5,'))),
      'wrong-count',
      'checkpoint-matches',
      'missing-entries',
      'cosigned',
      'peer-checkpoint',
    ),
    'a-part': holds(written(part), 'part', 'cosigned', 'peer-checkpoint'),
    'a-part-without-its-head': open(written({ ...part, checkpoints: [at3, peer] }), 'no-checkpoint', 'peer-checkpoint'),

    empty: unreadable(new Uint8Array(), 'truncated'),
    'cut-in-a-line': unreadable(good.slice(0, 700), 'truncated'),
    'cut-before-the-trailer': unreadable(utf8(fromUtf8(good).replace(/.*\n$/, '')), 'truncated'),
    'no-final-newline': unreadable(good.slice(0, -1), 'truncated'),
    'not-a-bundle': unreadable(utf8('{"hello":"world"}\n'), 'malformed'),
    'future-version': unreadable(
      edited(good, (l) => [(l[0] ?? '').replace('bundle/3', 'bundle/4'), ...l.slice(1)]),
      'unsupported',
    ),
    'unknown-header-field': unreadable(
      edited(good, (l) => [(l[0] ?? '').replace('"pin"', '"other":1,"pin"'), ...l.slice(1)]),
      'malformed',
    ),
    'huge-count': unreadable(
      edited(good, (l) => l.map((x) => x.replace('"entries":5', '"entries":10737418240'))),
      'malformed',
    ),
    'duplicate-key': unreadable(
      edited(good, (l) => l.map((x) => x.replace('"entries":5', '"entries":5,"entries":5'))),
      'malformed',
    ),
    'white-space': unreadable(
      edited(good, (l) => l.map((x) => x.replace('"entries":5', '"entries": 5'))),
      'malformed',
    ),
    'carriage-returns': unreadable(utf8(fromUtf8(good).replaceAll('\n', '\r\n')), 'malformed'),
    'byte-order-mark': unreadable(concat(Uint8Array.of(0xef, 0xbb, 0xbf), good), 'malformed'),
    'invalid-utf-8': unreadable(good.with(fromUtf8(good).indexOf('pin'), 0xff), 'malformed'),
    'padded-base64': unreadable(
      edited(good, (l) => [(l[0] ?? '').replace(alice.device, `${alice.device}=`), ...l.slice(1)]),
      'malformed',
    ),
    'unknown-line': unreadable(
      edited(good, (l) => [...l, '{"surprise":1}']),
      'malformed',
    ),
    'format-2': unreadable(
      edited(good, (l) => [(l[0] ?? '').replace('bundle/3', 'bundle/2'), ...l.slice(1)]),
      'unsupported',
    ),
    'checkpoint-after-entries': unreadable(
      edited(good, (l) => [...l, l[1] ?? '']),
      'malformed',
    ),
    'entry-in-no-section': unreadable(
      edited(good, (l) => l.filter((x) => !x.startsWith('{"section"'))),
      'malformed',
    ),
    'section-twice': unreadable(
      edited(good, (l) => [...l, '{"section":"others"}']),
      'malformed',
    ),
    'sections-out-of-order': unreadable(
      edited(good, (l) => [...l, '{"section":"rosters"}']),
      'malformed',
    ),
    'cases-out-of-order': unreadable(
      edited(good, ([header = '', ...l]) => [
        header,
        ...[bob.device, alice.device]
          .sort()
          .reverse()
          .map((id) => `{"case":"${id}"}`),
        ...l.slice(3),
      ]),
      'malformed',
    ),
    'unknown-section': unreadable(
      edited(good, (l) => l.map((x) => x.replace('"others"', '"extras"'))),
      'malformed',
    ),
    'entries-out-of-order': unreadable(
      edited(good, (l) => [...l.slice(0, 5), l[6] ?? '', l[5] ?? '', ...l.slice(7)]),
      'malformed',
    ),
    'entry-repeated-in-place': unreadable(
      edited(good, (l) => [...l.slice(0, 6), l[5] ?? '', ...l.slice(6)]),
      'malformed',
    ),
    'place-with-a-leading-zero': unreadable(
      edited(good, (l) => l.map((x) => x.replace('{"at":3,', '{"at":03,'))),
      'malformed',
    ),
    'proof-in-a-whole-bundle': unreadable(
      edited(good, (l) => l.map((x) => (x.startsWith('{"at":3,') ? `${x.slice(0, -1)},"proof":[]}` : x))),
      'malformed',
    ),
    'part-without-proofs': unreadable(
      edited(good, (l) => l.map((x) => x.replace('"scope":"all"', '"scope":{"from":0,"to":1}'))),
      'malformed',
    ),
    'two-trailers': unreadable(
      edited(good, (l) => [...l, fromUtf8(good).trimEnd().split('\n').at(-1) ?? '']),
      'malformed',
    ),
    'after-the-trailer': unreadable(concat(good, utf8('{}\n')), 'malformed'),
  }
}
