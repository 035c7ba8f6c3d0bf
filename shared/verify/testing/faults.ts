import { concat, digest, toBase64Url, utf8 } from '../../bytes.ts'
import { type Evidence, writeBundle } from '../../ledger/bundle.ts'
import { MerkleTree } from '../../ledger/merkle.ts'
import { sectionsOf } from '../../ledger/sections.ts'
import { damaged, edited } from '../../ledger/testing/bundles.ts'
import type { VerifiedOf } from '../../statements/door.ts'
import { person } from '../../testing/keys.ts'
import { standings } from '../../testing/setup.ts'
import { type Said, type Standing, World } from '../../testing/world.ts'
import type { VerifyCode } from '../findings.ts'
import type { Verdict } from '../report.ts'
import {
  checkpointOver,
  type Exported,
  exportedBytes,
  exportedParts,
  exportOf,
  heldBytes,
  PEOPLE,
  placed,
  RecordedStory,
  type WholeStory,
  wholeStory,
} from './exported.ts'
import { withAftercare } from './faults-aftercare.ts'
import { unvouched } from './faults-unvouched.ts'
import { forged, partsOf, signedByDevice, touchedWith, withPayload } from './forging.ts'

/** A bundle, what verifying it must say, and at which entries it must point first. */
export interface Case {
  readonly bytes: Uint8Array
  readonly verdict: Verdict
  readonly first: { readonly code: VerifyCode; readonly entries: readonly [number, number] | null } | null
}

const at = (entries: readonly Uint8Array[], index: number): Uint8Array => entries[index] as Uint8Array
const without = (entries: readonly Uint8Array[], index: number) => entries.toSpliced(index, 1)
const swapped = (entries: readonly Uint8Array[], a: number, b: number) =>
  entries.with(a, at(entries, b)).with(b, at(entries, a))

/** Entries of the whole story, by what they are. */
export const PLACES = {
  plan: 6,
  daveCustody: 15,
  request: 18,
  denial: 19,
  bobApproves: 20,
  carolApproves: 21,
  issuing: 25,
  grant: 26,
}

/** Somebody edits bob's file; the checkpoints stay those that bob's device signed. */
async function editedByAnybody({ exported }: WholeStory): Promise<Record<string, Case>> {
  const parts = await exportedParts(exported)
  const { entries } = exported
  const file = (changed: readonly Uint8Array[], checkpoints: readonly string[] = parts.checkpoints): Uint8Array => {
    const header = { ...parts.header, entries: changed.length, size: changed.length }
    return concat(...writeBundle({ ...parts, header, sections: sectionsOf(placed(changed)), checkpoints }))
  }
  const good = file(entries)
  const { bobApproves, carolApproves, denial } = PLACES
  const carols = at(entries, carolApproves)
  const madeApproval = withPayload(at(entries, denial), '"verdict":"deny"', '"verdict":"approve"')
  const otherTree = await checkpointOver(exported, entries.with(denial, madeApproval))
  const refuted = (bytes: Uint8Array, code: VerifyCode, from: number, to = from + 1): Case => ({
    bytes,
    verdict: 'refuted',
    first: { code, entries: [from, to] },
  })
  const unreadable = (bytes: Uint8Array, code: VerifyCode): Case => ({
    bytes,
    verdict: 'unreadable',
    first: { code, entries: null },
  })
  return {
    'no fault': { bytes: good, verdict: 'verified', first: null },
    'a denial made an approval': refuted(file(entries.with(denial, madeApproval)), 'device-signature', denial),
    'an approval that the device signed and the hardware key did not': refuted(
      file(entries.with(denial, signedByDevice(madeApproval, 'dave'))),
      'hardware-wrong-statement',
      denial,
    ),
    'a changed reason': refuted(
      file(entries.with(carolApproves, withPayload(carols, '"reason":""', '"reason":"ok"'))),
      'device-signature',
      carolApproves,
    ),
    'the signature of another statement': refuted(
      file(
        entries.with(
          bobApproves,
          forged(at(entries, bobApproves), (parts) => ({
            ...parts,
            signatures: partsOf(at(entries, 2)).signatures,
          })),
        ),
      ),
      'device-signature',
      bobApproves,
    ),
    'an approval signed by another device': refuted(
      file(entries.with(bobApproves, signedByDevice(at(entries, bobApproves), 'dave'))),
      'not-in-roster',
      bobApproves,
    ),
    'an approval touched with another person’s key': refuted(
      file(entries.with(bobApproves, touchedWith(at(entries, bobApproves), 'carol'))),
      'hardware-unknown-key',
      bobApproves,
    ),
    'a hardware signature stripped': refuted(
      file(
        entries.with(
          bobApproves,
          forged(at(entries, bobApproves), (parts) => ({ ...parts, signatures: parts.signatures.slice(0, 1) })),
        ),
      ),
      'hardware-missing',
      bobApproves,
    ),
    'an entry removed': refuted(file(without(entries, denial)), 'own-head', 11, 20),
    'the last entry removed': refuted(file(entries.slice(0, -1)), 'missing-entries', 28, 29),
    'two entries swapped': refuted(file(swapped(entries, 16, 17)), 'own-head', 11, 20),
    'an entry repeated': refuted(file([...entries, carols]), 'entry-twice', entries.length),
    'a wrong root': refuted(file(entries, [parts.checkpoints[0] ?? '', otherTree]), 'wrong-root', 14, 29),
    'a statement in the section of others': refuted(inOthers(good, bobApproves), 'misplaced', bobApproves),
    'a place twice': refuted(
      edited(good, (lines) => [...lines, '{"section":"others"}', lineAt(lines, bobApproves)]),
      'place-twice',
      bobApproves,
    ),
    'a trailer of another count': {
      bytes: damaged(good, '{"trailer":{"lines":', '{"trailer":{"lines":1'),
      verdict: 'refuted',
      first: { code: 'damaged', entries: null },
    },
    'another organization in the header': {
      bytes: edited(good, (lines) => lines.map((line, n) => (n === 0 ? otherOrganization(line) : line))),
      verdict: 'refuted',
      first: { code: 'no-genesis', entries: null },
    },
    'a pin that is no entry': {
      bytes: await exportedBytes({ ...exported, pin: digest(utf8('some roster')) }),
      verdict: 'refuted',
      first: { code: 'pin-missing', entries: null },
    },
    'false evidence': {
      bytes: await exportedBytes({ ...exported, evidence: [{ about: 'equivocation', entries: [1, 2] }] }),
      verdict: 'refuted',
      first: { code: 'bad-evidence', entries: null },
    },
    'a cut file': unreadable(good.subarray(0, Math.floor(good.length / 2)), 'truncated'),
    'nothing in it': unreadable(new Uint8Array(), 'truncated'),
    garbage: unreadable(utf8('PK\u0003\u0004 this is a ZIP file\n'), 'malformed'),
  }
}

const lineAt = (lines: readonly string[], at: number): string =>
  lines.find((line) => line.startsWith(`{"at":${at},`)) ?? ''

/** The file with one entry in the section for what belongs in no other. */
function inOthers(bundle: Uint8Array, at: number): Uint8Array {
  return edited(bundle, (lines) => [
    ...lines.filter((line) => line !== lineAt(lines, at)),
    '{"section":"others"}',
    lineAt(lines, at),
  ])
}

const otherOrganization = (header: string): string =>
  header.replace(/"organization":"[^"]+"/, `"organization":"${digest(utf8('another organization'))}"`)

/** The exporting device itself left things out or did not check, and signed that. */
async function signedByTheExporter(whole: WholeStory): Promise<Record<string, Case>> {
  const { exported } = whole
  const { entries } = exported
  const { denial, carolApproves } = PLACES
  const otherHalf = entries.slice(1, 1 + Math.floor(entries.length / 2))
  // erin said nothing after her custody, so nothing of her own contradicts a ledger that lacks later entries.
  const byErin = (changed: readonly Uint8Array[]): Promise<Uint8Array> =>
    exportedBytes({ ...exported, by: 'erin', entries: changed })
  const foreign = new World('real')
  const theirs = await foreign.draftRoster('mallory', standings(['mallory']))
  const told = async (tell: (story: RecordedStory) => Promise<void>, changes: Partial<Exported> = {}) => {
    const { story } = await wholeStory({ beforeExport: tell })
    return exportedBytes({ ...exportOf(story), ...changes })
  }
  const fork = (name: string) => async (story: RecordedStory) => {
    const said = [digest(utf8('one')), digest(utf8('other'))].map((of) =>
      story.envelope('endorsement', person(name), { of }),
    )
    for (const bytes of said) story.take(await story.verified('endorsement', bytes))
  }
  const incomplete = (bytes: Uint8Array, code: VerifyCode, entry: number | null): Case => ({
    bytes,
    verdict: 'incomplete',
    first: { code, entries: entry === null ? null : [entry, entry + 1] },
  })
  const refuted = (bytes: Uint8Array, code: VerifyCode, from: number, to = from + 1): Case => ({
    bytes,
    verdict: 'refuted',
    first: { code, entries: [from, to] },
  })
  return {
    'a denial left out by the exporter': refuted(
      await exportedBytes({ ...exported, entries: without(entries, denial) }),
      'own-head',
      11,
      20,
    ),
    'a statement of another organization': refuted(
      await exportedBytes({ ...exported, entries: [...entries, theirs.envelope] }),
      'wrong-organization',
      entries.length,
    ),
    'another founding before this one': {
      bytes: await exportedBytes((await wholeStory({ beforeFounding: async (story) => story.take(theirs) })).exported),
      verdict: 'verified',
      first: null,
    },
    'an approval of the basis missing': incomplete(await byErin(without(entries, carolApproves)), 'chain-gap', 23),
    // Whoever asked has said nothing since, so no chain shows that the request is missing.
    'a grant without its request': incomplete(
      await byErin(without(entries, PLACES.request).slice(0, PLACES.grant)),
      'basis-missing',
      PLACES.grant - 1,
    ),
    'a gap in a chain': incomplete(
      await told(
        async (story) => {
          await story.unheard(() => story.endorse('dave', whole.plan))
          await story.endorse('dave', whole.plan)
        },
        { by: 'erin' },
      ),
      'chain-gap',
      29,
    ),
    'two statements of one number by another device': incomplete(await told(fork('dave')), 'chain-fork', 30),
    'two statements of one number by the exporter': refuted(await told(fork('bob')), 'chain-fork', 30),
    'no checkpoint': incomplete(
      concat(...writeBundle({ ...(await exportedParts(exported)), checkpoints: [] })),
      'no-checkpoint',
      null,
    ),
    'no cosignature': incomplete(await exportedBytes({ ...exported, by: 'erin', cosigners: [] }), 'not-cosigned', null),
    'cosignatures by the former device of the exporter’s owner alone': incomplete(
      await cosignedByItsOwner(),
      'not-cosigned',
      null,
    ),
    'an exporter in no roster': incomplete(await exportedBytes({ ...exported, by: 'mallory' }), 'unknown-key', null),
    'a kind of a later version': incomplete(await byErin([...entries, laterKind(at(entries, 1))]), 'unknown-kind', 29),
    'a roster missing': incomplete(await rosterMissing(), 'roster-missing', 29),
    'a founding not finished': incomplete(await unfounded(), 'pin-not-endorsed', 0),
    'a split organization': incomplete(await split(), 'split', 32),
    'two histories of the exporter, of different lengths': refuted(
      await withHeads(exported, [await checkpointOver(exported, otherHalf), await checkpointOver(exported, entries)]),
      'own-fork',
      0,
      otherHalf.length,
    ),
    'two histories of another device, of different lengths': incomplete(
      await exportedBytes({ ...exported, evidence: [await grownFork(exported, otherHalf)] }),
      'fork',
      null,
    ),
    'a head that was refused': {
      bytes: await exportedBytes({ ...exported, evidence: [await refusedHead(exported)] }),
      verdict: 'verified',
      first: null,
    },
    'a used key that was replaced': {
      bytes: await told(replacedBy(whole.plan, ['bob', 'carol', 'dave'])),
      verdict: 'verified',
      first: null,
    },
    'a used key whose successor is not held': {
      bytes: await told(replacedBy(whole.plan, ['bob', 'carol'])),
      verdict: 'verified',
      first: null,
    },
    'a case that was reviewed': { bytes: await told(reviewedBy('erin')), verdict: 'verified', first: null },
    'a case that somebody reviewed who approved': {
      bytes: await told(reviewedBy('carol')),
      verdict: 'verified',
      first: null,
    },
    'a case that was reviewed under a new name and with a known key': {
      bytes: await told(reviewedByAlias),
      verdict: 'verified',
      first: null,
    },
    'a case that was reviewed and closed': {
      bytes: await told(async (story) => {
        await replacedBy(whole.plan, ['bob', 'carol', 'dave'])(story)
        await reviewedBy('erin')(story)
      }),
      verdict: 'verified',
      first: null,
    },
    'a case that was reviewed before its grant was known': {
      bytes: await told(reviewedBy('erin', { grants: [] })),
      verdict: 'verified',
      first: null,
    },
    'a case that was reviewed, closed, and then compared with a record that differs': {
      bytes: await told(comparedAfter(whole, false)),
      verdict: 'verified',
      first: null,
    },
    'a case that was reviewed once more, with a record that differs': {
      bytes: await told(comparedAfter(whole, true)),
      verdict: 'verified',
      first: null,
    },
    'a pin set back': { bytes: await rolledBack(), verdict: 'verified', first: null },
    'old entries removed': incomplete(
      await heldBytes([{ from: 18, to: 29 }], (at) => at < 18 || at > 28),
      'pruned',
      29,
    ),
    'a file that is said to be of a case that it lacks': incomplete(
      edited(await heldBytes([{ from: 0, to: 1 }], () => true), ([header = '', ...lines]) => [
        header.replace('"scope":"held"', `"scope":{"case":"${digest(utf8('no case'))}"}`),
        ...lines,
      ]),
      'case-missing',
      null,
    ),
    'an entry that is gone without a record': incomplete(
      await heldBytes([{ from: 18, to: 28 }], (at) => at < 18 || at > 28, 'dave'),
      'not-accounted',
      null,
    ),
  }
}

/** A newer key of the credential was dealt, and these custodians proved that they hold it: three suffice to lose one. */
const replacedBy = (plan: VerifiedOf<'plan'>, holders: readonly string[]) => async (story: RecordedStory) => {
  const deposit = await story.deposit('alice', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE01' })
  await story.hold(deposit, holders)
}

/** Somebody reviews the only case. */
const reviewedBy =
  (name: string, changes: Partial<Said<'review'>> = {}) =>
  async (story: RecordedStory) => {
    await story.review(name, story.statements.find(({ kind }) => kind === 'request') as VerifiedOf<'request'>, changes)
  }

/** The key is replaced, Erin reviews the case, and Dave attaches a record that differs, a month later; then she may look again. */
function comparedAfter({ plan }: WholeStory, isSeen: boolean) {
  return async (story: RecordedStory) => {
    await replacedBy(plan, ['bob', 'carol', 'dave'])(story)
    await reviewedBy('erin')(story)
    story.pass(30 * 24 * 60)
    const request = story.statements.find(({ kind }) => kind === 'request') as VerifiedOf<'request'>
    await story.evidence('dave', request, { more: 1 })
    if (isSeen) await reviewedBy('erin')(story)
  }
}

/** Carol, who approved, leaves, comes back as mallory with one key of hers, and reviews the case as that. */
async function reviewedByAlias(story: RecordedStory): Promise<void> {
  const { carol, ...others } = PEOPLE
  await story.changeRoster('alice', others, ['alice', 'bob'])
  const [own, old] = [person('mallory'), person('carol')].map(({ entry }) => entry.authenticators)
  const mallory = { roles: carol?.roles ?? [], groups: [], authenticators: [own?.[0], old?.[1]] }
  await story.changeRoster('alice', { ...others, mallory }, ['alice', 'bob'])
  await reviewedBy('mallory')(story)
}

/** The bundle with these checkpoints of the exporter's. */
async function withHeads(exported: Exported, checkpoints: readonly string[]): Promise<Uint8Array> {
  return concat(...writeBundle({ ...(await exportedParts(exported)), checkpoints }))
}

/** carol's device signed a head over `other`, and one over all entries: the proof of growth leads from another root. */
async function grownFork(exported: Exported, other: readonly Uint8Array[]): Promise<Evidence> {
  const tree = new MerkleTree()
  for (const entry of exported.entries) tree.append(entry)
  const carols = { ...exported, by: 'carol', cosigners: [] }
  return {
    about: 'growth-fork',
    checkpoints: [await checkpointOver(carols, other), await checkpointOver(carols, exported.entries)],
    root: toBase64Url(tree.root(other.length)),
    proof: tree.consistencyProof(other.length).map(toBase64Url),
  }
}

/** carol's device showed a head of fewer entries than before. */
async function refusedHead(exported: Exported): Promise<Evidence> {
  const carols = { ...exported, by: 'carol', cosigners: [] }
  const [known, shown] = [exported.entries.slice(0, 20), exported.entries.slice(0, 12)]
  return {
    about: 'refused',
    at: exported.exportedAt - 60_000,
    checkpoints: [await checkpointOver(carols, known), await checkpointOver(carols, shown)],
    code: 'shrunk',
  }
}

const laterKind = (bytes: Uint8Array): Uint8Array =>
  forged(bytes, (parts) => ({ ...parts, payloadType: 'application/vnd.lockbox.tomorrow+json' }))

/** bob has a new device, and only the one before cosigns what it exports. */
async function cosignedByItsOwner(): Promise<Uint8Array> {
  const { story } = await wholeStory()
  const { bob, ...others } = PEOPLE
  await story.changeRoster('alice', { ...others, 'bob/new phone': bob as Standing }, ['alice', 'carol'])
  return exportedBytes({ ...exportOf(story), by: 'bob/new phone', cosigners: ['bob'] })
}

async function rosterMissing(): Promise<Uint8Array> {
  const { story } = await wholeStory()
  const change = await story.changeRoster('alice', PEOPLE, ['alice', 'bob'])
  await story.endorse('dave', change)
  const pin = story.organization
  const entries = story.entries().toSpliced(29, 1)
  return exportedBytes({ ...exportOf(story), by: 'erin', pin, entries })
}

async function unfounded(): Promise<Uint8Array> {
  const story = new RecordedStory()
  const genesis = await story.draftRoster('bob', PEOPLE)
  await story.endorse('bob', genesis)
  return exportedBytes({ ...exportOf(story), cosigners: [] })
}

async function split(): Promise<Uint8Array> {
  const { story } = await wholeStory()
  const genesis = story.roster
  await story.changeRoster('alice', PEOPLE, ['alice', 'bob'])
  story.roster = genesis
  await story.changeRoster('carol', PEOPLE, ['carol', 'bob'])
  return exportedBytes({ ...exportOf(story), pin: genesis.id })
}

/**
 * dave left the roster. The exporter says that its pin is still the founding roster, and dave's app, which did not hear, approves
 * under that.
 */
async function rolledBack(): Promise<Uint8Array> {
  const { story, plan } = await wholeStory()
  const genesis = story.roster
  const { dave, ...left } = PEOPLE
  if (dave === undefined) throw new TypeError('expected dave')
  await story.changeRoster('alice', left, ['alice', 'bob'])
  story.roster = genesis
  const request = await story.ask('alice', plan)
  await story.decide('dave', request)
  return exportedBytes({ ...exportOf(story), pin: genesis.id })
}

/** Every bundle of the tests by name; most have one fault. */
export async function bundleCases(): Promise<Record<string, Case>> {
  const whole = await wholeStory()
  return {
    ...(await editedByAnybody(whole)),
    ...(await signedByTheExporter(whole)),
    ...(await withAftercare()),
    ...(await unvouched()),
  }
}
