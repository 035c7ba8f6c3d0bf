import { decompressed } from '../../main/bundle-file.ts'
import { signatureChecks } from '../../main/checks.ts'
import { chunksOf } from '../../shared/ledger/testing/read.ts'
import type { BundleReport } from '../../shared/verify/report.ts'
import { noWords } from '../../shared/verify/testing/checks.ts'
import { verifyBundle } from '../../shared/verify/verify-bundle.ts'

/** The report on a bundle that an app exported. */
export async function reportOn(bytes: Uint8Array): Promise<BundleReport> {
  const tools = { checks: signatureChecks, wordsOf: noWords }
  const report = await verifyBundle(decompressed(chunksOf(bytes)), tools)
  if (report.verdict === 'unreadable') throw new Error(report.first.says)
  return report
}
