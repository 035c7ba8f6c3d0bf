import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginCountdown, type Clocks, type Countdown, lookAgain, type Term } from './countdown.ts'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 10, 23, 12)
const term: Term = { expires: NOON + 15 * MINUTE, skewMs: 0, longestMs: 15 * MINUTE }
const start: Clocks = { wall: NOON, monotonic: 1000 }
/** Minutes by which the two clocks have moved since noon. */
const after = (wall: number, monotonic: number): Clocks => ({
  wall: NOON + wall * MINUTE,
  monotonic: 1000 + monotonic * MINUTE,
})
const minutesLeft = (...looks: Clocks[]): number => looks.reduce(lookAgain, beginCountdown(term, start)).leftMs / MINUTE

describe('the countdown', () => {
  it('runs with both clocks', () => {
    expect(minutesLeft(after(4, 4))).toBe(11)
  })
  it('knows after sleep how long the machine slept, although the monotonic clock stood still', () => {
    expect(minutesLeft(after(10, 2))).toBe(5)
  })
  it('is over after a sleep past the end', () => {
    expect(minutesLeft(after(60, 2))).toBe(0)
  })
  it('goes on by the monotonic clock when the wall clock is set back', () => {
    expect(minutesLeft(after(-60, 4))).toBe(11)
  })
  it('is cut short when the wall clock is set forward, and stays so when it is set back', () => {
    expect(minutesLeft(after(10, 1))).toBe(5)
    expect(minutesLeft(after(10, 1), after(2, 2))).toBe(5)
  })
  it('does not grow when the clock is set back and the machine then sleeps', () => {
    expect(minutesLeft(after(4, 4), after(-60, 4), after(-50, 4))).toBe(11)
  })
  it("counts by AWS's clock when this device's is known to be wrong", () => {
    const slow = beginCountdown({ ...term, skewMs: 2 * MINUTE }, start)
    expect(slow.leftMs / MINUTE).toBe(13)
    expect(lookAgain(slow, after(3, 3)).leftMs / MINUTE).toBe(10)
  })
  it('never shows more than was granted, however far behind the clock is', () => {
    const behind = beginCountdown(term, { wall: NOON - 60 * MINUTE, monotonic: 0 })
    expect(behind.leftMs / MINUTE).toBe(15)
    expect(lookAgain(behind, { wall: NOON - 50 * MINUTE, monotonic: 10 * MINUTE }).leftMs / MINUTE).toBe(5)
  })
  it('never grows and never goes below nothing, whatever happens to the clocks', () => {
    const jump = fc.record({ wall: fc.integer({ min: -90, max: 90 }), monotonic: fc.nat({ max: 30 }) })
    fc.assert(
      fc.property(fc.array(jump, { maxLength: 20 }), (jumps) => {
        let now = start
        let countdown: Countdown = beginCountdown(term, now)
        for (const { wall, monotonic } of jumps) {
          now = { wall: now.wall + wall * MINUTE, monotonic: now.monotonic + monotonic * MINUTE }
          const next = lookAgain(countdown, now)
          expect(next.leftMs).toBeGreaterThanOrEqual(0)
          expect(next.leftMs).toBeLessThanOrEqual(countdown.leftMs)
          // Nor is more than the time that has really run.
          expect(next.leftMs).toBeLessThanOrEqual(Math.max(0, 15 * MINUTE - (now.monotonic - start.monotonic)))
          countdown = next
        }
      }),
    )
  })
})
