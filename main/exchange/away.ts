import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import type { CarrierPeer } from '../app/ports.ts'
import type { AddressState, CloseReason, ExchangeEvent } from './exchange.ts'

const KEPT_OUT = 'it sent what no sound app sends, and is kept out for a while'
const NO_HANDSHAKE = 'what answers at its address does not shake hands as it should'
const SILENT = 'nothing was heard from it any more: no network, asleep, or switched off'

/** Why a device is not connected, for people. */
const WHY: Readonly<Record<CloseReason, string>> = {
  unreachable: 'nobody answers at its address',
  'handshake-failed': NO_HANDSHAKE,
  'handshake-timeout': 'its address does not answer in time',
  'no-certificate': NO_HANDSHAKE,
  'unknown-key': 'another device answers at its address',
  'own-key': 'another device answers at its address',
  twin: 'another device answers at its address',
  resumed: NO_HANDSHAKE,
  'too-many-connections': 'too many devices connect at once',
  'cooling-down': KEPT_OUT,
  'unsupported-version': 'it runs a version of Lockbox that this one cannot talk with',
  'wrong-organization': 'it speaks for another organization',
  malformed: KEPT_OUT,
  'too-large': KEPT_OUT,
  flood: KEPT_OUT,
  slow: 'it does not read what it is sent',
  silent: SILENT,
  duplicate: 'it is connecting anew',
  'not-in-roster': 'it is not in the list of people with this key any more',
  'closed-by-peer': 'its Lockbox was locked or closed, or the connection broke',
  stopped: 'this app left the network',
  internal: 'this app could not handle what it sent',
}

/** Devices that were met, or answered, and are not connected: since when and why not. */
export class Away {
  readonly #now: () => UnixMilliseconds
  readonly #devices = new Map<Digest, { since: UnixMilliseconds | null; reason: CloseReason }>()

  constructor(now: () => UnixMilliseconds) {
    this.#now = now
  }

  heed(event: ExchangeEvent): void {
    if (event.event === 'connected') this.#devices.delete(event.peer.device)
    if (event.event === 'disconnected')
      this.#devices.set(event.peer.device, { since: this.#now(), reason: event.reason })
    if (event.event === 'refused' && event.peer !== null) {
      const since = this.#devices.get(event.peer.device)?.since ?? null
      this.#devices.set(event.peer.device, { since, reason: event.reason })
    }
  }

  /** @param addresses - what was tried: where a device was reached before, the latest failure says more. */
  peers(addresses: readonly AddressState[]): CarrierPeer[] {
    return [...this.#devices].map(([device, { since, reason }]) => {
      const failures = addresses.filter((one) => one.device === device).map(({ lastFailure }) => lastFailure)
      const latest = failures.find((failure) => failure !== null && failure !== 'closed-by-peer') ?? reason
      return { device, connected: false, via: '', since, why: WHY[latest], reconciled: false, clockDifferenceMs: null }
    })
  }
}
