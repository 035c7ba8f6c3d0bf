import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Time } from '../../main/sessions/session.ts'

const systemNow = Date.now

/**
 * The clocks of a world whose time a test can let pass; without that it goes as fast as everywhere. All of this process
 * goes by it, since AWS's client reads the system's clock, and workers do by way of a file.
 */
export class TestClock {
  #ahead = 0
  readonly #timers = new Set<{ readonly due: number; readonly fire: () => void }>()
  #file: string | null = null

  readonly clock = () => ({ wall: systemNow() + this.#ahead, monotonic: performance.now() + this.#ahead })

  readonly time: Time = {
    now: () => this.clock(),
    after: (ms, callback) => {
      const stop = () => {
        clearTimeout(real)
        this.#timers.delete(timer)
      }
      const fire = () => {
        stop()
        callback()
      }
      const real = setTimeout(fire, ms)
      real.unref()
      const timer = { due: this.clock().monotonic + ms, fire }
      this.#timers.add(timer)
      return stop
    },
  }

  /** Takes over this process's clock. */
  start(): void {
    Date.now = () => this.clock().wall
  }

  /** Gives the clock back. */
  stop(): void {
    Date.now = systemNow
  }

  /** What goes before a worker program so that it goes by this clock. @param dir - where it may write. */
  workerBanner(dir: string): string {
    this.#file = join(dir, 'ahead')
    this.#tell()
    const ahead = `Number(require('node:fs').readFileSync(${JSON.stringify(this.#file)}, 'utf8'))`
    return `{ const now = Date.now; Date.now = () => now() + ${ahead} }`
  }

  /** Lets so much time pass at once, as in sleep with a clock that goes on. */
  pass(ms: number): void {
    this.#ahead += ms
    this.#tell()
    const now = this.clock().monotonic
    for (const timer of [...this.#timers].filter(({ due }) => due <= now)) timer.fire()
  }

  #tell(): void {
    if (this.#file === null) return
    // At once: a worker that read half of it would be hours behind, and take AWS's clock to be wrong.
    writeFileSync(`${this.#file}.new`, String(this.#ahead))
    renameSync(`${this.#file}.new`, this.#file)
  }
}
