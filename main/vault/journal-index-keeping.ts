import type { IndexFile } from './journal-index.ts'
import type { JournalOptions } from './journal-options.ts'
import type { Places } from './journal-places.ts'
import type { Scan } from './journal-scan.ts'

/** What an index is made of. */
export interface Indexable {
  /** The place behind its last record. */
  readonly next: Scan['next']
  readonly places: Places
  /** How long the journal's file is. */
  readonly length: number
}

/** When an index of the journal is made, and of how much there is one. */
export class IndexKeeping {
  readonly #file: IndexFile
  readonly #rules: string
  readonly #every: number
  /** How many records the index on the disk covers, or was to cover, or will when its turn comes. */
  #covered: number
  #glimpse: (() => Uint8Array | null) | null = null

  /** @param covered - how many records the index covers with which the journal was read. */
  constructor(
    file: IndexFile,
    covered: number,
    { rules, indexEvery = 4096 }: Pick<JournalOptions, 'rules' | 'indexEvery'>,
  ) {
    this.#file = file
    this.#covered = covered
    this.#rules = rules
    this.#every = indexEvery
  }

  /** There is none before this; see `Journal.indexWith`. */
  with(glimpse: () => Uint8Array | null): void {
    this.#glimpse = glimpse
  }

  /** Whether one is to be made where there are so many records; its turn then comes, and it is not due again before. */
  comesDue(size: number): boolean {
    if (this.#glimpse === null || size - this.#covered < this.#every) return false
    this.#covered = size
    return true
  }

  /** Whether the last one covers so many records, or was to. */
  covers(size: number): boolean {
    return this.#covered === size
  }

  /** Other records lie there now. */
  startAnew(): void {
    this.#covered = 0
  }

  /** The bytes of an index; null if there is to be none. */
  seal({ next: { position: size, previous: hash }, places, length }: Indexable): Uint8Array | null {
    const glimpse = this.#glimpse?.() ?? null
    if (glimpse === null) return null
    // Tried once, whatever comes of it: it is tried again after as many records more.
    this.#covered = size
    const end = { position: size - 1, hash, at: places.get(size - 1)?.at ?? 0, length }
    return this.#file.seal({ end, rules: this.#rules, tables: places.tables, glimpse }, places)
  }

  /** @throws an error of the disk; then the one before is there as it was. */
  put(sealed: Uint8Array): Promise<void> {
    return this.#file.put(sealed)
  }

  /** Forgets the key. */
  forget(): void {
    this.#file.forget()
  }
}
