import { parse } from '../statements/envelope.ts'
import type { BundleReport } from '../verify/report.ts'
import { actsOf, directoryOfReport } from './directory.ts'
import { eventOf, type OutletEvent } from './event.ts'

/**
 * The events of a bundle, in the order of its ledger: every statement that the report lets count, judged as it stood at
 * the export. What the door did not let in is in no report, and so in no event.
 *
 * @param entries - envelopes by their place in the ledger.
 * @param report - in full, on the very file that they come from; whether it may be exported is the caller's to decide.
 */
export function* eventsOfReport(
  report: BundleReport,
  entries: ReadonlyMap<number, Uint8Array>,
): Generator<OutletEvent> {
  const directory = directoryOfReport(report)
  for (const { entry, inForce, refused } of actsOf(report)) {
    const bytes = entries.get(entry)
    if (bytes === undefined) throw new TypeError('the report is on another file than the entries')
    const place = { position: entry, heard: null, inForce, rule: refused?.code ?? null }
    yield eventOf(parse(bytes), place, directory)
  }
}
