import type { Digest } from '../../shared/bytes.ts'
import type { Carrier, CarrierMailbox, CarrierPeer, CarrierState } from '../app/ports.ts'
import { Away } from './away.ts'
import {
  ExchangeError,
  type ExchangeEvent,
  type ExchangeIdentity,
  type ExchangeStore,
  type Via,
  type WitnessRequest,
} from './exchange.ts'
import { ownAddresses } from './interfaces.ts'
import { LanExchange } from './lan.ts'
import type { ExchangeLimits } from './limits.ts'

/** Tried first, so that a typed address goes on to work after a restart; unassigned at IANA. */
const PREFERRED_PORT = 47_625

/** How long it is taken as known at which addresses this computer is: asking the system takes a millisecond, with every change. */
const KNOWN_MS = 3000

/** What tests and the drill set otherwise. */
export interface CarrierOptions {
  /** Only this port; nothing for the preferred one or, if it is taken, any other. */
  readonly port?: number
  readonly host?: string
  readonly discover?: boolean
  readonly log?: (line: string) => void
  readonly onArrived?: (id: Digest) => void
  readonly limits?: Partial<ExchangeLimits>
}

/** The LAN as the app's carrier. */
export class LanCarrier implements Carrier {
  readonly #lan: LanExchange
  readonly #options: CarrierOptions
  #failure: string | null = null
  /** Peers that have handed over all they have, over the connection that they have now. */
  readonly #reconciled = new Set<Digest>()
  readonly #away: Away
  #twin: string | null = null
  #own: { readonly port: number; readonly until: number; readonly addresses: string[] } | null = null

  /** @param typed - addresses that people typed before; one that cannot be read any more is passed over. */
  constructor(typed: readonly string[] = [], options: CarrierOptions = {}) {
    this.#options = options
    this.#lan = new LanExchange(options.limits)
    this.#away = new Away(() => Date.now())
    for (const address of typed) this.#addKept(address)
    this.#lan.subscribe((event) => this.#heed(event))
  }

  #heed(event: ExchangeEvent): void {
    this.#away.heed(event)
    if (event.event === 'reconciled') this.#reconciled.add(event.peer.device)
    if (event.event === 'connected' || event.event === 'disconnected') this.#reconciled.delete(event.peer.device)
    if (event.event === 'refused' && event.reason === 'twin') this.#twin = event.address
  }

  /** The exchange itself, for what a carrier does not say. */
  get lan(): LanExchange {
    return this.#lan
  }

  /** @throws {ExchangeError} if the network cannot be used; `state` then says why. */
  async start(identity: ExchangeIdentity, store: ExchangeStore): Promise<void> {
    this.#failure = null
    try {
      await this.#listen(identity, store)
    } catch (error) {
      this.#failure = error instanceof ExchangeError ? error.message : 'the network could not be used'
      throw error
    }
  }

  async #listen(identity: ExchangeIdentity, store: ExchangeStore): Promise<void> {
    const { port, host, discover = true, log = () => undefined, onArrived = () => undefined } = this.#options
    const options = { identity, store, discover, log, onArrived, ...(host === undefined ? {} : { host }) }
    try {
      await this.#lan.start({ ...options, port: port ?? PREFERRED_PORT })
    } catch (error) {
      const isTaken = error instanceof ExchangeError && error.code === 'port-in-use'
      if (!isTaken || port !== undefined) throw error
      await this.#lan.start({ ...options, port: 0 })
    }
  }

  stop(): Promise<void> {
    this.#failure = null
    return this.#lan.stop()
  }

  announce(ids: readonly Digest[]): void {
    this.#lan.announce(ids)
  }

  refresh(): void {
    this.#lan.refresh()
  }

  refreshPeers(): void {
    this.#lan.refreshPeers()
  }

  addAddress(address: string): void {
    this.#lan.addAddress(address)
  }

  removeAddress(address: string): void {
    this.#lan.removeAddress(address)
  }

  /** Those that are connected, and those that were met or answered since the start and are not. */
  peers(): readonly CarrierPeer[] {
    const here = this.#lan.peersState().map(({ device, via, connectedAt, clockDifferenceMs }) => ({
      device,
      connected: true,
      via: viaWords(via),
      since: connectedAt,
      why: null,
      reconciled: this.#reconciled.has(device),
      clockDifferenceMs,
    }))
    if (this.#lan.port === null) return []
    const away = this.#away
      .peers(this.#lan.addresses())
      .filter(({ device }) => !here.some((one) => one.device === device))
    return [...here, ...away]
  }

  mailboxes(): readonly CarrierMailbox[] {
    return this.#lan
      .mailboxes()
      .map(({ device, via, since, told, waiting }) => ({ device, via: via.address, since, told, waiting }))
  }

  state(): CarrierState {
    const { port } = this.#lan
    return {
      state: this.#failure !== null ? 'failed' : port === null ? 'off' : 'on',
      says: this.#says(),
      port,
      addresses: port === null ? [] : this.#ownAddresses(port),
      typed: this.#lan
        .addresses()
        .filter(({ how }) => how === 'typed')
        .map(({ address }) => address),
      strangers: this.#lan.strangers,
      twin: this.#twin,
    }
  }

  requestWitness(device: Digest, request: WitnessRequest) {
    return this.#lan.requestWitness(device, request)
  }

  onChange(listener: () => void): () => void {
    return this.#lan.subscribe(listener)
  }

  #ownAddresses(port: number): string[] {
    const now = performance.now()
    if (this.#own?.port !== port || now >= this.#own.until)
      this.#own = { port, until: now + KNOWN_MS, addresses: ownAddresses(this.#options.host, port) }
    return this.#own.addresses
  }

  #says(): string {
    if (this.#failure !== null) return this.#failure
    if (this.#lan.port === null) return 'Not on the network.'
    const discovery = this.#lan.discoveryState()
    switch (discovery.state) {
      case 'off':
        return 'Reached by typed addresses only.'
      case 'unavailable':
        return `Others are not found by themselves: ${discovery.problem}. Typed addresses work.`
      case 'on':
        return discovery.problem === null ? 'Others are found by themselves.' : `Partly found: ${discovery.problem}.`
    }
  }

  #addKept(address: string): void {
    try {
      this.#lan.addAddress(address)
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error
    }
  }
}

function viaWords({ how, address }: Via): string {
  const ways = { discovered: 'found by itself', typed: 'by its typed address', incoming: 'it connected to this device' }
  return `${address}, ${ways[how]}`
}
