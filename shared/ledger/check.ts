import { utcWords } from '../utc.ts'
import type { BundleHeader, Evidence } from './bundle.ts'
import { type Checkpoint, checkpointFrom, originOf, parseOrigin, type VerifyEd25519 } from './checkpoint.ts'
import { type Believed, type Coverage, judgeCoverage, judgePart } from './coverage.ts'
import { type Finding, type FindingResult, incomplete, refuted } from './finding.ts'
import type { Leaves } from './leaves.ts'
import type { NoteKey } from './note.ts'
import { verifyCheckpoint } from './verify.ts'
import { forkEvidence, isForkedGrowth } from './witness.ts'

/** What checking a bundle's ledger showed. */
export interface LedgerReport extends Coverage {
  /** The worst result of all findings. */
  readonly verdict: FindingResult
  /** Number of entries in the file. */
  readonly entries: number
  /** Number of entries of the ledger, and the root over them (32 bytes): recomputed, or in a part the signed one. Null: unknown. */
  readonly size: number
  readonly root: Uint8Array | null
  /** Every head that verified, those in evidence included. */
  readonly heads: readonly Checkpoint[]
}

/** A bundle, read: its entries as leaf hashes. */
export interface LedgerFile {
  readonly header: BundleHeader
  readonly checkpoints: readonly string[]
  readonly evidence: readonly Evidence[]
  /** Whether the trailer fits. */
  readonly intact: boolean
  /** How many entries the file has. */
  readonly entries: number
  readonly leaves: Leaves
  /** Roots over its first n entries: at least for every n in {@link sizesIn}. */
  readonly roots: ReadonlyMap<number, Uint8Array>
}

/** The sizes of the heads in a file that are the exporter's, as far as they can be read, and that of all its entries. */
export function sizesIn({ header, checkpoints, leaves }: Omit<LedgerFile, 'roots'>): number[] {
  const origin = originOf(header.organization, header.device)
  const heads = checkpoints.map(checkpointFrom).filter((head) => head?.origin === origin)
  return [leaves.size, ...heads.flatMap((head) => (head === null ? [] : [head.size]))]
}

interface Context {
  readonly file: LedgerFile
  readonly keys: readonly NoteKey[]
  readonly verifyEd25519: VerifyEd25519
  readonly kin: ReadonlySet<string>
  /** The exporter's origin. */
  readonly origin: string
}

/** The head that the proofs of a part are held against: the first own checkpoint of that size, not yet believed; or null. */
export function headOfPart({ header, checkpoints }: Pick<LedgerFile, 'header' | 'checkpoints'>): Checkpoint | null {
  const origin = originOf(header.organization, header.device)
  for (const note of checkpoints) {
    const head = checkpointFrom(note)
    if (head?.origin === origin && head.size === header.size) return head
  }
  return null
}

/**
 * Compares a bundle's recomputed ledger with its checkpoints and cosignatures (docs/formats/bundle.md, "What
 * is checked"). Never throws on hostile input. Does not look into entries: each still has to pass the door.
 *
 * @param keys - Checkpoint keys by origin, from the rosters that the pin vouches for; removed devices included.
 * @param kin - Origins of other devices that the exporter's owner has or had: whose cosignatures are nobody else's.
 */
export async function checkLedger(
  file: LedgerFile,
  keys: readonly NoteKey[],
  verifyEd25519: VerifyEd25519,
  kin: ReadonlySet<string> = new Set(),
): Promise<LedgerReport> {
  const { header, leaves, roots } = file
  const origin = originOf(header.organization, header.device)
  const context = { file, keys, verifyEd25519, kin, origin }

  const read = await believeAll(context, file.checkpoints)
  const claimed = await checkEvidence(context)
  const own = read.believed.filter(({ checkpoint }) => checkpoint.origin === origin)
  const part = header.scope === 'all' ? null : headOfPart(file)
  const coverage = header.scope === 'all' ? judgeCoverage({ leaves, roots }, own) : judgePart(file.entries, part, own)
  const findings = [
    ...formFindings(file),
    ...read.findings,
    ...coverage.findings,
    ...peerFindings(context, read.believed),
    ...claimed.findings,
    ...forkFindings(context, [...read.believed, ...claimed.believed]),
  ]
  const root = header.scope === 'all' ? (roots.get(leaves.size) ?? null) : (part?.root ?? null)
  const heads = [...read.believed, ...claimed.believed].map(({ checkpoint }) => checkpoint)
  return { ...coverage, verdict: worst(findings), entries: file.entries, size: header.size, root, heads, findings }
}

function worst(findings: readonly Finding[]): FindingResult {
  const found = (result: FindingResult): boolean => findings.some((finding) => finding.result === result)
  if (found('refuted')) return 'refuted'
  return found('incomplete') ? 'incomplete' : 'holds'
}

function formFindings({ intact, header, entries, leaves }: LedgerFile): Finding[] {
  const findings: Finding[] = []
  if (!intact)
    findings.push(refuted('damaged', 'lines were added or removed: the trailer does not count those before it'))
  if (header.entries !== entries)
    findings.push(refuted('wrong-count', `the header says ${header.entries} entries; the file has ${entries}`))
  else if (header.scope === 'all' && (header.size !== entries || leaves.count !== entries))
    findings.push(
      refuted('wrong-count', `the header promises all ${header.size} entries; the file has ${leaves.count} of them`),
    )
  return findings
}

async function believeAll(context: Context, notes: readonly string[]) {
  const believed: Believed[] = []
  const findings: Finding[] = []
  for (const note of notes) {
    const result = await believe(context, note)
    if ('code' in result) findings.push(result)
    else believed.push(result)
  }
  return { believed, findings }
}

async function believe(
  { file, keys, verifyEd25519, kin, origin: exporter }: Context,
  note: string,
): Promise<Believed | Finding> {
  const checkpoint = checkpointFrom(note)
  if (!checkpoint) return refuted('malformed-checkpoint', 'a checkpoint is not a signed note of three lines')
  const { origin } = checkpoint
  if (parseOrigin(origin)?.organization !== file.header.organization)
    return { ...refuted('wrong-origin', 'a checkpoint is of another organization'), name: origin }
  const verdict = await verifyCheckpoint(checkpoint, keys, verifyEd25519)
  if (verdict.ok) {
    const others = verdict.cosigners.filter((cosigner) => origin !== exporter || !kin.has(cosigner.name))
    const { unknown } = verdict
    return { checkpoint, cosigners: others, unknown, kin: verdict.cosigners.length - others.length }
  }
  const { code, name } = verdict
  if (code === 'unknown-key')
    return { ...incomplete(code, 'a checkpoint by a device that is in no roster given'), name }
  return { ...refuted(code, SIGNATURE_FAULTS[code]), name }
}

const SIGNATURE_FAULTS = {
  unsigned: 'a checkpoint without a signature by its own ledger',
  'bad-signature': 'the signature on a checkpoint is wrong',
  'bad-cosignature': 'the cosignature of a known device on a checkpoint is wrong',
} as const

function peerFindings({ origin }: Context, believed: readonly Believed[]): Finding[] {
  const findings: Finding[] = []
  for (const { checkpoint, unknown, kin } of believed) {
    const { origin: name, size } = checkpoint
    const head = `a head of another device, signed, with ${size} entries; they are not in this file`
    const same = `${kin} of the cosignatures on a checkpoint are by other devices of the exporting device’s owner; nobody else stands behind these`
    const ignored = `${unknown} signatures on a checkpoint are by keys in no roster given; they say nothing`
    if (name !== origin) findings.push({ result: 'holds', code: 'peer-checkpoint', message: head, name })
    if (unknown > 0) findings.push({ result: 'holds', code: 'unknown-cosigner', message: ignored, name })
    if (kin > 0) findings.push({ result: 'holds', code: 'kin-cosigner', message: same, name })
  }
  return findings
}

async function checkEvidence(context: Context) {
  const believed: Believed[] = []
  const findings: Finding[] = []
  for (const evidence of context.file.evidence) {
    if (evidence.about === 'waiting' || evidence.about === 'equivocation')
      findings.push(claimFinding(context, evidence))
    else {
      const heads = await believeAll(context, evidence.checkpoints)
      const [a, b] = heads.believed
      findings.push(...heads.findings)
      if (a && b) findings.push(...pairFindings(context, evidence, a.checkpoint, b.checkpoint))
      believed.push(...heads.believed)
    }
  }
  return { believed, findings }
}

type PairEvidence = Extract<Evidence, { checkpoints: unknown }>

/** What two believed heads in evidence show. A fork of one size is found with all others, wherever its heads stand. */
function pairFindings({ origin }: Context, evidence: PairEvidence, a: Checkpoint, b: Checkpoint): Finding[] {
  const name = a.origin
  switch (evidence.about) {
    case 'fork':
      return forkEvidence(a, b) ? [] : [refuted('bad-evidence', 'two heads are given as a fork and are none')]
    case 'growth-fork': {
      if (!isForkedGrowth(a, b, evidence))
        return [refuted('bad-evidence', 'a proof is given for two heads of two histories and does not show that')]
      const message = `it signed a head of ${a.size} entries, and one of ${b.size} entries that do not begin with those; the proof of that is in this file`
      return [{ ...(name === origin ? refuted('own-fork', message) : incomplete('fork', message)), name }]
    }
    case 'refused':
      return [refusedFinding(origin, evidence, a, b)]
  }
}

function refusedFinding(
  origin: string,
  { code, at }: Extract<Evidence, { about: 'refused' }>,
  known: Checkpoint,
  shown: Checkpoint,
): Finding {
  const isSmaller = shown.size < known.size
  const isOfOne = known.origin === shown.origin && known.origin !== origin
  if (!isOfOne || shown.size === known.size || isSmaller !== (code === 'shrunk'))
    return refuted('bad-evidence', 'a head is given as refused that no device had to refuse')
  const why = isSmaller
    ? `it had seen one of ${known.size} before`
    : `it was not shown that these go on from the ${known.size} it had seen before`
  const message = `the exporting device says that it refused a head of ${shown.size} entries at ${utcWords(at)} by its own clock, since ${why}`
  return { result: 'attention', code: 'refused-head', message, name: known.origin }
}

function claimFinding({ file }: Context, evidence: Exclude<Evidence, PairEvidence>): Finding {
  if (evidence.about === 'waiting')
    return incomplete('waiting', 'a statement had arrived that the exporter could not verify yet')
  const [a, b] = evidence.entries
  const isPart = file.header.scope !== 'all'
  if (a === b || (!isPart && !(file.leaves.has(a) && file.leaves.has(b))))
    return refuted('bad-evidence', 'two entries are given as contradicting each other and are not in the file')
  return incomplete('equivocation', `entries ${a} and ${b} are given as contradicting each other`)
}

/** Two believed heads of one ledger and size with different roots, wherever in the bundle they stand. */
function forkFindings({ origin }: Context, believed: readonly Believed[]): Finding[] {
  const findings = new Map<string, Finding>()
  const heads = new Map<string, Checkpoint>()
  for (const { checkpoint } of believed) {
    const { origin: name, size } = checkpoint
    const place = `${name}\n${size}`
    const first = heads.get(place)
    if (!first) heads.set(place, checkpoint)
    else if (forkEvidence(first, checkpoint)) {
      const message = `two different ledgers of ${size} entries were signed by one device`
      const finding = name === origin ? refuted('own-fork', message) : incomplete('fork', message)
      findings.set(place, { ...finding, name })
    }
  }
  return [...findings.values()]
}
