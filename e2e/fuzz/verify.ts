import { decompressed } from '../../main/bundle-file.ts'
import { digestOf, sha256 } from '../../main/sha256.ts'
import type { DoorChecks } from '../../shared/statements/door.ts'
import type { Report } from '../../shared/verify/report.ts'
import { noWords } from '../../shared/verify/testing/checks.ts'
import { type Judged, verifyFiles } from '../../shared/verify/verify-files.ts'

/** A file as it comes: its bytes in pieces, compressed or not. */
export interface Arriving {
  readonly pieces: readonly Uint8Array[]
  readonly isCompressed: boolean
}

/** The reports on files, as `lockbox verify` gives them. */
export function judge(files: readonly Arriving[], checks: DoorChecks): Promise<Judged[]> {
  const named = files.map((file, at) => ({ name: String(at), chunks: () => linesOf(file) }))
  return verifyFiles(named, { checks, sha256, digestOf, wordsOf: noWords })
}

/** The report on one bundle that is not compressed. */
export async function reportOn(pieces: readonly Uint8Array[], checks: DoorChecks): Promise<Report> {
  const [judged] = await judge([{ pieces, isCompressed: false }], checks)
  if (judged === undefined) throw new TypeError('expected a report')
  return judged.report
}

/** A file's lines. */
export function linesOf({ pieces, isCompressed }: Arriving): AsyncIterable<Uint8Array> {
  return isCompressed ? decompressed(comes(pieces)) : comes(pieces)
}

async function* comes(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece)
}
