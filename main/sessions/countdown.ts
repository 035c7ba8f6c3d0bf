import type { UnixMilliseconds } from '../../shared/bytes.ts'

/** Both clocks of this device, read together. */
export interface Clocks {
  /** Wall clock, milliseconds; people and time servers set it. */
  readonly wall: UnixMilliseconds
  /** Milliseconds since some start; nobody sets it, but it may stand still while the machine sleeps. */
  readonly monotonic: number
}

/** What a countdown starts from. */
export interface Term {
  /** AWS's own expiration, by AWS's clock. */
  readonly expires: UnixMilliseconds
  /** AWS's clock minus this device's, milliseconds, as measured on this device; 0 if it never was. */
  readonly skewMs: number
  /** The duration that was granted: with a clock that is behind, more than that can never be left. */
  readonly longestMs: number
}

/** A running countdown; immutable. */
export interface Countdown extends Term {
  readonly begun: Clocks
  /** What was left when it was last looked at: it never grows again. */
  readonly leftMs: number
}

/** Starts to count down to the session's end. */
export function beginCountdown(term: Term, now: Clocks): Countdown {
  const leftMs = Math.max(0, Math.min(byWall(term, now), term.longestMs))
  return { ...term, begun: now, leftMs }
}

/**
 * Looks at the clocks again. Left is the smallest of what the wall clock says, what the monotonic clock says, and what
 * was left before. So sleep is noticed by the wall clock, a clock set back by the monotonic one, and nothing that
 * happens to a clock lengthens a session; set forward it may shorten one, which is the safe way to be wrong.
 */
export function lookAgain(countdown: Countdown, now: Clocks): Countdown {
  const { begun, longestMs } = countdown
  const first = Math.min(byWall(countdown, begun), longestMs)
  const byMonotonic = first - (now.monotonic - begun.monotonic)
  return { ...countdown, leftMs: Math.max(0, Math.min(byWall(countdown, now), byMonotonic, countdown.leftMs)) }
}

function byWall({ expires, skewMs }: Term, { wall }: Clocks): number {
  return expires - (wall + skewMs)
}
