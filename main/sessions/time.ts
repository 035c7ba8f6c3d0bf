import { performance } from 'node:perf_hooks'
import type { Time } from './session.ts'

/** The process's own clocks and timers. A waiting timer does not keep the process alive. */
export const systemTime: Time = {
  now: () => ({ wall: Date.now(), monotonic: performance.now() }),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
