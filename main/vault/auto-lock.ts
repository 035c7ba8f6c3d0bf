import { elapsed, type Instant } from './clock.ts'

const MINUTE = 60_000
/** DESIGN §11: 10 minutes unless set otherwise, 15 at most. */
export const DEFAULT_IDLE_LIMIT = 10 * MINUTE
export const LONGEST_IDLE_LIMIT = 15 * MINUTE

/**
 * How long until the vault locks for want of activity, in milliseconds; 0 means now. A limit that is longer than
 * allowed, or no sensible number, counts as the longest.
 */
export function untilIdleLock(lastActivity: Instant, now: Instant, limit: number = DEFAULT_IDLE_LIMIT): number {
  const allowed = limit > 0 && limit <= LONGEST_IDLE_LIMIT ? limit : LONGEST_IDLE_LIMIT
  return Math.max(0, allowed - elapsed(lastActivity, now))
}
