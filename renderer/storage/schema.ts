import { Dexie, type EntityTable } from 'dexie'

/** One record of main's journal as the window keeps it: useless without the vault. */
export interface Row {
  readonly position: number
  readonly sealed: Uint8Array
}

/** How many rows there should be; written in the same transaction as the rows, so that a loss shows. */
export interface Tally {
  readonly id: 'rows'
  readonly count: number
}

export type RowsDatabase = Dexie & { rows: EntityTable<Row, 'position'>; tally: EntityTable<Tally, 'id'> }

/**
 * The window's working store, all its versions in one place. Durability is strict: it costs half a millisecond a write,
 * and a store that lost its end would be rebuilt, with a note that nobody needs.
 */
export function rowsDatabase(name = 'lockbox'): RowsDatabase {
  const database = new Dexie(name, { chromeTransactionDurability: 'strict' }) as RowsDatabase
  database.version(1).stores({ rows: 'position', tally: 'id' })
  return database
}
