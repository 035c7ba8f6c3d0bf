import { equalBytes } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { LogEntry } from '../../shared/ipc-values.ts'
import type { Client } from '../client.ts'
import { type Row, type RowsDatabase, rowsDatabase } from './schema.ts'

/** What bringing the copy up to date found: `why` is for people, and empty when all was as expected. */
export interface Refreshed {
  readonly rows: number
  readonly rebuilt: boolean
  readonly why: string
}

/** The window's copy of the journal's sealed rows; never a source of anything. */
export interface LogRows {
  /** Brings the copy up to what main has; a copy that differs is thrown away and rebuilt, and said so. */
  refresh(): Promise<Refreshed>
  /** Opens the rows at these positions, in this order. Rows that are not the journal's rebuild the copy first. */
  open(positions: readonly number[]): Promise<{ entries: LogEntry[]; refreshed: Refreshed | null }>
}

type LogCalls = Pick<Client['log'], 'rows' | 'open'>

const MOST_ROWS = 200
const MOST_OPEN = 200
/** Opened in parts: a statement may be 64 KiB, and one message between window and main 1 MiB. */
const PART = 8

/** The copy in IndexedDB under this name; filled on the first refresh. */
export function openLogRows(log: LogCalls, name?: string): LogRows {
  const database = rowsDatabase(name)
  let running: Promise<Refreshed> | null = null
  const once = (act: () => Promise<Refreshed>): Promise<Refreshed> => {
    running ??= act().finally(() => {
      running = null
    })
    return running
  }
  const refresh = () => once(() => refreshed(database, log))
  return {
    refresh,
    open: async (positions) => {
      const wanted = positions.slice(0, MOST_OPEN)
      const first = await opened(database, log, wanted)
      if (first !== null) return { entries: first, refreshed: null }
      const refreshed = await once(() => rebuild(database, log, FOREIGN))
      return { entries: (await opened(database, log, wanted)) ?? [], refreshed }
    },
  }
}

const EMPTY = 'This window’s copy of the log was empty; it was filled from the journal.'
const INCOMPLETE = 'Rows were missing from this window’s copy of the log; it was rebuilt from the journal.'
const AHEAD = 'This window’s copy of the log did not end like the journal; it was rebuilt from the journal.'
const FOREIGN = 'This window’s copy of the log held rows that are not the journal’s; it was rebuilt from the journal.'

async function refreshed(database: RowsDatabase, log: LogCalls): Promise<Refreshed> {
  const count = await database.rows.count()
  const tally = await database.tally.get('rows')
  const last = await database.rows.orderBy('position').last()
  if (last === undefined) return rebuild(database, log, EMPTY)
  if (tally?.count !== count) return rebuild(database, log, INCOMPLETE)
  const here = await log.rows({ from: last.position, most: 1 })
  const same = here.rows[0]
  if (same?.position !== last.position || !equalBytes(same.sealed, last.sealed)) return rebuild(database, log, AHEAD)
  return { rows: count + (await fill(database, log, last.position + 1)), rebuilt: false, why: '' }
}

async function rebuild(database: RowsDatabase, log: LogCalls, why: string): Promise<Refreshed> {
  await database.transaction('rw', database.rows, database.tally, async () => {
    await database.rows.clear()
    await database.tally.clear()
  })
  const rows = await fill(database, log, 0)
  return { rows, rebuilt: rows > 0, why: rows > 0 ? why : '' }
}

/** Appends what main has from a position on; gives how many rows that were. */
async function fill(database: RowsDatabase, log: LogCalls, start: number): Promise<number> {
  let added = 0
  let from = start
  for (;;) {
    const { rows } = await rowsFrom(log, from, MOST_ROWS)
    const last = rows.at(-1)
    if (last === undefined) return added
    await append(database, rows)
    added += rows.length
    from = last.position + 1
  }
}

/** Rows from a position on; fewer at once where they are too large to cross together. */
async function rowsFrom(log: LogCalls, from: number, most: number): ReturnType<LogCalls['rows']> {
  try {
    return await log.rows({ from, most })
  } catch (error) {
    if (most === 1 || !(error instanceof LockboxError) || error.code !== 'too-large') throw error
    return rowsFrom(log, from, Math.ceil(most / 4))
  }
}

async function append(database: RowsDatabase, rows: readonly Row[]): Promise<void> {
  await database.transaction('rw', database.rows, database.tally, async () => {
    await database.rows.bulkPut([...rows])
    await database.tally.put({ id: 'rows', count: await database.rows.count() })
  })
}

/** The entries in the order asked for, or null if a row is missing here or foreign to the journal. */
async function opened(database: RowsDatabase, log: LogCalls, positions: readonly number[]): Promise<LogEntry[] | null> {
  const rows = (await database.rows.bulkGet([...positions])).filter((row) => row !== undefined)
  if (rows.length !== positions.length) return null
  const byPosition = new Map<number, LogEntry>()
  for (let at = 0; at < rows.length; at += PART) {
    const { entries, foreign } = await log.open({ rows: rows.slice(at, at + PART) })
    if (foreign.length > 0) return null
    for (const entry of entries) byPosition.set(entry.position, entry)
  }
  return positions.flatMap((position) => byPosition.get(position) ?? [])
}
