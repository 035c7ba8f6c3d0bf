import { concat, utf8 } from '../../../shared/bytes.ts'
import { Journal, type JournalCondition, type JournalProblem } from '../journal.ts'
import { MemoryDisk } from './memory-disk.ts'

const dir = '/vault'
/** Where the journal lies. */
export const file = '/vault/journal'
/** Where its head marker lies. */
export const marker = '/vault/journal.head'
/** Where its index lies. */
export const index = '/vault/journal.index'
/** Whose journal it is. */
export const keys = {
  vaultId: new Uint8Array(32).fill(1),
  key: new Uint8Array(32).fill(2),
  headKey: new Uint8Array(32).fill(3),
  indexKey: new Uint8Array(32).fill(4),
  rules: 'these',
}
/** A reserve small enough for a disk in memory. */
export const RESERVE = 1024

/** Opens the journal of a disk. Like every journal of an app it leaves an index when it is closed, which hides nothing. */
export async function open(
  fs: MemoryDisk,
  more: {
    create?: boolean
    onCondition?: (condition: JournalCondition) => void
    rules?: string
    indexEvery?: number
  } = {},
): Promise<{ journal: Journal; problems: readonly JournalProblem[] }> {
  const opened = await Journal.open({ dir, ...keys, fs, reserveLength: RESERVE, ...more })
  opened.journal.indexWith(() => new Uint8Array(100))
  return opened
}

/** A journal of `count` statements after its first record, so positions 1 to `count`. */
export async function journalOf(count: number, fs = new MemoryDisk()): Promise<{ fs: MemoryDisk; journal: Journal }> {
  const { journal } = await open(fs, { create: true })
  for (let at = 1; at <= count; at++) await journal.append('statements', `s${at}`, utf8(`value ${at}`))
  return { fs, journal }
}

/** The statements of a journal, in order. */
export async function valuesOf(journal: Journal): Promise<string[]> {
  const values: string[] = []
  for await (const record of journal.records('statements')) values.push(new TextDecoder().decode(record.value))
  return values
}

/** The values of that many statements. */
export const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `value ${at + 1}`)
/** What is wrong, without the words. */
export const named = (problems: readonly JournalProblem[]) => problems.map(({ kind, from, to }) => [kind, from, to])

/** The records of the file as byte strings. */
export async function piecesOf(journal: Journal): Promise<Uint8Array[]> {
  return (await journal.sealedRows(0)).map(({ sealed }) => sealed)
}

/** Closes a journal of `count` records, changes the order or content of its pieces, opens it again. */
export async function reopenedWith(count: number, change: (pieces: Uint8Array[]) => Uint8Array[]) {
  const { fs, journal } = await journalOf(count)
  const pieces = await piecesOf(journal)
  await journal.close()
  fs.tamper(file, () => concat(...change(pieces)))
  return { fs, ...(await open(fs)) }
}

/** The bytes with one bit changed. */
export const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, place) => (place === at ? byte ^ 1 : byte))
/** The items with two of them exchanged. */
export const swapped = <T>(items: readonly T[], a: number, b: number): T[] =>
  items.map((item, at) => (at === a ? items[b] : at === b ? items[a] : item) as T)
