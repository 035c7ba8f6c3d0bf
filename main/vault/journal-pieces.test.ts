import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../shared/bytes.ts'
import type { Journal } from './journal.ts'
import { MOST_IN_PIECE } from './journal-pieces.ts'
import { file, journalOf, marker, numbered, open, RESERVE, valuesOf } from './testing/journals.ts'
import type { MemoryDisk } from './testing/memory-disk.ts'

const append = (journal: Journal, at: number, deferrable = false) =>
  journal.append('statements', `s${at}`, utf8(`value ${at}`), { deferrable })

/** Appends records from 1 on, all at once. */
const appendAll = (journal: Journal, count: number, deferrable?: (at: number) => boolean) =>
  Promise.allSettled(Array.from({ length: count }, (_, at) => append(journal, at + 1, deferrable?.(at + 1))))

const keptOf = (settled: readonly PromiseSettledResult<number>[]) =>
  settled.map((one) => (one.status === 'fulfilled' ? one.value : null))

/** Appends one, and the others while the disk is busy with it. */
async function burst(fs: MemoryDisk, journal: Journal, count: number) {
  let go = () => {}
  fs.faults.slow = new Promise((resolve) => {
    go = resolve
  })
  const first = append(journal, 1)
  const others = Array.from({ length: count - 1 }, (_, at) => append(journal, at + 2))
  go()
  return Promise.all([first, ...others])
}

describe('records that are appended while the disk is busy', () => {
  it('are kept with one sync for all of them, in the order of the calls', async () => {
    const { fs, journal } = await journalOf(0)
    const before = fs.syncs
    expect(await burst(fs, journal, 40)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1))
    expect(fs.syncs - before).toBeLessThanOrEqual(2)
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(40))
  })

  it('are kept in pieces of a bounded size', async () => {
    const { fs, journal } = await journalOf(0)
    const before = fs.syncs
    await appendAll(journal, 3 * MOST_IN_PIECE)
    expect(fs.syncs - before).toBe(3)
    const large = new Uint8Array(300 * 1024)
    await Promise.all([1, 2, 3].map((at) => journal.append('large', `l${at}`, large)))
    expect(fs.syncs - before).toBe(6)
  })

  it('count only once all of them are on the medium', async () => {
    const { fs, journal } = await journalOf(0)
    let acknowledged = 0
    const all = Array.from({ length: 5 }, (_, at) =>
      append(journal, at + 1).then(() => {
        acknowledged++
        return open(fs.afterPowerCut(0))
      }),
    )
    for (const again of await Promise.all(all)) expect(await valuesOf(again.journal)).toEqual(numbered(5))
    expect(acknowledged).toBe(5)
  })

  it('leave a beginning of them, and all that was acknowledged, at whatever byte the app is killed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 2600 }), fc.double({ min: 0, max: 1, noNaN: true }), async (bytes, keep) => {
        const { fs, journal: first } = await journalOf(2)
        await first.close()
        const { journal } = await open(fs)
        fs.faults.dieAfterBytes = bytes
        const settled = await Promise.allSettled([3, 4, 5, 6, 7, 8].map((at) => append(journal, at)))
        const acknowledged = 2 + settled.filter(({ status }) => status === 'fulfilled').length
        for (const disk of [fs.afterKill(), fs.afterPowerCut(keep)]) {
          const again = await open(disk)
          expect(again.problems.every(({ kind }) => kind === 'torn-tail')).toBe(true)
          const values = await valuesOf(again.journal)
          expect(values).toEqual(numbered(values.length))
          expect(values.length).toBeGreaterThanOrEqual(acknowledged)
          expect(await append(again.journal, 9)).toBe(values.length + 1)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are refused together after a sync that failed', async () => {
    const { fs, journal } = await journalOf(0)
    fs.faults.syncError = 'EIO'
    const settled = await appendAll(journal, 3)
    expect(keptOf(settled)).toEqual([null, null, null])
    await expect(append(journal, 4)).rejects.toMatchObject({ code: 'disk-failed' })
  })

  it('are all on the medium once the journal is opened again, although the system hides what a failed sync lost', async () => {
    const { fs, journal: first } = await journalOf(1)
    await first.close()
    const { journal } = await open(fs)
    fs.faults.syncError = 'EIO'
    await Promise.allSettled([2, 3, 4, 5].map((at) => append(journal, at)))
    // The same system goes on: it shows the records, and believes that they are written.
    const disk = fs.afterKill()
    expect(await valuesOf((await open(disk)).journal)).toEqual(numbered(5))
    const after = await open(disk.afterPowerCut(0))
    expect(await valuesOf(after.journal)).toEqual(numbered(5))
    expect(after.problems).toEqual([])
  })

  it('are on the medium even if the marker says nothing', async () => {
    const { fs, journal } = await journalOf(1)
    fs.faults.syncError = 'EIO'
    await Promise.allSettled([2, 3, 4, 5].map((at) => append(journal, at)))
    const disk = fs.afterKill()
    disk.tamper(marker, () => new Uint8Array(0))
    await open(disk)
    expect(disk.afterPowerCut(0).contentOf(file)).toEqual(disk.contentOf(file))
  })

  it('are judged one by one on a full disk: what can wait is refused, the others use the reserve', async () => {
    const { fs, journal } = await journalOf(0)
    fs.faults.capacity = fs.contentOf(file).length + fs.contentOf(marker).length + RESERVE + 10
    const settled = await appendAll(journal, 4, (at) => at <= 2)
    expect(keptOf(settled)).toEqual([null, null, 1, 2])
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(['value 3', 'value 4'])
  })

  it('keep their place before and behind a journal that is written anew', async () => {
    const { journal } = await journalOf(1)
    const before = append(journal, 2)
    const rewritten = journal.rewrite({ instead: () => null, after: () => [] })
    const after = [append(journal, 3), append(journal, 4)]
    expect(await before).toBe(2)
    await rewritten
    expect(await Promise.all(after)).toEqual([4, 5])
  })

  it('are refused once the journal is closed', async () => {
    const { fs, journal } = await journalOf(0)
    const under = append(journal, 1)
    const closing = journal.close()
    await expect(append(journal, 2)).rejects.toMatchObject({ code: 'closed' })
    expect(await under).toBe(1)
    await closing
    expect(await valuesOf((await open(fs)).journal)).toEqual(numbered(1))
  })
})
