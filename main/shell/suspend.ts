/** How often the clock is looked at, and how much more may pass before we call it sleep. */
const EVERY_MS = 5_000
const TOLERANCE_MS = 15_000

/** A clock and a timer, so that tests need neither to wait. */
export interface Ticker {
  readonly now: () => number
  readonly every: (milliseconds: number, tick: () => void) => () => void
}

/** The clock and the timers of this process. */
export const systemTicker: Ticker = {
  now: () => Date.now(),
  every: (milliseconds, tick) => {
    const timer = setInterval(tick, milliseconds)
    timer.unref()
    return () => clearInterval(timer)
  },
}

/**
 * Calls back after the machine slept, which no browser tells: the wall clock then went further between two ticks
 * than the timer can explain. A clock set forward looks the same, and locking then is right too. Set back, nothing.
 *
 * @returns the way to stop it.
 */
export function watchSuspend(onSuspended: () => void, ticker: Ticker = systemTicker): () => void {
  let last = ticker.now()
  return ticker.every(EVERY_MS, () => {
    const now = ticker.now()
    const passed = now - last
    last = now
    if (passed > EVERY_MS + TOLERANCE_MS) onSuspended()
  })
}
