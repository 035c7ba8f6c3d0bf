import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../shared/bytes.ts'
import { Journal, type JournalCondition, JournalError, type JournalProblem, type SealedRow } from './journal.ts'
import { MemoryDisk } from './testing/memory-disk.ts'

const dir = '/vault'
const file = '/vault/journal'
const marker = '/vault/journal.head'
const keys = {
  vaultId: new Uint8Array(32).fill(1),
  key: new Uint8Array(32).fill(2),
  headKey: new Uint8Array(32).fill(3),
}
const RESERVE = 1024

const open = (fs: MemoryDisk, more: { create?: boolean; onCondition?: (condition: JournalCondition) => void } = {}) =>
  Journal.open({ dir, ...keys, fs, reserveLength: RESERVE, ...more })

/** A journal of `count` statements after its first record, so positions 1 to `count`. */
async function journalOf(count: number, fs = new MemoryDisk()): Promise<{ fs: MemoryDisk; journal: Journal }> {
  const { journal } = await open(fs, { create: true })
  for (let at = 1; at <= count; at++) await journal.append('statements', `s${at}`, utf8(`value ${at}`))
  return { fs, journal }
}

async function valuesOf(journal: Journal): Promise<string[]> {
  const values: string[] = []
  for await (const record of journal.records('statements')) values.push(new TextDecoder().decode(record.value))
  return values
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `value ${at + 1}`)
const named = (problems: readonly JournalProblem[]) => problems.map(({ kind, from, to }) => [kind, from, to])

/** The records of the file as byte strings. */
async function piecesOf(journal: Journal): Promise<Uint8Array[]> {
  return (await journal.sealedRows(0)).map(({ sealed }) => sealed)
}

/** Closes a journal of `count` records, changes the order or content of its pieces, opens it again. */
async function reopenedWith(count: number, change: (pieces: Uint8Array[]) => Uint8Array[]) {
  const { fs, journal } = await journalOf(count)
  const pieces = await piecesOf(journal)
  await journal.close()
  fs.tamper(file, () => concat(...change(pieces)))
  return { fs, ...(await open(fs)) }
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, place) => (place === at ? byte ^ 1 : byte))
const swapped = <T>(items: readonly T[], a: number, b: number): T[] =>
  items.map((item, at) => (at === a ? items[b] : at === b ? items[a] : item) as T)

describe('a journal', () => {
  it('gives back what was appended, in order, after closing and opening', async () => {
    const { fs, journal } = await journalOf(5)
    expect(await valuesOf(journal)).toEqual(numbered(5))
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(5))
    expect(await again.journal.append('statements', 's6', utf8('value 6'))).toBe(6)
  })

  it('orders appends made at once, and chains them', async () => {
    const { fs, journal } = await journalOf(0)
    const positions = await Promise.all(
      [1, 2, 3, 4].map((at) => journal.append('statements', `s${at}`, utf8(`value ${at}`))),
    )
    expect(positions).toEqual([1, 2, 3, 4])
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(4))
  })

  it('shows neither table, key nor value to whoever takes the disk', async () => {
    const { fs, journal } = await journalOf(1)
    await journal.append('statements', 'breakglass', utf8('attack at dawn'))
    const text = Buffer.from(fs.contentOf(file)).toString('latin1')
    for (const word of ['statements', 'breakglass', 'attack']) expect(text).not.toContain(word)
  })

  it('is not made anew over one that is there', async () => {
    const { fs, journal } = await journalOf(2)
    await journal.close()
    await expect(open(fs, { create: true })).rejects.toMatchObject({ code: 'exists' })
    expect(await valuesOf((await open(fs)).journal)).toEqual(numbered(2))
  })

  it('takes no more records once closed', async () => {
    const { journal } = await journalOf(1)
    await journal.close()
    await expect(journal.append('statements', 'late', utf8('late'))).rejects.toMatchObject({ code: 'closed' })
    await expect(journal.sealedRows(0)).rejects.toMatchObject({ code: 'closed' })
  })

  it('finishes appends that were under way when it is closed', async () => {
    const { fs, journal } = await journalOf(0)
    const appended = journal.append('statements', 's1', utf8('value 1'))
    await journal.close()
    expect(await appended).toBe(1)
    expect(await valuesOf((await open(fs)).journal)).toEqual(numbered(1))
  })
})

describe('a journal whose app is killed', () => {
  it('at any byte keeps all acknowledged records, as a prefix, and says what it cut off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3000 }), fc.integer({ min: 1, max: 200 }), async (bytes, mostPerWrite) => {
        const { fs } = await journalOf(2)
        fs.faults.dieAfterBytes = 0
        const disk = fs.afterKill()
        const { journal } = await open(disk)
        disk.faults.dieAfterBytes = bytes
        disk.faults.mostPerWrite = mostPerWrite
        const acknowledged = await appendUntilDeath(journal, 2)
        const after = await open(disk.afterKill())
        const values = await valuesOf(after.journal)
        expect(values.length).toBeGreaterThanOrEqual(acknowledged)
        expect(values.length).toBeLessThanOrEqual(acknowledged + 1)
        expect(values).toEqual(numbered(values.length))
        expect(after.problems.every(({ kind }) => kind === 'torn-tail')).toBe(true)
        // And it goes on from there as if nothing had been.
        await after.journal.append('statements', 'more', utf8('more'))
        expect((await valuesOf(after.journal)).at(-1)).toBe('more')
      }),
      { numRuns: 150 },
    )
  })

  it('at every single byte of one append loses nothing acknowledged', async () => {
    const { fs, journal } = await journalOf(2)
    const two = fs.afterKill()
    await journal.append('statements', 's3', utf8('value 3'))
    const before = two.contentOf(file).length
    const whole = Uint8Array.from(fs.contentOf(file))
    for (let length = before; length <= whole.length; length++) {
      // The marker still says two records: the third was never acknowledged.
      const disk = two.afterKill()
      disk.tamper(file, () => whole.subarray(0, length))
      const { problems, journal: reopened } = await open(disk)
      expect(await valuesOf(reopened)).toEqual(numbered(length === whole.length ? 3 : 2))
      expect(named(problems)).toEqual(length === before || length === whole.length ? [] : [['torn-tail', 3, 3]])
    }
  })

  it('by a power cut keeps all acknowledged records, whatever became of the rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }), async (bytes, keep) => {
        const { fs, journal } = await journalOf(1)
        await journal.close()
        const disk = fs.afterKill()
        const again = await open(disk)
        disk.faults.dieAfterBytes = bytes
        const acknowledged = await appendUntilDeath(again.journal, 1)
        const after = await open(disk.afterPowerCut(keep))
        const values = await valuesOf(after.journal)
        expect(values.length).toBeGreaterThanOrEqual(acknowledged)
        expect(values).toEqual(numbered(values.length))
        expect(after.problems.every(({ kind }) => kind === 'torn-tail')).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})

/** Appends until the disk dies; returns how many statements were acknowledged in all. */
async function appendUntilDeath(journal: Journal, already: number): Promise<number> {
  for (let at = already + 1; at <= 12; at++) {
    try {
      await journal.append('statements', `s${at}`, utf8(`value ${at}`))
    } catch {
      return at - 1
    }
  }
  return 12
}

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
      dir,
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

describe('a journal on a full disk', () => {
  const fill = async () => {
    const conditions: JournalCondition[] = []
    const fs = new MemoryDisk()
    await (await open(fs, { create: true })).journal.close()
    const { journal } = await open(fs, { onCondition: (condition) => void conditions.push(condition) })
    await journal.append('statements', 's1', utf8('value 1'))
    fs.faults.capacity = fs.contentOf(file).length + fs.contentOf(marker).length + RESERVE + 10
    return { fs, journal, conditions }
  }

  it('still takes the last records from its reserve, and says so', async () => {
    const { fs, journal, conditions } = await fill()
    await journal.append('statements', 's2', utf8('value 2'))
    await journal.append('statements', 's3', utf8('value 3'))
    expect(conditions).toEqual(['disk-full'])
    await journal.close()
    expect(await valuesOf((await open(fs)).journal)).toEqual(numbered(3))
  })

  it('refuses what can wait, keeps its reserve, and loses nothing', async () => {
    const { fs, journal } = await fill()
    await expect(journal.append('statements', 'pushed', utf8('pushed'), { deferrable: true })).rejects.toMatchObject({
      code: 'disk-full',
    })
    await journal.append('statements', 's2', utf8('value 2'))
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(2))
  })

  it('refuses a record that even the reserve cannot hold, and goes on with smaller ones', async () => {
    const { journal } = await fill()
    await expect(journal.append('statements', 'large', new Uint8Array(4 * RESERVE))).rejects.toMatchObject({
      code: 'disk-full',
    })
    await journal.append('statements', 's2', utf8('value 2'))
    expect(await valuesOf(journal)).toEqual(numbered(2))
  })

  it('is well again once there is room', async () => {
    const { fs, journal, conditions } = await fill()
    await expect(journal.append('statements', 'pushed', utf8('pushed'), { deferrable: true })).rejects.toBeInstanceOf(
      JournalError,
    )
    delete fs.faults.capacity
    await journal.append('statements', 's2', utf8('value 2'))
    expect(conditions).toEqual(['disk-full', 'well'])
  })

  it('says at once when there is no room for a reserve', async () => {
    const { fs, journal } = await journalOf(1)
    await journal.close()
    await fs.remove('/vault/reserve')
    fs.faults.capacity = fs.contentOf(file).length + fs.contentOf(marker).length + 100
    const conditions: JournalCondition[] = []
    await open(fs, { onCondition: (condition) => void conditions.push(condition) })
    expect(conditions).toEqual(['disk-full'])
  })
})

describe('a journal on a failing disk', () => {
  it('acknowledges nothing after a failed sync, since nobody knows what the medium holds', async () => {
    const { fs, journal } = await journalOf(1)
    fs.faults.syncError = 'EIO'
    await expect(journal.append('statements', 's2', utf8('value 2'))).rejects.toMatchObject({ code: 'failed' })
    await expect(journal.append('statements', 's3', utf8('value 3'))).rejects.toMatchObject({ code: 'failed' })
    expect(journal.condition).toBe('failed')
    const again = await open(fs.afterKill())
    expect((await valuesOf(again.journal)).slice(0, 1)).toEqual(numbered(1))
  })

  it('writes whole records although each write takes only a few bytes', async () => {
    const { fs, journal } = await journalOf(0)
    fs.faults.mostPerWrite = 7
    await journal.append('statements', 's1', utf8('value 1'))
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(1))
  })
})

describe('rows of the window', () => {
  /** What the window does (DESIGN §10.10): keep rows that main opens, drop the others, fetch what is missing. */
  async function reconciled(
    journal: Journal,
    rows: readonly SealedRow[],
  ): Promise<{ rows: SealedRow[]; dropped: string[] }> {
    const kept = new Map<number, SealedRow>()
    const dropped: string[] = []
    for (const row of rows) {
      try {
        await journal.openRow(row.position, row.sealed)
        kept.set(row.position, row)
      } catch (error) {
        dropped.push(error instanceof JournalError ? `${row.position} ${error.code}` : 'unexpected')
      }
    }
    const all = await journal.sealedRows(0)
    return { rows: all.map((row) => kept.get(row.position) ?? row), dropped }
  }

  it('open to the records of the journal', async () => {
    const { journal } = await journalOf(3)
    const rows = await journal.sealedRows(2)
    expect(rows.map(({ position }) => position)).toEqual([2, 3])
    const record = await journal.openRow(2, (rows[0] as SealedRow).sealed)
    expect(record).toMatchObject({ position: 2, table: 'statements', key: 's2', version: 1, value: utf8('value 2') })
    expect(await journal.sealedRows(1, 1)).toHaveLength(1)
  })

  it('wiped, older or newer end equal to the journal', async () => {
    const { fs, journal } = await journalOf(4)
    await journal.close()
    const ahead = (await open(fs.afterKill())).journal
    await ahead.append('statements', 's5', utf8('from another life'))
    const own = (await open(fs)).journal
    const truth = await own.sealedRows(0)
    expect(await reconciled(own, [])).toEqual({ rows: truth, dropped: [] })
    expect(await reconciled(own, truth.slice(0, 2))).toEqual({ rows: truth, dropped: [] })
    expect(await reconciled(own, await ahead.sealedRows(0))).toEqual({ rows: truth, dropped: ['5 no-record'] })
  })

  it('are named when they were altered, moved, or come from another copy', async () => {
    const { fs, journal } = await journalOf(2)
    await journal.close()
    const other = (await open(fs.afterKill())).journal
    await other.append('statements', 's3', utf8('another 3'))
    const foreign = (await other.sealedRows(3))[0] as SealedRow
    const own = (await open(fs)).journal
    await own.append('statements', 's3', utf8('value 3'))
    const rows = await own.sealedRows(0)
    const said = (row: SealedRow) => own.openRow(row.position, row.sealed).then(String, (error: Error) => error.message)
    const sealed = (at: number) => (rows[at] as SealedRow).sealed
    expect(await said({ position: 2, sealed: flipped(sealed(2), 70) })).toBe('the window’s row 2 was altered')
    expect(await said({ position: 2, sealed: sealed(1) })).toBe('the window’s row 2 is really record 1')
    expect(await said(foreign)).toBe('the window’s row 3 is of another copy of this journal')
  })

  it('never show a record that was altered on the disk while the vault was open', async () => {
    const { fs, journal } = await journalOf(2)
    const last = (await journal.sealedRows(2))[0] as SealedRow
    const bytes = fs.contentOf(file)
    bytes.set(Uint8Array.of(0xff, 0xff), bytes.length - 2)
    await expect(journal.openRow(2, last.sealed)).rejects.toMatchObject({ code: 'row-differs' })
    const now = (await journal.sealedRows(2))[0] as SealedRow
    await expect(journal.openRow(2, now.sealed)).rejects.toMatchObject({ code: 'altered' })
  })
})
