import type { Digest } from '../../shared/bytes.ts'
import type { AddressState, CloseReason } from './exchange.ts'
import type { ExchangeLimits, Monotonic } from './limits.ts'

interface Entry {
  readonly how: AddressState['how']
  /** Addresses of one discovered app: one connection is enough for all. Null for typed ones. */
  readonly app: string | null
  state: AddressState['state']
  device: Digest | null
  lastFailure: CloseReason | null
  attempts: number
  failures: number
  dueAt: number
}

/** Addresses to try, and when: typed ones for good, discovered ones while they are announced. Does no I/O. */
export class AddressBook {
  readonly #entries = new Map<string, Entry>()
  readonly #limits: ExchangeLimits
  readonly #monotonic: Monotonic
  readonly #random: () => number

  /** @param random - from 0 up to 1, to spread attempts; needs no secrecy. */
  constructor(limits: ExchangeLimits, monotonic: Monotonic, random: () => number) {
    this.#limits = limits
    this.#monotonic = monotonic
    this.#random = random
  }

  /** Adds an address; a typed one stays typed if it is discovered as well. False if the book is full. */
  add(address: string, how: AddressState['how'], app: string | null = null): boolean {
    const known = this.#entries.get(address)
    if (known !== undefined && (known.how === 'typed' || how === 'discovered')) return true
    if (known === undefined && this.#entries.size >= this.#limits.addresses && !this.#makeRoom(how)) return false
    const fresh = { state: 'waiting', device: null, lastFailure: null, attempts: 0, failures: 0 } as const
    this.#entries.set(address, { ...fresh, ...known, how, app, dueAt: this.#monotonic() })
    return true
  }

  /** Forgets an address; an attempt under way goes on. */
  remove(address: string, how: AddressState['how']): void {
    if (this.#entries.get(address)?.how === how) this.#entries.delete(address)
  }

  /** Forgets all addresses of a discovered app. */
  removeApp(app: string): void {
    for (const [address, entry] of this.#entries) if (entry.app === app) this.#entries.delete(address)
  }

  /** The addresses to try now. Those that led to a device which is connected anyhow are not among them. */
  due(isConnected: (device: Digest) => boolean): string[] {
    const now = this.#monotonic()
    const busyApps = new Set([...this.#entries.values()].filter(isBusy).map(({ app }) => app))
    const met = this.#metApps(isConnected)
    const due: string[] = []
    for (const [address, entry] of this.#entries) {
      if (entry.state !== 'waiting' || entry.dueAt > now) continue
      if (entry.device !== null && isConnected(entry.device)) continue
      if (entry.app !== null && busyApps.has(entry.app)) continue
      if (entry.dueAt <= (met.get(entry.app) ?? -1) && entry.dueAt + this.#limits.retryMostMs > now) continue
      busyApps.add(entry.app)
      due.push(address)
    }
    return due
  }

  /**
   * Apps that are connected although this device dialed one of their addresses in vain, since they dialed too: with when that
   * would be due. What was known before is not tried for a while, or each two of many that meet would shake hands three times; it
   * is tried then, since anybody can announce addresses as one app's. What was announced later is new.
   */
  #metApps(isConnected: (device: Digest) => boolean): ReadonlyMap<string | null, number> {
    const met = new Map<string | null, number>()
    for (const { app, device, dueAt } of this.#entries.values())
      if (app !== null && device !== null && isConnected(device)) met.set(app, Math.max(dueAt, met.get(app) ?? 0))
    return met
  }

  /** An attempt begins. */
  onConnecting(address: string): void {
    const entry = this.#entries.get(address)
    if (entry === undefined) return
    entry.state = 'connecting'
    entry.attempts++
  }

  /** A device of the roster answered. */
  onConnected(address: string, device: Digest): void {
    const entry = this.#entries.get(address)
    if (entry === undefined) return
    entry.state = 'connected'
    entry.device = device
    entry.lastFailure = null
  }

  /** The attempt or the connection is over; it is tried again later, after a failure later still. */
  onEnded(address: string, reason: CloseReason, wasOpen: boolean): void {
    const entry = this.#entries.get(address)
    if (entry === undefined) return
    entry.state = 'waiting'
    entry.lastFailure = reason
    entry.failures = wasOpen ? 0 : entry.failures + 1
    const { retryMs, retryMostMs } = this.#limits
    const backoffMs = Math.min(retryMostMs, retryMs * 2 ** Math.min(entry.failures, 16))
    // Half of it at random: five apps that lost one network do not all come back in the same instant.
    entry.dueAt = this.#monotonic() + backoffMs * (0.5 + 0.5 * this.#random())
  }

  /** Something changed that may make any address worth trying: a new roster, a new network. */
  retryAll(): void {
    for (const entry of this.#entries.values()) {
      entry.dueAt = this.#monotonic()
      entry.failures = 0
    }
  }

  howOf(address: string): AddressState['how'] | null {
    return this.#entries.get(address)?.how ?? null
  }

  states(): AddressState[] {
    return [...this.#entries].map(([address, { how, state, device, lastFailure, attempts }]) => ({
      address,
      how,
      state,
      device,
      lastFailure,
      attempts,
    }))
  }

  // Announcements can be many and stale: they never push out what people typed, nor what answers.
  #makeRoom(how: AddressState['how']): boolean {
    for (const [address, entry] of this.#entries) {
      const isSpare = entry.how === 'discovered' && !isBusy(entry)
      if (isSpare && (how === 'typed' || entry.failures > 0)) return this.#entries.delete(address)
    }
    return false
  }
}

function isBusy({ state }: Entry): boolean {
  return state !== 'waiting'
}
