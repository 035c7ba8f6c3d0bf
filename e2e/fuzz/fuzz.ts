import { readWhole, type WholeBundle } from '../../shared/ledger/testing/read.ts'
import { noddingChecks } from '../../shared/testing/checks.ts'
import type { BundleReport } from '../../shared/verify/report.ts'
import type { Corpus } from './corpus.ts'
import { type Input, inputOf } from './mutations.ts'
import { type Arriving, judge, linesOf, reportOn } from './verify.ts'

/** Longest that one input may keep a core, milliseconds: some hundred times what most take. */
export const MOST_MS = 5000
/** Most memory that the whole program may have after an input beyond what it had before the first, bytes; it takes a third of it. */
const MOST_BYTES = 512 * 1024 ** 2
/** Whoever runs this may have run much else before in the same process. */
const BEFORE = process.memoryUsage.rss()

/** To ask for it takes a tenth of what an input does. */
const ASK_MEMORY_EVERY = 16

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
  const began = stopwatch.read()
  const input = inputOf(corpus.originals, seed)
  const wrong = await wrongWith(corpus, input, tally).catch((cause: unknown) => {
    throw new Broken(seed, `threw ${String(cause)}`, { cause })
  })
  if (wrong !== null) throw new Broken(seed, wrong)
  tally.inputs++
  const took = stopwatch.since(began)
  if (took > MOST_MS) throw new Broken(seed, `took ${Math.round(took)} ms`)
  const memory = tally.inputs % ASK_MEMORY_EVERY === 0 ? process.memoryUsage.rss() - BEFORE : 0
  if (memory > MOST_BYTES) throw new Broken(seed, `left the program with ${Math.round(memory / 1024 ** 2)} MiB more`)
}

/** Time of the core since a moment not long ago, milliseconds: to ask for it takes a tenth of what an input does. */
class Stopwatch {
  #at = Number.NEGATIVE_INFINITY
  #cpu = process.cpuUsage()

  read(): number {
    const now = performance.now()
    if (now > this.#at + OLD_MS) {
      this.#at = now
      this.#cpu = process.cpuUsage()
    }
    return now
  }

  /** No less than what was used since then; no thread uses more than the clock says. */
  since(began: number): number {
    if (performance.now() - began < MOST_MS) return 0
    const { user, system } = process.cpuUsage(this.#cpu)
    return (user + system) / 1000
  }
}

const OLD_MS = 500
const stopwatch = new Stopwatch()

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
