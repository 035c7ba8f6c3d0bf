import type { PowerMonitor } from 'electron'
import type { Presence } from '../shell.ts'
import { systemTicker, type Ticker, watchSuspend } from '../suspend.ts'

/** How often the system is asked; it tells of a locked screen by itself on macOS and Windows only. */
const EVERY_MS = 5_000
/** Nobody touched anything for so long: the person is idle, in the words of the system. */
const IDLE_SECONDS = 60

/**
 * Tells what the system knows of the person: somebody is there, the screen was locked, the machine sleeps.
 *
 * @param onShutdown - the system is about to end everything.
 * @returns the way to stop it.
 */
export function watchPresence(
  monitor: PowerMonitor,
  tell: (presence: Presence) => void,
  onShutdown: () => void,
  ticker: Ticker = systemTicker,
): () => void {
  let screen: 'locked' | 'unlocked' | null = null
  const turned = (now: 'locked' | 'unlocked'): void => {
    if (screen !== now) tell(`screen-${now}`)
    screen = now
  }
  const ask = (): void => {
    const state = monitor.getSystemIdleState(IDLE_SECONDS)
    if (state === 'active') tell('active')
    if (state === 'unknown') return
    const now = state === 'locked' ? 'locked' : 'unlocked'
    // Some desktops always say "locked"; only a change is news.
    if (screen === null) screen = now
    else turned(now)
  }
  const lock = (): void => turned('locked')
  const unlock = (): void => turned('unlocked')
  const sleep = (): void => tell('suspended')
  monitor.on('lock-screen', lock)
  monitor.on('unlock-screen', unlock)
  // Another person takes the desktop over (macOS).
  monitor.on('user-did-resign-active', lock)
  monitor.on('user-did-become-active', unlock)
  monitor.on('suspend', sleep)
  // Should the machine have slept before the first was heard.
  monitor.on('resume', sleep)
  monitor.on('shutdown', onShutdown)
  const stopAsking = ticker.every(EVERY_MS, ask)
  const stopWatching = watchSuspend(sleep, ticker)
  return () => {
    stopAsking()
    stopWatching()
    monitor.off('lock-screen', lock)
    monitor.off('unlock-screen', unlock)
    monitor.off('user-did-resign-active', lock)
    monitor.off('user-did-become-active', unlock)
    monitor.off('suspend', sleep)
    monitor.off('resume', sleep)
    monitor.off('shutdown', onShutdown)
  }
}
