import type { UnixMilliseconds } from '../../shared/bytes.ts'
import type { Monotonic } from './limits.ts'

/** An answer that took longer says too little about the peer's clock. */
const MEASURABLE_MS = 5000
/** A difference that moved by so much is told again. */
const STEP_MS = 1000

/** Measures how far a peer's clock is from ours: roughly by its hello, then by half the round trip of each ping. */
export class ClockMeter {
  readonly #now: () => UnixMilliseconds
  readonly #monotonic: Monotonic
  #pingedAt = Number.NEGATIVE_INFINITY
  #sent = 0
  #differenceMs = 0
  #toldMs = 0

  constructor(now: () => UnixMilliseconds, monotonic: Monotonic) {
    this.#now = now
    this.#monotonic = monotonic
  }

  /** The peer's clock minus ours. */
  get differenceMs(): number {
    return this.#differenceMs
  }

  /** Milliseconds since the last ping. */
  get sincePingMs(): number {
    return this.#monotonic() - this.#pingedAt
  }

  onHello(clock: UnixMilliseconds): void {
    this.#differenceMs = clock - this.#now()
    this.#toldMs = this.#differenceMs
  }

  /** A ping goes out; returns the time to put in it. */
  onPing(): UnixMilliseconds {
    this.#pingedAt = this.#monotonic()
    this.#sent = this.#now()
    return this.#sent
  }

  /** An answer came. Whether the difference moved so far that people should hear of it. */
  onPong(sent: UnixMilliseconds, clock: UnixMilliseconds): boolean {
    const roundTripMs = this.sincePingMs
    if (sent !== this.#sent || roundTripMs > MEASURABLE_MS) return false
    this.#differenceMs = Math.round(clock + roundTripMs / 2 - this.#now())
    if (Math.abs(this.#differenceMs - this.#toldMs) < STEP_MS) return false
    this.#toldMs = this.#differenceMs
    return true
  }
}
