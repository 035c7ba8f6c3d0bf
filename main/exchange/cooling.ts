import type { Digest } from '../../shared/bytes.ts'
import type { CloseReason } from './exchange.ts'
import type { Monotonic } from './limits.ts'

/** A killed app leaves half a frame, and a store may fail: only what a sound app never sends keeps it out. */
const MISDEEDS: ReadonlySet<CloseReason> = new Set(['malformed', 'too-large', 'flood'])
const MOST_DOUBLINGS = 4

/** Devices that broke the rules, and until when they stay out: longer each time. */
export class Cooling {
  readonly #coolingMs: number
  readonly #monotonic: Monotonic
  readonly #devices = new Map<Digest, { until: number; times: number }>()

  constructor(coolingMs: number, monotonic: Monotonic) {
    this.#coolingMs = coolingMs
    this.#monotonic = monotonic
  }

  /** A connection with this device was ended by us for that reason. */
  onEnded(device: Digest, reason: CloseReason): void {
    if (!MISDEEDS.has(reason)) return
    const times = Math.min(MOST_DOUBLINGS, (this.#devices.get(device)?.times ?? -1) + 1)
    this.#devices.set(device, { until: this.#monotonic() + this.#coolingMs * 2 ** times, times })
  }

  isOut(device: Digest): boolean {
    return (this.#devices.get(device)?.until ?? 0) > this.#monotonic()
  }
}
