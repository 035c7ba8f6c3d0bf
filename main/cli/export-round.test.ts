import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fromUtf8 } from '../../shared/bytes.ts'
import { type BundleItem, readBundle } from '../../shared/ledger/bundle-read.ts'
import { decompressed, fileChunks } from '../bundle-file.ts'
import { roundOf } from './export-round.ts'

const whole = join(fileURLToPath(new URL('../../', import.meta.url)), 'docs/formats/examples/whole.bundle')

async function* itemsOf(): AsyncGenerator<BundleItem> {
  for await (const items of readBundle(decompressed(fileChunks(whole)))) yield* items
}

const entries: Uint8Array[] = []
for await (const item of itemsOf()) if (item.what === 'entry') entries[item.at] = item.envelope.slice()
const events = { count: entries.length, numberOf: (at: number) => at }

describe('what is exported in rounds', () => {
  it.each([
    [1e9, 1000, 1],
    [1e9, 5, Math.ceil(entries.length / 5)],
    [1e9, 1, entries.length],
  ])('of %d bytes and %d entries comes in the order of the ledger, each entry once', async (bytes, most, rounds) => {
    const all: Uint8Array[][] = []
    while (all.flat().length < events.count)
      all.push(await roundOf(itemsOf(), events, all.flat().length, { bytes, entries: most }))
    expect(all.length).toBe(rounds)
    expect(all.flat().map(fromUtf8)).toEqual(entries.map(fromUtf8))
  })

  it('takes no more bytes at once than are allowed, but one entry in any case', async () => {
    const all: Uint8Array[][] = []
    while (all.flat().length < events.count)
      all.push(await roundOf(itemsOf(), events, all.flat().length, { bytes: 4000, entries: 1000 }))
    const sizes = all.map((round) => round.reduce((sum, { length }) => sum + length, 0))
    expect(all.every((round, at) => round.length === 1 || (sizes[at] ?? 0) <= 4000)).toBe(true)
    expect(all.flat().map(fromUtf8)).toEqual(entries.map(fromUtf8))
  })

  it('leaves out what is no event, and ends if something is gone', async () => {
    const odd = { count: Math.floor(entries.length / 2), numberOf: (at: number) => (at % 2 === 1 ? (at - 1) / 2 : -1) }
    const round = await roundOf(itemsOf(), odd, 0)
    expect(round.map(fromUtf8)).toEqual(entries.filter((_, at) => at % 2 === 1).map(fromUtf8))
    await expect(roundOf(itemsOf(), { ...odd, count: odd.count + 1 }, 0)).rejects.toThrow('the file changed')
  })
})
