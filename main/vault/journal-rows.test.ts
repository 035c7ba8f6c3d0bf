import { describe, expect, it } from 'vitest'
import { utf8 } from '../../shared/bytes.ts'
import { type Journal, JournalError, type SealedRow } from './journal.ts'
import { file, flipped, journalOf, open } from './testing/journals.ts'

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
