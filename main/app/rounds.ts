import { setImmediate, setTimeout } from 'node:timers/promises'
import { TokenBucket } from '../exchange/limits.ts'

/** So many runs in a row, then so many a second: where a log pours in, nothing of it has to be acted on within a moment. */
const BURST = 16
const PER_SECOND = 20
/** A run that was asked for so often is one of a log that pours in, and counts as several. */
const POURING = 32
const COUNTS_AS = 4

/**
 * Runs something again and again, one run at a time: a call while it runs makes it run once more afterwards. So no
 * change is missed, and no two runs see half of each other's work. Where changes pour in, it runs now and then.
 */
export class Rounds {
  readonly #run: () => Promise<void>
  #running: Promise<void> | null = null
  #underWay: Promise<void> | null = null
  /** How often a run was asked for since the last one began. */
  #asked = 0
  readonly #pace = new TokenBucket(BURST, PER_SECOND, () => performance.now())
  readonly #closing = new AbortController()

  constructor(run: () => Promise<void>) {
    this.#run = run
  }

  /** The run that is under way, if one is. */
  get underWay(): Promise<void> | null {
    return this.#underWay
  }

  /** Asks for a run. */
  ask(): void {
    if (this.#closing.signal.aborted) return
    this.#asked++
    this.#running ??= this.#loop()
  }

  /** No further runs; resolves when the one under way is over. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #loop(): Promise<void> {
    // Let everything of the same moment come in, and whoever waits for it go on, before it is looked at.
    await setImmediate()
    while (this.#asked > 0 && !this.#closing.signal.aborted) {
      const count = this.#asked < POURING ? 1 : COUNTS_AS
      this.#asked = 0
      this.#underWay = this.#run().finally(() => {
        this.#underWay = null
      })
      await this.#underWay
      const waitMs = this.#pace.spend(count)
      if (waitMs > 0) await this.#pause(waitMs)
    }
    this.#running = null
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing
    await setTimeout(ms, undefined, { signal }).catch(() => undefined)
  }
}
