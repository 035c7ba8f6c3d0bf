import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import type { ExchangeIdentity, ExchangeStore } from './exchange.ts'
import type { Monotonic } from './limits.ts'

/** Clocks and chance, from outside so that tests can set them. */
export interface ExchangeHost {
  /** Wall clock. */
  readonly now: () => UnixMilliseconds
  readonly monotonic: Monotonic
  /** From 0 up to 1; spreads attempts, needs no secrecy. */
  readonly random: () => number
}

/** The clocks of this computer. */
export const SYSTEM: ExchangeHost = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
}

/** What an exchange is started with. */
export interface LanOptions {
  readonly identity: ExchangeIdentity
  readonly store: ExchangeStore
  /** 0 or nothing for any port. */
  readonly port?: number
  /** The address to listen on; nothing for all. */
  readonly host?: string
  /** Whether to announce this app by DNS-SD and to look for others. */
  readonly discover: boolean
  /** One line of what went wrong inside; no secrets. */
  readonly log: (line: string) => void
  /** Hears of each statement and blob that comes, also of those that are here already: for tests that count. */
  readonly onArrived?: (id: Digest) => void
}
