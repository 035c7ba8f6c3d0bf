/** Something that one waits for and others set off. One set off while nobody waits is kept for the next who does. */
export class Alarm {
  #isRung = false
  #resolve: (() => void) | null = null

  ring(): void {
    this.#isRung = true
    this.#resolve?.()
  }

  /** What was set off before counts no longer. */
  reset(): void {
    this.#isRung = false
  }

  /** Until it is set off. @param ms - at the longest; null for ever. */
  async wait(ms: number | null): Promise<void> {
    if (!this.#isRung) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#resolve = resolve
        if (ms !== null) timer = setTimeout(resolve, ms)
      })
      clearTimeout(timer)
      this.#resolve = null
    }
    this.#isRung = false
  }
}
