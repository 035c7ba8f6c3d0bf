import type { ShellWorker } from '../shell/shell.ts'

/**
 * A worker process that was started ahead, to which nothing was said yet: its start would be most of what an attempt waits
 * for where all have approved when the issuing device comes. Before it is told its job it knows nothing and has no key.
 */
export class SpareWorker {
  readonly #start: () => ShellWorker
  #worker: ShellWorker | null = null
  /** One that ended by itself: while it is wanted no other is started, since that may end as well. */
  #isSpoilt = false

  /** @param start - starts a worker process. */
  constructor(start: () => ShellWorker) {
    this.#start = start
  }

  /** Has one started while one may soon be needed, and ended when none is. */
  async want(isWanted: boolean): Promise<void> {
    if (!isWanted) return this.end()
    if (this.#worker !== null || this.#isSpoilt) return
    const worker = this.#start()
    this.#worker = worker
    void worker.exited.then(() => {
      if (this.#worker !== worker) return
      this.#worker = null
      this.#isSpoilt = true
    })
  }

  /** The one that was started, or one that is started now. It is its taker's to end. */
  take(): ShellWorker {
    const worker = this.#worker ?? this.#start()
    this.#worker = null
    return worker
  }

  /** Ends it, if there is one. */
  async end(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    this.#isSpoilt = false
    worker?.kill()
    await worker?.exited
  }
}
