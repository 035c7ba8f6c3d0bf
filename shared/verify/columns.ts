type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array

/** Numbers of one size in a growing buffer. */
export class Column<Values extends Numbers> {
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
export class Mostly32 {
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

/** The same numbers, and as much room again. */
export function grown(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(values.length * 2)
  wider.set(values)
  return wider
}
