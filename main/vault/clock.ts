import type { UnixMilliseconds } from '../../shared/bytes.ts'

/**
 * A moment by two clocks. The wall clock jumps when people set it; the monotonic one stands still in suspend. Time
 * that matters for secrets is counted by whichever says that more has passed.
 */
export interface Instant {
  readonly wall: UnixMilliseconds
  /** Milliseconds since some moment of this run. */
  readonly monotonic: number
}

/** Reads both clocks. */
export type Clock = () => Instant

/** The clocks of this machine. */
export const systemClock: Clock = () => ({ wall: Date.now(), monotonic: performance.now() })

/** Milliseconds from one moment to a later one; never negative. */
export function elapsed(from: Instant, to: Instant): number {
  return Math.max(0, to.wall - from.wall, to.monotonic - from.monotonic)
}
