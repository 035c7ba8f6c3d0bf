import { type Digest, equalBytes, type Sha256 } from '../bytes.ts'
import { originOf } from '../ledger/checkpoint.ts'
import { chainsOf } from './chains.ts'
import type { Findings } from './findings.ts'
import type { InForce } from './in-force.ts'
import type { LedgerOf } from './judge.ts'
import type { Rows } from './rows.ts'
import type { Source } from './source.ts'
import { countWords, deviceWords } from './words.ts'

interface Comparison {
  readonly voices: InForce
  readonly sha256: Sha256
  readonly findings: Findings
}

/** What several files say of one another: what one has and another should, and where they contradict each other. */
export function compareFiles(
  sources: readonly Source[],
  ledgers: readonly LedgerOf[],
  rows: Rows,
  comparison: Comparison,
): void {
  if (sources.length < 2) return
  for (const source of sources) compareHeads(source, sources, ledgers, comparison)
  for (const source of sources) nameLacks(source, rows, comparison)
}

/** Heads that any file has of this file's ledger: its entries have to lead to the same. */
function compareHeads(
  { index: file, header, leaves }: Source,
  sources: readonly Source[],
  ledgers: readonly LedgerOf[],
  { voices, sha256, findings }: Comparison,
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
      if (head.size <= covered) findings.add('refuted', 'own-fork', says, place)
      else findings.add('refuted', 'wrong-root', says, { ...place, entries: { from: covered, to: head.size } })
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
