import { type Digest, fromBase64Url } from '../bytes.ts'
import { ACCEPTED, type Doored, FOLLOWS } from './batch.ts'
import { Column, Mostly } from './columns.ts'
import { Copies } from './copies.ts'
import { Digests } from './digests.ts'

/** An entry that repeats one of its file. */
export interface Repetition {
  readonly file: number
  readonly at: number
  readonly of: number
  /** Whether it is another copy, touched with another key. */
  readonly otherKey: boolean
}

/** The rows of one file by its places, which ascend. */
export interface FilePlaces {
  readonly places: Float64Array
  readonly rows: Int32Array
}

/** Most files that are merged. */
export const MOST_FILES = 16

/** What a row has before it that names nothing. */
export const NONE = -1

/**
 * All accepted statements of all files as columns of numbers: some 60 bytes each with their ids, so that a million fit
 * where their text would not, and 17 more for each further file that has one. One row for each id, of the first file that
 * has it; what a file is judged by alone is asked for with its number.
 */
export class Rows {
  #ids: Digests | null = new Digests()
  readonly #names: Digest[] = []
  readonly #numbers = new Map<Digest, number>()
  /** The row of an id by its number, or 0; rows count from 1 there. */
  #rowOf = new Column(Int32Array)
  readonly #files = new Column(Uint8Array)
  readonly #places = new Mostly(Uint32Array)
  /** What it names as before it: the number of an id, and once all are here its row where it has one. */
  readonly #before = new Column(Int32Array)
  readonly #devices = new Mostly(Uint16Array)
  readonly #keys = new Mostly(Uint16Array)
  readonly #sequences = new Mostly(Uint32Array)
  readonly #copies = new Copies()
  readonly repeated: Repetition[] = []

  get count(): number {
    return this.#places.length
  }

  get devices(): readonly Digest[] {
    return this.#names
  }

  /** The first file that has it. */
  file = (row: number): number => this.#files.at(row)
  /** Its entry there. */
  at = (row: number): number => this.#places.at(row)
  /**
   * What it names as before it, to be asked once nothing is added any more: a row; {@link NONE} if it names nothing; or less than that
   * for what is not here, the same for the same id.
   */
  before = (row: number): number => this.#before.at(row)
  device = (row: number): number => this.#devices.at(row)
  sequence = (row: number): number => this.#sequences.at(row)
  isIn = (row: number, file: number): boolean => this.file(row) === file || this.#copies.has(row, file)

  /** Adds what the door let in: of one section, in the order of the files, and of one file, in that of its ledger. */
  add({ file, places, hashes, flags, sequences, devices, keys, names }: Doored): void {
    const ids = this.#ids
    if (ids === null) throw new TypeError('expected no entries after the last')
    for (let row = 0; row < places.length; row++) {
      const flag = flags[row] as number
      if ((flag & ACCEPTED) === 0) continue
      const id = ids.number(hashes, row * 96 + 32)
      const at = places[row] as number
      const key = this.#name(names[keys[row] as number] as Digest)
      while (ids.count > this.#rowOf.length) this.#rowOf.push(0)
      const known = this.#rowOf.at(id) - 1
      if (known >= 0) {
        if (this.isIn(known, file)) this.#repeat(known, file, at, key)
        else this.#copies.add(known, file, at, key)
        continue
      }
      this.#rowOf.set(id, this.count + 1)
      this.#files.push(file)
      this.#before.push((flag & FOLLOWS) === 0 ? NONE : ids.number(hashes, row * 96 + 64))
      this.#devices.push(this.#name(names[devices[row] as number] as Digest))
      this.#keys.push(key)
      this.#sequences.push(sequences[row] as number)
      this.#places.push(at)
    }
  }

  /** Whether an entry is the first that is this statement, in the first file that has it. */
  isFirst(id: Digest, file: number, at: number): boolean {
    const number = this.#ids?.number(fromBase64Url(id), 0) ?? -1
    const row = number < 0 || number >= this.#rowOf.length ? -1 : this.#rowOf.at(number) - 1
    return row >= 0 && this.file(row) === file && this.at(row) === at
  }

  /** The rows that these entries of a file are, as far as the door let them in. */
  find(file: number, places: ReadonlySet<number>): Map<number, number> {
    const found = new Map<number, number>()
    if (places.size === 0) return found
    for (let row = 0; row < this.count; row++) {
      if (!this.isIn(row, file)) continue
      const at = this.#atIn(row, file)
      if (places.has(at)) found.set(at, row)
    }
    return found
  }

  /** All rows of a file, by their places there. */
  placesIn(file: number): FilePlaces {
    const rows = new Int32Array(this.count)
    const at = new Float64Array(this.count)
    let count = 0
    for (let row = 0; row < this.count; row++) {
      if (!this.isIn(row, file)) continue
      rows[count] = row
      at[count++] = this.#atIn(row, file)
    }
    const order = Uint32Array.from({ length: count }, (_, n) => n).sort((a, b) => (at[a] as number) - (at[b] as number))
    return {
      places: Float64Array.from(order, (n) => at[n] as number),
      rows: Int32Array.from(order, (n) => rows[n] as number),
    }
  }

  /** Nothing is added any more: the ids themselves go, half of what this takes. */
  seal(): void {
    for (let row = 0; row < this.count; row++) {
      const id = this.#before.at(row)
      if (id === NONE) continue
      const before = id < this.#rowOf.length ? this.#rowOf.at(id) - 1 : NONE
      this.#before.set(row, before === NONE ? NONE - 1 - id : before)
    }
    this.#ids = null
    this.#rowOf = new Column(Int32Array)
  }

  /** Its entry in one of the files that have it. */
  #atIn(row: number, file: number): number {
    return this.file(row) === file ? this.at(row) : this.#copies.at(row, file)
  }

  #repeat(known: number, file: number, at: number, key: number): void {
    const first = this.file(known) === file ? this.#keys.at(known) : this.#copies.key(known, file)
    this.repeated.push({ file, at, of: this.#atIn(known, file), otherKey: first !== key })
  }

  #name(name: Digest): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    this.#numbers.set(name, this.#names.length)
    this.#names.push(name)
    return this.#names.length - 1
  }
}
