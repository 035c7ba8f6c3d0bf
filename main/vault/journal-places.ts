/** Where a record lies in the file, and of which table it is. */
export interface Place {
  readonly at: number
  readonly length: number
  readonly table: string
}

/** Where every record lies, by position: columns of numbers, since a log may have a million. */
export class Places {
  readonly #at: number[] = []
  readonly #lengths: number[] = []
  readonly #tables: number[] = []
  readonly #names: string[] = []
  readonly #positions = new Map<string, number[]>()

  /** @param places - by position; a hole is a record that was lost. */
  constructor(places: Iterable<Place | undefined> = []) {
    for (const place of places) {
      if (place === undefined) this.skip()
      else this.add(place)
    }
  }

  /** How many positions were given out. */
  get size(): number {
    return this.#at.length
  }

  /** Names of the tables, in the order in which they first came. */
  get tables(): readonly string[] {
    return this.#names
  }

  /** A record at the next position. */
  add({ at, length, table }: Place): void {
    let positions = this.#positions.get(table)
    if (positions === undefined) {
      positions = []
      this.#positions.set(table, positions)
      this.#names.push(table)
    }
    positions.push(this.size)
    this.#tables.push(this.#names.indexOf(table))
    this.#at.push(at)
    this.#lengths.push(length)
  }

  /** The record at the next position was lost. */
  skip(): void {
    this.#tables.push(-1)
    this.#at.push(0)
    this.#lengths.push(0)
  }

  get(position: number): Place | undefined {
    const [at, length, table] = [this.#at[position], this.#lengths[position], this.#tables[position]]
    if (at === undefined || length === undefined || table === undefined || table < 0) return undefined
    return { at, length, table: this.#names[table] as string }
  }

  /** How many records of these tables there are. */
  count(tables: readonly string[]): number {
    return tables.reduce((sum, table) => sum + (this.#positions.get(table)?.length ?? 0), 0)
  }

  /** Positions of the records of these tables, ascending; of all without any. */
  of(tables: readonly string[]): readonly number[] {
    if (tables.length === 0) return Array.from({ length: this.size }, (_, position) => position)
    const lists = tables.map((table) => this.#positions.get(table) ?? [])
    return lists.length === 1 ? (lists[0]?.slice() ?? []) : lists.flat().sort((a, b) => a - b)
  }
}
