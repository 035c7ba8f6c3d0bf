import { setImmediate } from 'node:timers/promises'

/**
 * Runs something again and again, one run at a time: a call while it runs makes it run once more afterwards. So no
 * change is missed, and no two runs see half of each other's work.
 */
export class Rounds {
  readonly #run: () => Promise<void>
  #running: Promise<void> | null = null
  #again = false
  #closed = false

  constructor(run: () => Promise<void>) {
    this.#run = run
  }

  /** Asks for a run. */
  ask(): void {
    if (this.#closed) return
    this.#again = true
    this.#running ??= this.#loop()
  }

  /** No further runs; resolves when the one under way is over. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #loop(): Promise<void> {
    // Let everything of the same moment come in, and whoever waits for it go on, before it is looked at.
    await setImmediate()
    while (this.#again && !this.#closed) {
      this.#again = false
      await this.#run()
    }
    this.#running = null
  }
}
