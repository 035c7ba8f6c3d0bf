import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Snapshot } from '../../shared/views/views.ts'
import { type Deadlines, tightened } from './countdown.ts'

/** What main last told, and the monotonic moment it arrived. */
export interface Shown {
  readonly snapshot: Snapshot | null
  /** `performance.now()` of the arrival. */
  readonly arrivedAt: number
  readonly deadlines: Deadlines
}

export type SnapshotStore = StoreApi<Shown>

const NOTHING: Shown = { snapshot: null, arrivedAt: 0, deadlines: new Map() }

/** A store that is empty until main has told something. */
export function createSnapshotStore(): SnapshotStore {
  return createStore<Shown>(() => NOTHING)
}

/**
 * Shows a snapshot from now on.
 *
 * @param arrivedAt - `performance.now()`.
 * @returns the snapshot shown before.
 */
export function acceptSnapshot(store: SnapshotStore, snapshot: Snapshot, arrivedAt: number): Snapshot | null {
  const before = store.getState()
  store.setState({ snapshot, arrivedAt, deadlines: tightened(before.deadlines, snapshot.sessions, arrivedAt) }, true)
  return before.snapshot
}

/**
 * Main's clock now: that of the snapshot plus what has passed since by the window's monotonic clock.
 *
 * @param monotonic - where it was last looked at; before the snapshot came nothing has passed.
 */
export function mainClock(shown: Shown, monotonic: number): number {
  return shown.snapshot === null ? 0 : shown.snapshot.now + Math.max(0, monotonic - shown.arrivedAt)
}

/**
 * What `look` finds in the snapshot on screen or in one of those to come; `undefined` if it finds nothing in time. Main
 * tells of a change a moment after the call that made it.
 */
export function awaitShown<Found>(
  store: SnapshotStore,
  look: (snapshot: Snapshot) => Found | undefined,
  milliseconds = 2000,
): Promise<Found | undefined> {
  return new Promise((resolve) => {
    const end = (found: Found | undefined) => {
      stop()
      clearTimeout(timer)
      resolve(found)
    }
    const see = ({ snapshot }: Shown) => {
      const found = snapshot === null ? undefined : look(snapshot)
      if (found !== undefined) end(found)
    }
    const stop = store.subscribe(see)
    const timer = setTimeout(() => end(undefined), milliseconds)
    see(store.getState())
  })
}
