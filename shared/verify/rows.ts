import type { Digest } from '../bytes.ts'
import { ACCEPTED, type Doored, FOLLOWS, FOUNDS } from './batch.ts'
import { Digests } from './digests.ts'

/** An entry that repeats one of its file. */
export interface Repetition {
  readonly file: number
  readonly at: number
  readonly of: number
  /** Whether it is another copy, touched with another key. */
  readonly otherKey: boolean
}

/** Most files that are merged: each is a bit. */
export const MOST_FILES = 16

/**
 * All accepted statements of all files as columns of numbers: some 75 bytes each with their ids, so that a million fit
 * where their text would not. One row for each id, of the first file that brought it.
 */
export class Rows {
  #ids: Digests | null = new Digests()
  readonly #names: Digest[] = []
  readonly #numbers = new Map<Digest, number>()
  /** The row of an id by its number, or 0; rows count from 1 there. */
  #rowOf = new Int32Array(1024)
  readonly #files = new Column(Uint8Array)
  readonly #places = new Mostly32()
  readonly #idNumbers = new Column(Int32Array)
  readonly #before = new Column(Int32Array)
  readonly #devices = new Column(Int32Array)
  readonly #keys = new Column(Int32Array)
  readonly #sequences = new Mostly32()
  readonly #flags = new Column(Uint8Array)
  /** Which files have it, a bit each. */
  readonly #having = new Column(Uint16Array)
  readonly repeated: Repetition[] = []

  get count(): number {
    return this.#places.length
  }

  get devices(): readonly Digest[] {
    return this.#names
  }

  file = (row: number): number => this.#files.at(row)
  at = (row: number): number => this.#places.at(row)
  id = (row: number): number => this.#idNumbers.at(row)
  /** The number of the id it names as before it, or −1. */
  before = (row: number): number => this.#before.at(row)
  device = (row: number): number => this.#devices.at(row)
  sequence = (row: number): number => this.#sequences.at(row)
  isFounding = (row: number): boolean => (this.#flags.at(row) & FOUNDS) !== 0
  isIn = (row: number, file: number): boolean => (this.#having.at(row) & (1 << file)) !== 0

  /** Adds what the door let in. */
  add({ file, places, hashes, flags, sequences, devices, keys, names }: Doored): void {
    const ids = this.#ids
    if (ids === null) throw new TypeError('expected no entries after the last')
    for (let row = 0; row < places.length; row++) {
      const flag = flags[row] as number
      if ((flag & ACCEPTED) === 0) continue
      const id = ids.number(hashes, row * 96 + 32)
      const at = places[row] as number
      const key = this.#name(names[keys[row] as number] as Digest)
      if (id >= this.#rowOf.length) this.#rowOf = grown(this.#rowOf)
      const known = (this.#rowOf[id] as number) - 1
      if (known >= 0) {
        if (this.isIn(known, file)) this.#repeat(known, file, at, key)
        else this.#having.set(known, this.#having.at(known) | (1 << file))
        continue
      }
      this.#rowOf[id] = this.count + 1
      this.#files.push(file)
      this.#idNumbers.push(id)
      this.#before.push((flag & FOLLOWS) === 0 ? -1 : ids.number(hashes, row * 96 + 64))
      this.#devices.push(this.#name(names[devices[row] as number] as Digest))
      this.#keys.push(key)
      this.#sequences.push(sequences[row] as number)
      this.#flags.push(flag)
      this.#having.push(1 << file)
      this.#places.push(at)
      while (ids.count > this.#rowOf.length) this.#rowOf = grown(this.#rowOf)
    }
  }

  /** The rows that these entries of a file are, as far as the door let them in. */
  find(file: number, places: ReadonlySet<number>): Map<number, number> {
    const found = new Map<number, number>()
    if (places.size === 0) return found
    for (let row = 0; row < this.count; row++)
      if (this.file(row) === file && places.has(this.at(row))) found.set(this.at(row), row)
    return found
  }

  /** Nothing is added any more: the ids themselves go, half of what this takes, and their numbers stay. */
  seal(): void {
    this.#ids = null
    this.#rowOf = new Int32Array(0)
  }

  #repeat(known: number, file: number, at: number, key: number): void {
    // Where the first stands in another file its place in this one is not kept; it says that it repeats, and no more.
    const of = this.file(known) === file ? this.at(known) : at
    this.repeated.push({ file, at, of, otherKey: this.#keys.at(known) !== key })
  }

  #name(name: Digest): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    this.#numbers.set(name, this.#names.length)
    this.#names.push(name)
    return this.#names.length - 1
  }
}

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array

/** Numbers of one size in a growing buffer. */
class Column<Values extends Numbers> {
  readonly #make: new (
    length: number,
  ) => Values
  #values: Values
  length = 0

  constructor(make: new (length: number) => Values) {
    this.#make = make
    this.#values = new make(1024)
  }

  at(index: number): number {
    return this.#values[index] as number
  }

  set(index: number, value: number): void {
    this.#values[index] = value
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const wider = new this.#make(this.length * 2)
      wider.set(this.#values)
      this.#values = wider
    }
    this.#values[this.length++] = value
  }
}

const WIDE = 0xffff_ffff

/** Whole numbers from 0 to 2^53 − 1, of which only what somebody made up is not below 2^32: four bytes each, and the others beside. */
class Mostly32 {
  readonly #low = new Column(Uint32Array)
  readonly #wide = new Map<number, number>()

  get length(): number {
    return this.#low.length
  }

  at(index: number): number {
    const low = this.#low.at(index)
    return low === WIDE ? (this.#wide.get(index) as number) : low
  }

  push(value: number): void {
    if (value >= WIDE) this.#wide.set(this.#low.length, value)
    this.#low.push(Math.min(value, WIDE))
  }
}

function grown(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(values.length * 2)
  wider.set(values)
  return wider
}
