import type { Ticker } from '../../suspend.ts'

/** A clock that stands, and timers that never come. */
export const still: Ticker = { now: () => 0, every: () => () => undefined }

/** A clock and timers that a test moves. */
export class Moving implements Ticker {
  #now = 0
  readonly #ticks = new Set<() => void>()

  readonly now = (): number => this.#now

  readonly every = (_milliseconds: number, tick: () => void): (() => void) => {
    this.#ticks.add(tick)
    return () => void this.#ticks.delete(tick)
  }

  /** Lets some time pass, and then every timer come once. */
  pass(milliseconds: number): void {
    this.#now += milliseconds
    for (const tick of this.#ticks) tick()
  }
}
