import { type Digest, equalBytes, type Sha256 } from '../bytes.ts'
import { type Checkpoint, originOf, parseOrigin } from '../ledger/checkpoint.ts'
import { chainsOf } from './chains.ts'
import type { Findings } from './findings.ts'
import type { InForce } from './in-force.ts'
import type { LedgerOf } from './judge.ts'
import type { FilePlaces, Rows } from './rows.ts'
import type { Source } from './source.ts'
import { countWords, deviceWords } from './words.ts'

interface Comparison {
  readonly voices: InForce
  readonly sha256: Sha256
  readonly findings: Findings
  /** Files with an entry that its proof does not show: somebody else may have changed these. */
  readonly unproved: ReadonlySet<number>
}

/** What several files say of one another: what one has and another should, and where they contradict each other. */
export function compareFiles(
  sources: readonly Source[],
  ledgers: readonly LedgerOf[],
  rows: Rows,
  comparison: Comparison,
): void {
  if (sources.length < 2) return
  const told = new Set<string>()
  for (const source of sources) compareHeads(source, sources, ledgers, comparison, told)
  findForks(sources, ledgers, comparison, told)
  comparePlaces(sources, ledgers, rows, comparison)
  for (const source of sources) nameLacks(source, rows, comparison)
}

const headName = ({ origin, size }: Checkpoint): string => `${origin}\n${size}`

/** Two heads of one ledger and size with different roots, in two files: the first that any file has, and the first that contradicts it. */
function findForks(
  sources: readonly Source[],
  ledgers: readonly LedgerOf[],
  { voices, findings }: Comparison,
  told: Set<string>,
): void {
  const exporters = new Set(sources.map(({ header }) => header.device))
  const first = new Map<string, { readonly root: Uint8Array; readonly file: number }>()
  for (const [file, { report }] of ledgers.entries())
    for (const head of report.heads) {
      const name = headName(head)
      const known = first.get(name)
      if (known === undefined) first.set(name, { root: head.root, file })
      if (known === undefined || known.file === file || told.has(name) || equalBytes(known.root, head.root)) continue
      told.add(name)
      const device = parseOrigin(head.origin)?.device ?? null
      const who = device === null ? 'a device' : deviceWords(voices.device(device))
      const says = `${who} signed two different ledgers of ${head.size} entries: one head is in file ${known.file + 1}, the other in file ${file + 1}`
      if (device !== null && exporters.has(device)) findings.add('refuted', 'own-fork', says, { device })
      else findings.add('incomplete', 'fork', says, { device })
    }
}

/**
 * Two statements in one place of one ledger, each of them in a ledger that its device signed. Of whole ledgers their heads say so; parts
 * have no others to be compared with.
 */
function comparePlaces(
  sources: readonly Source[],
  ledgers: readonly LedgerOf[],
  rows: Rows,
  { voices, findings, unproved }: Comparison,
): void {
  const places = new Map<number, FilePlaces>()
  const placesOf = (file: number): FilePlaces => {
    const known = places.get(file) ?? rows.placesIn(file)
    places.set(file, known)
    return known
  }
  const boundOf = ({ index, header }: Source): number => {
    const covered = ledgers[index]?.report.covered ?? 0
    if (header.scope === 'all') return covered
    return covered === 0 || unproved.has(index) ? 0 : header.size
  }
  for (const one of sources)
    for (const other of sources.slice(one.index + 1)) {
      const { device } = one.header
      if (other.header.device !== device || [one, other].every(({ header }) => header.scope === 'all')) continue
      const at = firstDifference(placesOf(one.index), placesOf(other.index), Math.min(boundOf(one), boundOf(other)))
      if (at === null) continue
      const says = `file ${one.index + 1} and file ${other.index + 1} have different statements as entry ${at} of ${deviceWords(voices.device(device))}, each of them in a ledger that it signed`
      findings.add('refuted', 'own-fork', says, { file: other.index, entry: at, device })
    }
}

/** The first place below a bound in which both have a row, and not the same. */
function firstDifference(one: FilePlaces, other: FilePlaces, bound: number): number | null {
  for (let [a, b] = [0, 0]; a < one.places.length && b < other.places.length; ) {
    const [at, there] = [one.places[a] as number, other.places[b] as number]
    if (Math.min(at, there) >= bound) return null
    if (at === there && one.rows[a] !== other.rows[b]) return at
    if (at <= there) a++
    if (there <= at) b++
  }
  return null
}

/** Heads that any file has of this file's ledger: its entries have to lead to the same. */
function compareHeads(
  { index: file, header, leaves }: Source,
  sources: readonly Source[],
  ledgers: readonly LedgerOf[],
  { voices, sha256, findings }: Comparison,
  told: Set<string>,
): void {
  if (header.scope !== 'all') return
  const origin = originOf(header.organization, header.device)
  const others = ledgers.flatMap(({ report }, index) =>
    index === file ? [] : report.heads.map((head) => ({ head, index })),
  )
  const heads = others.filter(({ head }) => head.origin === origin)
  const who = deviceWords(voices.device(header.device))
  const covered = ledgers[file]?.report.covered ?? 0
  const roots = new Map<number, Uint8Array>()
  leaves.eachRoot(
    heads.map(({ head }) => head.size).filter((size) => size <= leaves.size),
    (size, root) => roots.set(size, root),
    sha256,
  )
  for (const { head, index } of heads) {
    const root = roots.get(head.size)
    const place = { file, device: header.device }
    if (head.size > leaves.size) {
      const newer = sources[index]?.header.device === header.device
      const says = `file ${index + 1} has a head of ${who} with ${head.size} entries; this file has ${leaves.size}`
      // The same device's newer bundle has the rest itself.
      if (!newer) findings.add('incomplete', 'behind', says, place)
    } else if (root !== undefined && !equalBytes(root, head.root)) {
      const says = `file ${index + 1} has a head of ${who} with ${head.size} entries that are not those of this file`
      // Beyond what the device itself signed, somebody else may have changed this file.
      if (head.size <= covered) {
        findings.add('refuted', 'own-fork', says, place)
        told.add(headName(head))
      } else findings.add('refuted', 'wrong-root', says, { ...place, entries: { from: covered, to: head.size } })
    }
  }
}

/** Statements that a file lacks though it has later ones of the same device. */
function nameLacks({ index: file, header }: Source, rows: Rows, { voices, findings }: Comparison): void {
  if (header.scope !== 'all') return
  for (const [number, chain] of chainsOf(rows)) {
    const device = rows.devices[number] as Digest
    let last = -1
    for (const row of chain) if (rows.isIn(row, file)) last = rows.sequence(row)
    const lacking = chain.filter((row) => !rows.isIn(row, file) && rows.sequence(row) < last)
    const [first] = lacking
    if (first === undefined) continue
    const what = countWords(lacking.length, 'statement', 'statements')
    const where = `file ${rows.file(first) + 1}, entry ${rows.at(first)}`
    const says = `it lacks ${what} of ${deviceWords(voices.device(device))} that others have, the first of them in ${where}`
    findings.add('attention', 'lacks', says, { file, device })
  }
}
