import type { Digest } from '../../bytes.ts'
import { chunksOf, readWhole } from '../../ledger/testing/read.ts'
import type { BundleReport, Report } from '../report.ts'
import type { ReportListener } from '../tally.ts'
import { verifyBundle } from '../verify-bundle.ts'
import { noWords, rememberedChecks } from './checks.ts'

/** The report on a bundle that is not compressed. */
export function anyReportOn(
  bytes: Uint8Array,
  wordsOf: (roster: Digest) => Promise<readonly string[]> = noWords,
  listener?: ReportListener,
): Promise<Report> {
  const most = { cases: Number.POSITIVE_INFINITY, log: Number.POSITIVE_INFINITY }
  const told = listener === undefined ? {} : { listener, most }
  return verifyBundle(chunksOf(bytes), { checks: rememberedChecks, wordsOf, ...told })
}

/** The report on a bundle that can be read. */
export async function reportOn(
  bytes: Uint8Array,
  wordsOf: (roster: Digest) => Promise<readonly string[]> = noWords,
  listener?: ReportListener,
): Promise<BundleReport> {
  const report = await anyReportOn(bytes, wordsOf, listener)
  if (report.verdict === 'unreadable') throw new TypeError(report.first.says)
  return report
}

/** A bundle's envelopes by their place. */
export async function entriesIn(bytes: Uint8Array): Promise<Map<number, Uint8Array>> {
  const { entries } = await readWhole(bytes)
  return new Map(entries.map(({ at, envelope }) => [at, envelope]))
}
