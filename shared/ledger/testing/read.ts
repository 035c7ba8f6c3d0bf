import { type BundleEntry, BundleError, type BundleHeader, type Evidence } from '../bundle.ts'
import { readBundle } from '../bundle-read.ts'
import { type LedgerFile, sizesIn } from '../check.ts'
import { Leaves } from '../leaves.ts'
import { leafHash } from '../merkle.ts'

/** One chunk after the other. */
export async function* chunksOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk)
}

/** A small bundle, read whole: not what a verifier does. */
export interface WholeBundle {
  readonly header: BundleHeader
  readonly entries: readonly BundleEntry[]
  readonly checkpoints: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly intact: boolean
}

/** Reads a bundle that is not compressed. */
export async function readWhole(...chunks: readonly Uint8Array[]): Promise<WholeBundle> {
  let header: BundleHeader | null = null
  const entries: BundleEntry[] = []
  const checkpoints: string[] = []
  const evidence: Evidence[] = []
  let intact = false
  for await (const items of readBundle(chunksOf(...chunks)))
    for (const item of items) {
      if (item.what === 'header') header = item.header
      else if (item.what === 'checkpoint') checkpoints.push(item.note)
      else if (item.what === 'entry') entries.push(item)
      else if (item.what === 'evidence') evidence.push(item.evidence)
      else if (item.what === 'end') intact = item.intact
    }
  if (header === null) throw new BundleError('malformed', null, 'expected a header')
  return { header, entries, checkpoints, evidence, intact }
}

/** What `checkLedger` takes, from a bundle that was read. */
export function ledgerFile(bundle: WholeBundle): LedgerFile {
  const leaves = new Leaves(bundle.header.scope === 'all' ? bundle.header.size : 0)
  for (const { at, envelope } of bundle.entries) leaves.set(at, leafHash(envelope))
  const file = { ...bundle, entries: bundle.entries.length, leaves }
  const roots = new Map<number, Uint8Array>()
  leaves.eachRoot(sizesIn(file), (size, root) => roots.set(size, root))
  return { ...file, roots }
}
