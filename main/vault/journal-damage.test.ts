import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../shared/bytes.ts'
import { Journal } from './journal.ts'
import {
  file,
  flipped,
  journalOf,
  keys,
  marker,
  named,
  numbered,
  open,
  piecesOf,
  RESERVE,
  reopenedWith,
  swapped,
  valuesOf,
} from './testing/journals.ts'
import type { MemoryDisk } from './testing/memory-disk.ts'

const alter = async (fs: MemoryDisk) => fs.tamper(marker, (bytes) => bytes.map((byte) => byte ^ 1))

describe('a journal that somebody changed', () => {
  it('names the record in which any bit was flipped, and keeps all others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 5 }), fc.nat(), async (position, seed) => {
        const { journal, problems } = await reopenedWith(5, (pieces) =>
          pieces.map((piece, at) => (at === position ? flipped(piece, seed % piece.length) : piece)),
        )
        expect(named(problems)).toEqual([['altered', position, position]])
        expect(await valuesOf(journal)).toEqual(numbered(5).filter((_, at) => at + 1 !== position))
      }),
      { numRuns: 100 },
    )
  })

  it('names both records that were swapped', async () => {
    const { problems, journal } = await reopenedWith(6, (pieces) => swapped(pieces, 2, 5))
    expect(named(problems)).toEqual([
      ['moved', 5, 5],
      ['moved', 2, 2],
    ])
    expect(await valuesOf(journal)).toEqual(numbered(6))
  })

  it('names what was removed from the middle', async () => {
    const { problems } = await reopenedWith(6, (pieces) => pieces.filter((_, at) => at !== 3 && at !== 4))
    expect(named(problems)).toEqual([['removed', 3, 4]])
  })

  it('names the record that was removed from the beginning', async () => {
    const { problems } = await reopenedWith(3, (pieces) => pieces.slice(1))
    expect(named(problems)).toEqual([['removed', 0, 0]])
  })

  it('names acknowledged records cut off the end', async () => {
    const { problems } = await reopenedWith(6, (pieces) => pieces.slice(0, 5))
    expect(named(problems)).toEqual([['truncated', 5, 6]])
  })

  it('names an acknowledged record of which a piece was cut off', async () => {
    const { problems, journal } = await reopenedWith(3, (pieces) => [
      ...pieces.slice(0, 3),
      (pieces[3] as Uint8Array).slice(0, 60),
    ])
    expect(named(problems)).toEqual([['altered', 3, 3]])
    expect(await valuesOf(journal)).toEqual(numbered(2))
  })

  it('says that it was emptied', async () => {
    const { problems } = await reopenedWith(4, () => [])
    expect(named(problems)).toEqual([['emptied', 0, 4]])
  })

  it('says that it was emptied when the file itself and its marker are gone', async () => {
    const { fs, journal } = await journalOf(4)
    await journal.close()
    await fs.remove(file)
    await fs.remove(marker)
    expect(named((await open(fs)).problems).map(([kind]) => kind)).toEqual(['head-missing', 'emptied'])
  })

  it('names a record that was repeated', async () => {
    const { problems } = await reopenedWith(4, (pieces) => [
      ...pieces.slice(0, 3),
      pieces[1] as Uint8Array,
      ...pieces.slice(3),
    ])
    expect(named(problems)).toEqual([['repeated', 1, 1]])
  })

  it('names foreign bytes put between two records', async () => {
    const { problems, journal } = await reopenedWith(4, (pieces) => [
      ...pieces.slice(0, 3),
      utf8('LBJR garbage'),
      ...pieces.slice(3),
    ])
    expect(named(problems)).toEqual([['altered', 3, 3]])
    expect(await valuesOf(journal)).toEqual(numbered(4))
  })

  it('names a genuine record that was put in the place of another from a copy of the same vault', async () => {
    const { fs, journal } = await journalOf(2)
    await journal.close()
    const copy = fs.afterKill()
    const other = (await open(copy)).journal
    await other.append('statements', 's3', utf8('another 3'))
    const foreign = (await piecesOf(other))[3] as Uint8Array
    const own = (await open(fs)).journal
    for (const at of [3, 4]) await own.append('statements', `s${at}`, utf8(`value ${at}`))
    const pieces = await piecesOf(own)
    await own.close()
    fs.tamper(file, () => concat(...pieces.map((piece, at) => (at === 3 ? foreign : piece))))
    expect(named((await open(fs)).problems)).toEqual([['replaced', 3, 3]])
  })

  it('names the last record when it was put in the place of the one the marker knows', async () => {
    const { fs, journal } = await journalOf(2)
    await journal.close()
    const copy = fs.afterKill()
    const other = (await open(copy)).journal
    await other.append('statements', 's3', utf8('another 3'))
    const own = (await open(fs)).journal
    await own.append('statements', 's3', utf8('value 3'))
    await own.close()
    fs.tamper(file, () => copy.contentOf(file))
    expect(named((await open(fs)).problems)).toEqual([['replaced', 3, 3]])
  })

  it('names a record cut off although the marker was torn by a kill while it moved on', async () => {
    const { fs, journal } = await journalOf(3)
    const [pieces, length] = [await piecesOf(journal), fs.contentOf(file).length]
    await journal.close()
    const again = (await open(fs)).journal
    await again.append('statements', 's4', utf8('value 4'))
    const record = fs.contentOf(file).length - length
    // The next record is written, and some bytes of the marker after it.
    const torn = fs.afterKill()
    const dying = (await open(torn)).journal
    torn.faults.dieAfterBytes = record + 20
    expect(await dying.append('statements', 's5', utf8('value 5'))).toBe(5)
    const after = torn.afterKill()
    after.tamper(file, () => concat(...pieces))
    expect(named((await open(after)).problems)).toEqual([['truncated', 4, 4]])
  })

  it('says that its marker is missing, and that it was altered', async () => {
    const { fs, journal } = await journalOf(2)
    await journal.close()
    const altered = fs.afterKill()
    altered.tamper(marker, (bytes) => bytes.map((byte) => byte ^ 1))
    expect(named((await open(altered)).problems)).toEqual([['head-altered', 2, 2]])
    await fs.remove(marker)
    expect(named((await open(fs)).problems)).toEqual([['head-missing', 2, 2]])
  })

  it('opens nothing for another vault', async () => {
    const { fs, journal } = await journalOf(2)
    await journal.close()
    const { problems } = await Journal.open({
      dir: '/vault',
      ...keys,
      vaultId: new Uint8Array(32).fill(9),
      fs,
      reserveLength: RESERVE,
    })
    expect(problems.map(({ kind }) => kind)).toContain('altered')
  })

  it('throws at nothing, and names something, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat({ max: 4 }), async (bytes, keep) => {
        const { problems } = await reopenedWith(4, (pieces) => [...pieces.slice(0, keep), bytes])
        expect(problems.length).toBeGreaterThan(0)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a journal with problems', () => {
  it('takes no record until somebody accepts them, then goes on and keeps a record of it', async () => {
    const { fs, journal, problems } = await reopenedWith(6, (pieces) => pieces.slice(0, 5))
    await expect(journal.append('statements', 'more', utf8('more'))).rejects.toMatchObject({ code: 'damaged' })
    await journal.accept(problems)
    // Positions 5 and 6 are never given out again.
    expect(await journal.append('statements', 'more', utf8('more'))).toBe(8)
    await journal.close()
    const again = await open(fs)
    expect(named(again.problems)).toEqual([['removed', 5, 6]])
    expect(again.problems.map(({ recorded }) => recorded)).toEqual([true])
    expect(await again.journal.append('statements', 'even more', utf8('more'))).toBe(9)
  })

  it('stays one that lost something when what was accepted is not found again', async () => {
    for (const harm of [(fs: MemoryDisk) => fs.remove(marker), alter]) {
      const { fs, journal } = await journalOf(2)
      await journal.close()
      await harm(fs)
      const damaged = await open(fs)
      await damaged.journal.accept(damaged.problems)
      const { accepted } = damaged.journal
      await damaged.journal.close()
      const again = await open(fs)
      expect(again.problems).toEqual([])
      expect(again.journal.accepted).toEqual(accepted)
      await expect(again.journal.rewrite({ instead: () => null, after: () => [] })).rejects.toMatchObject({
        code: 'damaged',
      })
      await again.journal.append('statements', 's3', utf8('value 3'))
      await again.journal.close()
      expect((await open(fs)).journal.vouched).toBe(3)
    }
  })

  it('names what was accepted earlier beside what is accepted now, each once', async () => {
    const { fs, journal } = await journalOf(4)
    await journal.close()
    await fs.remove(marker)
    const first = await open(fs)
    await first.journal.accept(first.problems)
    const pieces = await piecesOf(first.journal)
    await first.journal.close()
    fs.tamper(file, () => concat(...pieces.filter((_, at) => at !== 2)))
    const second = await open(fs)
    await second.journal.accept(second.problems)
    const both = [
      ['head-missing', 4, 4],
      ['removed', 2, 2],
    ]
    expect(named(second.journal.accepted)).toEqual(both)
    await second.journal.close()
    expect(named((await open(fs)).journal.accepted)).toEqual(both)
  })

  it('still refuses after new damage behind damage that was accepted', async () => {
    const { fs, journal, problems } = await reopenedWith(6, (pieces) => pieces.filter((_, at) => at !== 2))
    await journal.accept(problems)
    const pieces = await piecesOf(journal)
    await journal.close()
    fs.tamper(file, () => concat(...pieces.filter((_, at) => at !== 3)))
    const again = await open(fs)
    expect(again.problems.some(({ recorded }) => !recorded)).toBe(true)
    await expect(again.journal.append('statements', 'more', utf8('more'))).rejects.toMatchObject({ code: 'damaged' })
  })
})
