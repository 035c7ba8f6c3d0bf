import type { BundleItem } from '../../shared/ledger/bundle-read.ts'
import type { ReportEvents } from '../../shared/outlets/from-report.ts'

/** How much of a file's statements is in memory at once: it has them by case, and they go out in the order of the ledger. */
const ROUND = { bytes: 64 * 1024 * 1024, entries: 65_536 }

/**
 * The envelopes of as many events as fit into memory, from one on, at least one: a file is read again for each round.
 *
 * @param items - the bundle, from its beginning.
 */
export async function roundOf(
  items: AsyncIterable<BundleItem>,
  events: Pick<ReportEvents, 'count' | 'numberOf'>,
  from: number,
  { bytes: mostBytes, entries }: typeof ROUND = ROUND,
): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  let most = Math.min(entries, events.count - from)
  let count = 0
  let bytes = 0
  for await (const item of items) {
    const number = item.what === 'entry' ? events.numberOf(item.at) - from : -1
    if (item.what !== 'entry' || number < 0 || number >= most) continue
    found[number] = item.envelope.slice()
    bytes += item.envelope.length
    count++
    // Too much: the later half is left to the next round.
    while (bytes > mostBytes && most > 1) {
      most = Math.ceil(most / 2)
      for (const left of found.splice(most)) {
        bytes -= left?.length ?? 0
        count -= left === undefined ? 0 : 1
      }
    }
    if (count === most) return found
  }
  throw new TypeError('the file changed while it was read')
}
