import type { UnixMilliseconds } from '../bytes.ts'

/**
 * The moment at which a case is judged. Whatever depends on time asks it, so that it knows between which moments the case would be
 * judged the same.
 */
export class Moment {
  readonly #at: UnixMilliseconds
  #since = Number.NEGATIVE_INFINITY
  #until = Number.POSITIVE_INFINITY

  constructor(at: UnixMilliseconds) {
    this.#at = at
  }

  /** Whether a time has come. */
  hasCome(time: UnixMilliseconds): boolean {
    const has = this.#at >= time
    if (has) this.#since = Math.max(this.#since, time)
    else this.#until = Math.min(this.#until, time)
    return has
  }

  /** From when on every answer so far is the same. */
  get since(): UnixMilliseconds {
    return this.#since
  }

  /** From when on one of them is another; infinite if none is. */
  get until(): UnixMilliseconds {
    return this.#until
  }
}

/** An app's own clock, where it does not matter when the answer changes; else a {@link Moment}. */
export type Now = UnixMilliseconds | Moment

/** Whether a time has come. */
export function hasCome(now: Now, time: UnixMilliseconds): boolean {
  return typeof now === 'number' ? now >= time : now.hasCome(time)
}
