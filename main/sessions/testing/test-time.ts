import type { Clocks } from '../countdown.ts'
import type { Time } from '../session.ts'

/** Clocks that a test moves, with timers that follow the monotonic one, as Node's do. */
export class TestTime implements Time {
  clocks: Clocks
  waiting: { due: number; callback: () => void }[] = []

  /** @param wall - what the wall clock shows first. */
  constructor(wall: number) {
    this.clocks = { wall, monotonic: 0 }
  }

  now(): Clocks {
    return this.clocks
  }
  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.clocks.monotonic + ms, callback }
    this.waiting.push(timer)
    return () => {
      this.waiting = this.waiting.filter((one) => one !== timer)
    }
  }
  /** Both clocks run, in steps of a second; promises settle in between. */
  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1000) {
      this.clocks = { wall: this.clocks.wall + 1000, monotonic: this.clocks.monotonic + 1000 }
      const due = this.waiting.filter((timer) => timer.due <= this.clocks.monotonic)
      this.waiting = this.waiting.filter((timer) => !due.includes(timer))
      for (const { callback } of due) callback()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  /** The wall clock alone moves: sleep, or somebody set it. */
  jump(ms: number): void {
    this.clocks = { ...this.clocks, wall: this.clocks.wall + ms }
  }
}
