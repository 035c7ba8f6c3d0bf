import type { Digest } from '../../bytes.ts'
import { chunksOf, readWhole } from '../../ledger/testing/read.ts'
import type { BundleReport, Report } from '../report.ts'
import { verifyBundle } from '../verify-bundle.ts'
import { noWords, rememberedChecks } from './checks.ts'

/** The report on a bundle that is not compressed. */
export function anyReportOn(
  bytes: Uint8Array,
  wordsOf: (roster: Digest) => Promise<readonly string[]> = noWords,
): Promise<Report> {
  return verifyBundle(chunksOf(bytes), { checks: rememberedChecks, wordsOf })
}

/** The report on a bundle that can be read. */
export async function reportOn(
  bytes: Uint8Array,
  wordsOf: (roster: Digest) => Promise<readonly string[]> = noWords,
): Promise<BundleReport> {
  const report = await anyReportOn(bytes, wordsOf)
  if (report.verdict === 'unreadable') throw new TypeError(report.first.says)
  return report
}

/** A bundle's envelopes by their place. */
export async function entriesIn(bytes: Uint8Array): Promise<Map<number, Uint8Array>> {
  const { entries } = await readWhole(bytes)
  return new Map(entries.map(({ at, envelope }) => [at, envelope]))
}
