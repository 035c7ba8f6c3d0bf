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
    return this.#places.size === (this.#last === null ? 0 : this.#last.number + 1)
  }

  /** Where statements are missing before the last one, the first few. */
  gaps(): readonly Gap[] {
    if (this.isWhole) return []
    const gaps: Gap[] = []
    let next = 0
    for (const number of [...this.#places.keys()].sort((a, b) => a - b)) {
      if (number > next && gaps.length < MOST_GAPS) gaps.push({ from: next, to: number - 1 })
      next = number + 1
    }
    return gaps
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
    else this.#places.set(number, { id, previous })
    this.#compare(number)
    this.#compare(number + 1)
    if (this.#last === null || number > this.#last.number) this.#last = { number, id }
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
