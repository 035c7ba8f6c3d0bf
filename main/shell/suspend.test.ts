import { expect, it } from 'vitest'
import { watchSuspend } from './suspend.ts'

/** Runs a watch over the given readings of the wall clock, one each tick; counts the alarms. */
function alarmsFor(...readings: readonly number[]): number {
  let [now = 0] = readings
  let tick = (): void => {}
  let alarms = 0
  watchSuspend(() => alarms++, {
    now: () => now,
    every: (_milliseconds, call) => {
      tick = call
      return () => {}
    },
  })
  for (const reading of readings.slice(1)) {
    now = reading
    tick()
  }
  return alarms
}

it.each([
  ['a steady clock', [0, 5_000, 10_000, 15_000], 0],
  ['a timer that came late on a busy machine', [0, 5_000, 24_000, 29_000], 0],
  ['a night of sleep, once', [0, 5_000, 28_800_000, 28_805_000], 1],
  ['a clock set back', [100_000, 5_000, 10_000], 0],
  ['two naps', [0, 60_000, 65_000, 125_000], 2],
])('on %s', (_what, readings, alarms) => {
  expect(alarmsFor(...readings)).toBe(alarms)
})
