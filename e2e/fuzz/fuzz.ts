import { readWhole, type WholeBundle } from '../../shared/ledger/testing/read.ts'
import { noddingChecks } from '../../shared/testing/checks.ts'
import type { BundleReport } from '../../shared/verify/report.ts'
import type { Corpus } from './corpus.ts'
import { type Input, inputOf } from './mutations.ts'
import { type Arriving, judge, linesOf, reportOn } from './verify.ts'

/** Longest that one input may keep a core, milliseconds: some hundred times what most take. */
export const MOST_MS = 5000
/** Most memory that the whole program may have after an input, bytes; it has a third of it. */
const MOST_BYTES = 768 * 1024 ** 2

/** What came of inputs. */
export interface Tally {
  inputs: number
  readable: number
  verified: number
}

/** An input that broke something. */
export class Broken extends Error {
  readonly seed: number

  constructor(seed: number, what: string, options?: { cause?: unknown }) {
    super(`seed ${seed}: ${what}`, options)
    this.seed = seed
  }
}

/**
 * Verifies the input of a seed: no exception, no more time or memory than is bounded, and `verified` is said only of a file
 * that says what the original did.
 *
 * @throws {Broken}
 */
export async function tryOne(corpus: Corpus, seed: number, tally: Tally): Promise<void> {
  const began = process.cpuUsage()
  const input = inputOf(corpus.originals, seed)
  const wrong = await wrongWith(corpus, input, tally).catch((cause: unknown) => {
    throw new Broken(seed, `threw ${String(cause)}`, { cause })
  })
  if (wrong !== null) throw new Broken(seed, wrong)
  tally.inputs++
  const { user, system } = process.cpuUsage(began)
  if (user + system > MOST_MS * 1000) throw new Broken(seed, `took ${Math.round((user + system) / 1000)} ms`)
  const memory = process.memoryUsage.rss()
  if (memory > MOST_BYTES) throw new Broken(seed, `left the program with ${Math.round(memory / 1024 ** 2)} MiB`)
}

async function wrongWith(corpus: Corpus, { files, isNodding }: Input, tally: Tally): Promise<string | null> {
  const judged = await judge(files, isNodding ? noddingChecks : corpus.signatures.checks)
  const all = judged.flatMap((one) => one.files)
  if (all.length !== files.length) return `${files.length} files led to reports on ${all.length}`
  const mine = judged.find((one) => one.files.includes('0'))
  if (mine === undefined) return 'the file is in no report'
  if (mine.report.verdict === 'unreadable') return null
  tally.readable++
  if (isNodding || mine.report.verdict !== 'verified') return null
  tally.verified++
  // A report of two files is of what both say; each of them has to be what it was.
  const { report } = mine
  const ownReport = { ...report, files: [report.files[mine.files.indexOf('0')] ?? report.files[0]] } as typeof report
  return corpus.falsehood(await whole(files[0] as Arriving), ownReport, mine.files.length === 1)
}

async function whole(file: Arriving): Promise<WholeBundle> {
  const pieces: Uint8Array[] = []
  for await (const piece of linesOf(file)) pieces.push(piece)
  return readWhole(...pieces)
}

/** What would be false if a file led to the report on another one. */
export async function falsehoodOf(
  corpus: Corpus,
  reported: Uint8Array,
  read: Uint8Array,
  change: (report: BundleReport) => BundleReport = (report) => report,
): Promise<string | null> {
  const report = await reportOn([reported], corpus.signatures.checks)
  if (report.verdict === 'unreadable') throw new TypeError(report.first.says)
  return corpus.falsehood(await readWhole(read), change(report), true)
}
