import { Column, Mostly } from './columns.ts'

/**
 * Where further files have what a row has: of each file the first entry, and the key that touched it there, since a file is judged by its own
 * entries whatever others have. Nothing is kept as long as one file is verified alone.
 */
export class Copies {
  /** The newest copy of each row, or 0; copies count from 1. */
  #newest = new Int32Array(0)
  /** The copy of the same row before it, or 0. */
  readonly #before = new Column(Int32Array)
  readonly #files = new Column(Uint8Array)
  readonly #places = new Mostly(Uint32Array)
  readonly #keys = new Mostly(Uint16Array)

  /** Adds the first entry of a file that has what a row has. */
  add(row: number, file: number, at: number, key: number): void {
    if (row >= this.#newest.length) this.#grow(row + 1)
    this.#before.push(this.#newest[row] as number)
    this.#files.push(file)
    this.#places.push(at)
    this.#keys.push(key)
    this.#newest[row] = this.#files.length
  }

  has(row: number, file: number): boolean {
    return this.#find(row, file) !== null
  }

  /** The entry of a file that was added for a row. */
  at(row: number, file: number): number {
    return this.#places.at(this.#of(row, file))
  }

  /** The number of the key that touched it there. */
  key(row: number, file: number): number {
    return this.#keys.at(this.#of(row, file))
  }

  #of(row: number, file: number): number {
    const copy = this.#find(row, file)
    if (copy === null) throw new TypeError('expected a file that has it')
    return copy
  }

  #find(row: number, file: number): number | null {
    // No more steps than there are files.
    for (let copy = this.#newest[row] ?? 0; copy !== 0; copy = this.#before.at(copy - 1))
      if (this.#files.at(copy - 1) === file) return copy - 1
    return null
  }

  #grow(least: number): void {
    const wider = new Int32Array(Math.max(1024, 2 * this.#newest.length, least))
    wider.set(this.#newest)
    this.#newest = wider
  }
}
