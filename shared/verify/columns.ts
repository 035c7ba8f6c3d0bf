type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array

/** How many numbers, or hashes, lie in one piece: a power of two. */
export const PIECE = 4096
const SHIFT = Math.log2(PIECE)
const MASK = PIECE - 1

/**
 * Numbers of one size, in pieces: to make room in one array would take it twice for a moment, and leave a hole in memory that
 * nothing else fits into.
 */
export class Column<Values extends Numbers> {
  readonly #make: new (
    length: number,
  ) => Values
  readonly #pieces: Values[] = []
  length = 0

  constructor(make: new (length: number) => Values) {
    this.#make = make
  }

  at(index: number): number {
    return (this.#pieces[index >>> SHIFT] as Values)[index & MASK] as number
  }

  set(index: number, value: number): void {
    ;(this.#pieces[index >>> SHIFT] as Values)[index & MASK] = value
  }

  push(value: number): void {
    if ((this.length & MASK) === 0) this.#pieces.push(new this.#make(PIECE))
    this.set(this.length++, value)
  }
}

/**
 * Whole numbers from 0 to 2^53 − 1, of which only what somebody made up, or what there is hardly ever so much of, does not fit
 * into an array of this kind: that lies beside.
 */
export class Mostly<Values extends Uint16Array | Uint32Array> {
  readonly #narrow: Column<Values>
  readonly #wide = new Map<number, number>()
  /** Stands for what lies beside. */
  readonly #mark: number

  constructor(make: { new (length: number): Values; readonly BYTES_PER_ELEMENT: number }) {
    this.#narrow = new Column(make)
    this.#mark = 2 ** (8 * make.BYTES_PER_ELEMENT) - 1
  }

  get length(): number {
    return this.#narrow.length
  }

  at(index: number): number {
    const narrow = this.#narrow.at(index)
    return narrow === this.#mark ? (this.#wide.get(index) as number) : narrow
  }

  push(value: number): void {
    if (value >= this.#mark) this.#wide.set(this.length, value)
    this.#narrow.push(Math.min(value, this.#mark))
  }
}
