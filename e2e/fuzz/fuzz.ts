import { BundleError } from '../../shared/ledger/bundle.ts'
import { readWhole } from '../../shared/ledger/testing/read.ts'
import { exportedBytes, wholeStory } from '../../shared/verify/testing/exported.ts'
import { anyReportOn } from '../../shared/verify/testing/reading.ts'
import { mutated, randomOf } from './mutations.ts'

/** Longest that one input may take, milliseconds: far above what any takes on a busy machine. */
const MOST_MS = 20_000

/** What came of a run. */
export interface FuzzResult {
  readonly inputs: number
  readonly readable: number
  readonly verified: number
}

/**
 * Reads so many mutated bundles, and verifies those that can be read: no exception but the reader's own, no hang, and none is
 * verified whose entries are not those of the original, each in its place.
 *
 * @throws {Error} naming the seed of the input that broke it.
 */
export async function fuzz(inputs: number, seed: number): Promise<FuzzResult> {
  const good = await exportedBytes((await wholeStory()).exported)
  const original = await entriesOf(good)
  let [readable, verified] = [0, 0]
  for (let input = 0; input < inputs; input++) {
    const bytes = mutated(good, randomOf(seed + input))
    const began = performance.now()
    const entries = await entriesOf(bytes)
    if (entries !== null) {
      readable++
      const { verdict } = await anyReportOn(bytes)
      if (verdict === 'verified') verified++
      if (verdict === 'verified' && entries !== original)
        throw new Error(`seed ${seed + input}: verified, though its entries are others`)
    }
    if (performance.now() - began > MOST_MS) throw new Error(`seed ${seed + input}: took too long`)
  }
  return { inputs, readable, verified }
}

/** Every place with its envelope, in order; null if the file cannot be read. */
async function entriesOf(bytes: Uint8Array): Promise<string | null> {
  try {
    const { entries } = await readWhole(bytes)
    return entries
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, envelope }) => `${at} ${Buffer.from(envelope).toString('latin1')}`)
      .join('\n')
  } catch (error) {
    if (error instanceof BundleError) return null
    throw error
  }
}
