import 'fake-indexeddb/auto'
import { Dexie } from 'dexie'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { equalBytes, utf8 } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { LogEntry } from '../../shared/ipc-values.ts'
import { openLogRows } from './log-rows.ts'
import { type Row, rowsDatabase } from './schema.ts'

// Dexie looks for IndexedDB when it is loaded, and other files may have loaded it before.
const { indexedDB: none, IDBKeyRange: noRange } = Dexie.dependencies
Object.assign(Dexie.dependencies, { indexedDB, IDBKeyRange })
afterAll(() => void Object.assign(Dexie.dependencies, { indexedDB: none, IDBKeyRange: noRange }))

let names = 0
let name = ''
beforeEach(() => {
  name = `rows-${(names += 1)}`
})

const rowsOf = (count: number, from = 'journal'): Row[] =>
  Array.from({ length: count }, (_, position) => ({ position, sealed: utf8(`${from} ${position}`) }))

/** Main's side: a journal of sealed rows, which opens those that are its own. */
function mainWith(journal: Row[]) {
  return {
    journal,
    rows: ({ from, most }: { from: number; most: number }) =>
      Promise.resolve({ rows: journal.slice(from, from + most), total: journal.length }),
    open: ({ rows }: { rows: Row[] }) => {
      const ours = (row: Row) => equalBytes(journal[row.position]?.sealed ?? utf8('none'), row.sealed)
      const entry = ({ position }: Row): LogEntry => ({
        position,
        table: 'statements',
        entry: null,
        case: null,
        about: null,
      })
      return Promise.resolve({
        entries: rows.filter(ours).map(entry),
        foreign: rows.filter((row) => !ours(row)).map(({ position }) => position),
      })
    },
  }
}

/** The copy as it lies in IndexedDB, changed behind the window's back. */
async function tamper(act: (rows: ReturnType<typeof rowsDatabase>['rows']) => Promise<unknown>): Promise<void> {
  const database = rowsDatabase(name)
  await act(database.rows)
  database.close()
}

const stored = async () => {
  const database = rowsDatabase(name)
  const rows = await database.rows.orderBy('position').toArray()
  database.close()
  return rows
}

describe('the window’s copy of the log', () => {
  it('is filled from the journal, and says so', async () => {
    const rows = openLogRows(mainWith(rowsOf(450)), name)
    expect(await rows.refresh()).toMatchObject({
      rows: 450,
      rebuilt: true,
      why: expect.stringContaining('empty') as string,
    })
    expect(await stored()).toEqual(rowsOf(450))
  })

  it('grows with the journal without a word', async () => {
    const main = mainWith(rowsOf(3))
    await openLogRows(main, name).refresh()
    main.journal.push(...rowsOf(5).slice(3))
    expect(await openLogRows(main, name).refresh()).toEqual({ rows: 5, rebuilt: false, why: '' })
    expect(await stored()).toEqual(rowsOf(5))
  })

  it.each<[string, (rows: ReturnType<typeof rowsDatabase>['rows']) => Promise<unknown>, string]>([
    ['wiped', (rows) => rows.clear(), 'empty'],
    ['holed', (rows) => rows.delete(1), 'missing'],
    ['older than it says', (rows) => rows.delete(3), 'missing'],
    ['with one row too many', (rows) => rows.put({ position: 9, sealed: utf8('newer') }), 'missing'],
    ['another in its last row', (rows) => rows.put({ position: 3, sealed: utf8('foreign') }), 'did not end'],
  ])('is rebuilt visibly when it is %s', async (_how, act, why) => {
    const main = mainWith(rowsOf(4))
    await openLogRows(main, name).refresh()
    await tamper(act)
    const refreshed = await openLogRows(main, name).refresh()
    expect(refreshed).toMatchObject({ rows: 4, rebuilt: true })
    expect(refreshed.why).toContain(why)
    expect(await stored()).toEqual(rowsOf(4))
  })

  it('is rebuilt visibly when it comes from another vault', async () => {
    await openLogRows(mainWith(rowsOf(4, 'another vault')), name).refresh()
    const refreshed = await openLogRows(mainWith(rowsOf(4)), name).refresh()
    expect(refreshed.rebuilt).toBe(true)
    expect(await stored()).toEqual(rowsOf(4))
  })

  it('is rebuilt visibly when it is newer than the journal', async () => {
    await openLogRows(mainWith(rowsOf(6)), name).refresh()
    const refreshed = await openLogRows(mainWith(rowsOf(4)), name).refresh()
    expect(refreshed.why).toContain('did not end like the journal')
    expect(await stored()).toEqual(rowsOf(4))
  })

  it('is rebuilt when main names a row of a page as foreign, and the page is opened from the new one', async () => {
    const main = mainWith(rowsOf(4))
    const rows = openLogRows(main, name)
    await rows.refresh()
    await tamper((table) => table.put({ position: 1, sealed: utf8('foreign') }))
    const { entries, refreshed } = await rows.open([3, 1])
    expect(entries.map(({ position }) => position)).toEqual([3, 1])
    expect(refreshed?.why).toContain('not the journal’s')
  })

  it('asks for fewer rows at once where they are too large to cross together', async () => {
    const main = mainWith(rowsOf(20))
    const asked: number[] = []
    const small = {
      ...main,
      rows: (request: { from: number; most: number }) => {
        asked.push(request.most)
        return request.most > 5 ? Promise.reject(new LockboxError('too-large', 'too large')) : main.rows(request)
      },
    }
    expect(await openLogRows(small, name).refresh()).toMatchObject({ rows: 20 })
    expect(await stored()).toEqual(rowsOf(20))
  })

  it('keeps sealed bytes and positions, and nothing else', async () => {
    await openLogRows(mainWith(rowsOf(2)), name).refresh()
    expect((await stored()).map((row) => Object.keys(row).sort())).toEqual([
      ['position', 'sealed'],
      ['position', 'sealed'],
    ])
  })
})
