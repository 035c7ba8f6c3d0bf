import { concat } from '../../shared/bytes.ts'
import { writeBundle } from '../../shared/ledger/bundle.ts'
import { parseCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { vouchersOf } from '../../shared/ledger/covered.ts'
import { MerkleTree } from '../../shared/ledger/merkle.ts'
import { partOf } from '../../shared/ledger/part.ts'
import { sectionOf, sectionsOf } from '../../shared/ledger/sections.ts'
import { readWhole, type WholeBundle } from '../../shared/ledger/testing/read.ts'
import type { BundleReport } from '../../shared/verify/report.ts'
import {
  type Exported,
  exportedBytes,
  exportedParts,
  exportOf,
  heldBytes,
  RecordedStory,
  type WholeStory,
  wholeStory,
} from '../../shared/verify/testing/exported.ts'
import { bundleCases } from '../../shared/verify/testing/faults.ts'
import { latin1 } from './latin1.ts'
import { RememberedSignatures } from './signatures.ts'
import { reportOn } from './verify.ts'

/** A bundle without fault, which mutations start from. */
export interface Original {
  readonly name: string
  readonly organization: string
  /** Its lines, each byte a character, without newlines. */
  readonly lines: readonly string[]
}

/** What a ledger truly is, so that a bundle of it can be held against it. */
interface True {
  readonly entries: readonly string[]
  /** Sizes at which its device signed. */
  readonly sizes: ReadonlySet<number>
  /** Who cosigned what. */
  readonly cosigned: Set<string>
}

/** The originals, and what verifying any file that is made from them may say. */
export class Corpus {
  readonly originals: Original[] = []
  readonly signatures = new RememberedSignatures()
  readonly #true = new Map<string, True>()
  /** What a report of an original says, by its header and the number of its entries. */
  readonly #facts = new Map<string, string>()

  /** @param ledger - all entries of the exporting device, though the bundle may be a part of them. */
  async add(name: string, bytes: Uint8Array, ledger: readonly Uint8Array[]): Promise<void> {
    const bundle = await readWhole(bytes)
    const report = await reportOn([bytes], this.signatures.learning())
    if (report.verdict === 'unreadable' || report.verdict === 'refuted')
      throw new TypeError(`${name} is ${report.verdict}: ${JSON.stringify(report.first)}`)
    const key = ledgerOf(bundle)
    const known = this.#true.get(key) ?? {
      entries: ledger.map(latin1),
      sizes: new Set([half(ledger), ledger.length]),
      cosigned: new Set(),
    }
    if (!this.#true.has(key)) this.#true.set(key, known)
    for (const note of bundle.checkpoints)
      for (const { device, size, at } of vouchersOf(parseCheckpoint(note)))
        known.cosigned.add(`${device} ${size} ${at}`)
    this.#facts.set(headOf(bundle), factsOf(report))
    const { organization } = bundle.header
    this.originals.push({ name, organization, lines: latin1(bytes).split('\n').slice(0, -1) })
  }

  /**
   * What is false about a verified report, or null.
   *
   * @param isAlone - whether it is about this file alone; else it says more.
   */
  falsehood(bundle: WholeBundle, report: BundleReport, isAlone: boolean): string | null {
    const known = this.#true.get(ledgerOf(bundle))
    if (known === undefined) return 'verified, though no such device exported anything'
    if (bundle.entries.some(({ at, envelope }) => known.entries[at] !== latin1(envelope)))
      return 'verified, though its entries are others'
    if (bundle.header.scope === 'all' && !known.sizes.has(bundle.entries.length))
      return `verified, though no head of ${bundle.entries.length} entries was ever signed`
    if (cosignaturesIn(report).some((one) => !known.cosigned.has(one)))
      return 'verified, with a cosignature that nobody gave'
    const facts = isAlone ? this.#facts.get(headOf(bundle)) : undefined
    return facts === undefined || facts === factsOf(report) ? null : 'verified, though the report says something else'
  }
}

const half = (ledger: readonly unknown[]): number => Math.floor(ledger.length / 2)
const ledgerOf = ({ header }: WholeBundle): string => `${header.organization} ${header.device}`
const headOf = ({ header, entries }: WholeBundle): string => `${entries.length} ${JSON.stringify(header)}`

function factsOf({ organization, people, plans, credentials, counts, cases, log }: BundleReport): string {
  return JSON.stringify({ organization, people, plans, credentials, counts, cases, log })
}

function cosignaturesIn({ files }: BundleReport): string[] {
  return (files[0]?.ledger.cosigners ?? []).map(({ device, size, at }) => `${device} ${size} ${at}`)
}

/** What everything is made from, the smallest first: a small founding, a whole break-glass, a part of it, one with evidence, and what a device still holds. */
export async function corpusOf(): Promise<Corpus> {
  const corpus = new Corpus()
  const whole = await wholeStory()
  const { entries } = whole.exported
  const small = await founding()
  await corpus.add('a founding', await exportedBytes(small), small.entries)
  await corpus.add('whole', await exportedBytes({ ...whole.exported, peers: [by(whole, 'carol')] }), entries)
  await corpus.add('another device’s', await exportedBytes(by(whole, 'carol')), entries)
  await corpus.add('one case', await oneCase(whole), entries)
  const faults = await bundleCases()
  for (const name of ['a head that was refused', 'two histories of another device, of different lengths'])
    await corpus.add(name, faults[name]?.bytes ?? new Uint8Array(), entries)
  const removed = await wholeStory({
    beforeExport: async (story) => void (await story.prune('erin', [{ from: 18, to: 29 }])),
  })
  await corpus.add('held', await heldBytes([{ from: 18, to: 29 }], (at) => at < 18 || at > 28), removed.story.entries())
  return corpus
}

const by = ({ exported }: WholeStory, name: string): Exported => ({
  ...exported,
  by: name,
  cosigners: ['dave', 'erin'],
})

async function founding(): Promise<Exported> {
  const story = new RecordedStory()
  await story.found({
    frank: { roles: ['admin', 'commander'], groups: [] },
    grace: { roles: ['admin', 'approver'], groups: [] },
  })
  return { ...exportOf(story), by: 'frank', cosigners: ['grace'] }
}

async function oneCase({ exported, request, story }: WholeStory): Promise<Uint8Array> {
  const tree = new MerkleTree()
  for (const entry of exported.entries) tree.append(entry)
  const scope = { case: request.id }
  const accepted = story.statements.map((statement, at) => ({ at, statement }))
  const entries = partOf(accepted, scope).map(({ at, statement }) => ({
    at,
    envelope: statement.envelope,
    section: sectionOf(statement),
    proof: tree.inclusionProof(at),
  }))
  const { header, ...parts } = await exportedParts(exported)
  const counted = { ...header, scope, entries: entries.length }
  return concat(...writeBundle({ ...parts, header: counted, sections: sectionsOf(entries) }))
}
