import { equalBytes } from '../../shared/bytes.ts'
import { type JournalDisk, JournalError } from './journal-disk.ts'
import type { SealedRow } from './journal-options.ts'
import type { Place, Places } from './journal-places.ts'
import { type JournalIdentity, type JournalRecord, openFrame, readFrame, whatIsWrong } from './journal-record.ts'

/** The most that one read brings, unless a single record is longer: 256 KiB. */
const READ_LENGTH = 256 * 1024

type Located = Place & { readonly position: number }

/** A journal's records as they lie in its file, sealed and opened. */
export class JournalRows {
  readonly #identity: JournalIdentity
  readonly #disk: JournalDisk
  /** Where they lie; others once the journal was written anew. */
  places: Places
  #closed = false

  constructor(identity: JournalIdentity, disk: JournalDisk, places: Places) {
    this.#identity = identity
    this.#disk = disk
    this.places = places
  }

  /** From now on nothing is read. */
  close(): void {
    this.#closed = true
  }

  /** See `Journal.records`. */
  async *records(tables: readonly string[]): AsyncGenerator<JournalRecord> {
    const positions = this.places.of(tables)
    for (let next = 0; next < positions.length; ) {
      const run = this.#runFrom(positions, next)
      next += Math.max(run.length, 1)
      const [first, last] = [run[0], run.at(-1)]
      if (first === undefined || last === undefined) continue
      this.#mustBeOpen()
      const bytes = await this.#disk.read(first.at, last.at + last.length - first.at)
      for (const { position, at, length } of run)
        yield this.#opened(position, bytes.subarray(at - first.at, at - first.at + length))
    }
  }

  /** Of some positions, from one on, those whose records lie side by side, as many as one read may bring. */
  #runFrom(positions: readonly number[], from: number): Located[] {
    const run: Located[] = []
    for (let next = from; next < positions.length; next++) {
      const position = positions[next] as number
      const place = this.places.get(position)
      const [first, last] = [run[0], run.at(-1)]
      if (place === undefined) break
      if (first && last) {
        if (last.at + last.length !== place.at || place.at + place.length - first.at > READ_LENGTH) break
      }
      run.push({ ...place, position })
    }
    return run
  }

  /** The record at a position, or null if there is none. */
  async recordAt(position: number): Promise<JournalRecord | null> {
    const bytes = await this.#bytesAt(position)
    return bytes && this.#opened(position, bytes)
  }

  /** See `Journal.sealedRows`. */
  async sealed(from: number, limit: number): Promise<SealedRow[]> {
    const rows: SealedRow[] = []
    for (let position = Math.max(from, 0); position < this.places.size && rows.length < limit; position++) {
      const sealed = await this.#bytesAt(position)
      if (sealed) rows.push({ position, sealed })
    }
    return rows
  }

  /** See `Journal.openRow`. */
  async open(position: number, sealed: Uint8Array): Promise<JournalRecord> {
    const own = await this.#bytesAt(position)
    if (!own)
      throw new JournalError('no-record', `the journal has no record ${position}, so the window’s row is not of it`)
    if (!equalBytes(own, sealed))
      throw new JournalError(
        'row-differs',
        `the window’s row ${position} ${whatIsWrong(this.#identity, position, sealed)}`,
      )
    return this.#opened(position, own)
  }

  async #bytesAt(position: number): Promise<Uint8Array | null> {
    this.#mustBeOpen()
    const place = this.places.get(position)
    return place ? this.#disk.read(place.at, place.length) : null
  }

  // All records opened when the journal was: one that no longer does changed since.
  #opened(position: number, bytes: Uint8Array): JournalRecord {
    this.#mustBeOpen()
    const frame = readFrame(bytes, 0)
    try {
      if (!frame || frame.position !== position) throw new TypeError('no record')
      return openFrame(this.#identity, frame)
    } catch (cause) {
      const message = `record ${position} was altered on the disk since the vault was opened`
      throw new JournalError('altered', message, { cause })
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new JournalError('closed', 'the vault is locked')
  }
}
