import type { OutletEvent } from '../../../shared/outlets/event.ts'

/** A way out: one destination in one format. */
export interface Transport {
  /** Most events that go out at once. */
  readonly most: number
  /**
   * Delivers events, in order, all or (as far as anybody can know) none. Without events it only tries whether the other
   * end can be reached and trusted.
   *
   * @param signal - gives it up; then nobody knows what arrived.
   * @throws whatever kept it from being sure; see `failureWords`.
   */
  deliver(events: readonly OutletEvent[], signal: AbortSignal): Promise<void>
}

/** How long transports wait; tests wait less. */
export interface Patience {
  /** For one delivery from beginning to end. */
  readonly timeoutMs: number
  /** For a datagram's echo of "nobody listens", and for a receiver that closes before it is told to. */
  readonly lingerMs: number
}

export const PATIENCE: Patience = { timeoutMs: 30_000, lingerMs: 20 }
