import type { Digest } from '../bytes.ts'
import type { Statement } from './envelope.ts'

/** A place in a device's chain for which it signed two histories. */
export interface Fork {
  /** The number that two statements claim, or whose successor follows another than this. */
  readonly number: number
  /**
   * The two, if they prove it by themselves: both here, with one number or one predecessor. Else what the later one names
   * as its predecessor is not here.
   */
  readonly statements: readonly [Digest, Digest] | null
}

/** Numbers of which no statement is here, though a later one is: from `from` up to and with `to`. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** Most gaps that are named of one device. */
const MOST_GAPS = 8

/**
 * One device's statements by their number (DESIGN §4). Any order, any gaps: a gap is incomplete, but two statements with
 * one number, or one that follows another than the one here, prove that the device signed two histories.
 */
export class Chain {
  readonly #places = new Map<number, { readonly id: Digest; readonly previous: Digest | null }>()
  /** Numbers that are taken without a gap, in order. */
  readonly #ranges: { from: number; to: number }[] = []
  #last: { readonly number: number; readonly id: Digest } | null = null
  #fork: Fork | null = null

  /** The statement with the highest number. */
  get last(): { readonly number: number; readonly id: Digest } | null {
    return this.#last
  }

  /** The first proof of two histories that was found. */
  get fork(): Fork | null {
    return this.#fork
  }

  /** Whether every place up to the last is taken. */
  get isWhole(): boolean {
    return this.#ranges.length === 0 || (this.#ranges.length === 1 && this.#ranges[0]?.from === 0)
  }

  /** Where statements are missing before the last one, the first few. */
  gaps(): readonly Gap[] {
    const before = [{ from: 0, to: -1 }, ...this.#ranges.slice(0, MOST_GAPS)]
    return this.#ranges
      .slice(0, MOST_GAPS + 1)
      .map(({ from }, at) => ({ from: (before[at]?.to ?? 0) + 1, to: from - 1 }))
      .filter(({ from, to }) => from <= to)
      .slice(0, MOST_GAPS)
  }

  /** Whether a statement would stand in the next place, following the last one. */
  isNext({ payload }: Pick<Statement, 'payload'>): boolean {
    const [number, previous] = this.#last === null ? [0, null] : [this.#last.number + 1, this.#last.id]
    return payload.sequence === number && payload.previous === previous
  }

  /** Adds a statement; one that is here already changes nothing. */
  add({
    id,
    payload,
  }: {
    readonly id: Digest
    readonly payload: Pick<Statement['payload'], 'sequence' | 'previous'>
  }): void {
    const { sequence: number, previous } = payload
    const here = this.#places.get(number)
    if (here?.id === id) return
    if (here !== undefined) this.#found({ number, statements: [here.id, id] })
    else {
      this.#places.set(number, { id, previous })
      this.#take(number)
    }
    this.#compare(number)
    this.#compare(number + 1)
    if (this.#last === null || number > this.#last.number) this.#last = { number, id }
  }

  #take(number: number): void {
    const at = this.#rangesUpTo(number)
    const [before, after] = [this.#ranges[at - 1], this.#ranges[at]]
    const [joinsBefore, joinsAfter] = [before?.to === number - 1, after?.from === number + 1]
    if (joinsBefore && before && joinsAfter && after) {
      before.to = after.to
      this.#ranges.splice(at, 1)
    } else if (joinsBefore && before) before.to = number
    else if (joinsAfter && after) after.from = number
    else this.#ranges.splice(at, 0, { from: number, to: number })
  }

  /** How many ranges begin before a number. */
  #rangesUpTo(number: number): number {
    let [from, to] = [0, this.#ranges.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#ranges[middle] as { from: number }).from < number) from = middle + 1
      else to = middle
    }
    return from
  }

  /** Whether the statement in a place follows the one in the place before, if both are here. */
  #compare(number: number): void {
    const [here, before] = [this.#places.get(number), this.#places.get(number - 1)]
    if (here === undefined || (before === undefined && number > 0)) return
    if (here.previous === (before?.id ?? null)) return
    const isProof = before !== undefined && before.previous === here.previous
    this.#found({ number: Math.max(number - 1, 0), statements: isProof ? [before.id, here.id] : null })
  }

  /** The first fork is kept, until one comes whose proof is here. */
  #found(fork: Fork): void {
    if (this.#fork === null || (this.#fork.statements === null && fork.statements !== null)) this.#fork = fork
  }
}
