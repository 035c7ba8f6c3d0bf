import type { Digest } from '../../shared/bytes.ts'
import { AddressBook } from './address-book.ts'
import { formatAddress, parseAddress } from './addresses.ts'
import { codeOf } from './connection.ts'
import {
  type AddressState,
  type CloseReason,
  type DiscoveryState,
  ExchangeError,
  type ExchangeEvent,
  type MailboxState,
  type PeerState,
  type WitnessAnswer,
  type WitnessRequest,
} from './exchange.ts'
import { type ExchangeHost, type LanOptions, SYSTEM } from './lan-options.ts'
import { DEFAULT_LIMITS, type ExchangeLimits, TokenBucket } from './limits.ts'
import { Running } from './running.ts'

/** Refusals that listeners are told of at once, then one a second: the rest is only counted. */
const MOST_TELLINGS = 32
/** How long a witness may take: two records on a disk that may be slow. Others are asked meanwhile. */
const WITNESS_MS = 30_000

/**
 * The LAN carrier (docs/formats/lan.md): listens, dials, and keeps one connection with each peer, over which
 * statements, blobs, notes and witness requests travel. It moves bytes; all judgement is the store's.
 */
export class LanExchange {
  readonly #limits: ExchangeLimits
  readonly #host: ExchangeHost
  readonly #book: AddressBook
  readonly #tellings: TokenBucket
  readonly #listeners = new Set<(event: ExchangeEvent) => void>()
  #running: Running | null = null
  #starting: Promise<Running> | null = null
  #strangers = 0

  constructor(limits: Partial<ExchangeLimits> = {}, host: Partial<ExchangeHost> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    this.#host = { ...SYSTEM, ...host }
    this.#tellings = new TokenBucket(MOST_TELLINGS, 1, this.#host.monotonic)
    this.#book = new AddressBook(this.#limits, this.#host.monotonic, this.#host.random)
  }

  /**
   * Starts to listen, to dial and, if asked for, to discover. A network that cannot do multicast is a state, no error.
   *
   * @throws {ExchangeError} `already-started`, `bad-key`, `port-in-use` or `listen-failed`.
   */
  async start(options: LanOptions): Promise<void> {
    if (this.#running !== null || this.#starting !== null)
      throw new ExchangeError('already-started', 'the exchange runs already')
    this.#starting = Running.begin({
      options,
      limits: this.#limits,
      host: this.#host,
      book: this.#book,
      onEvent: (event) => this.#emit(event),
      onRefused: (address, reason, message) => this.#onRefused(address, reason, message),
    })
    try {
      this.#running = await this.#starting
    } finally {
      this.#starting = null
    }
    this.#running.tick()
  }

  /** Ends all connections, telling peers, and stops listening and announcing. Typed addresses are kept. */
  async stop(): Promise<void> {
    // What is just being started would listen on when everybody believes that it has stopped.
    await this.#starting?.catch(() => undefined)
    const running = this.#running
    this.#running = null
    await running?.stop()
  }

  /** The port that is listened on, or null while stopped. */
  get port(): number | null {
    return this.#running?.port ?? null
  }

  /** Connections refused because their key stands in no roster, since this object was made. */
  get strangers(): number {
    return this.#strangers
  }

  /**
   * Tries an address again and again until it is removed.
   *
   * @param typed - `host:port`, an IPv6 host in brackets.
   * @throws {ExchangeError} `bad-address`.
   */
  addAddress(typed: string): void {
    this.#book.add(formatAddress(parseAddress(typed)), 'typed')
    this.#running?.dialDue()
  }

  /** Forgets a typed address; a connection that it led to goes on. @throws {ExchangeError} `bad-address`. */
  removeAddress(typed: string): void {
    this.#book.remove(formatAddress(parseAddress(typed)), 'typed')
  }

  addresses(): readonly AddressState[] {
    return this.#book.states()
  }

  /** Connected peers. */
  peersState(): readonly PeerState[] {
    return this.#running?.links.states() ?? []
  }

  /** Locked apps that are there and keep what they are sent. */
  mailboxes(): readonly MailboxState[] {
    return this.#running?.mail.states() ?? []
  }

  discoveryState(): DiscoveryState {
    return this.#running?.discovery?.state ?? { state: 'off' }
  }

  /** Hears events until the returned function is called. */
  subscribe(listener: (event: ExchangeEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Pushes statements that the store accepted to all peers that lack them, at once. */
  announce(ids: readonly Digest[]): void {
    this.#safely(() => {
      this.#running?.links.announce(ids)
      this.#running?.mail.pump()
    })
  }

  /** Blobs or notes changed: offers, asks and gives anew. */
  refresh(): void {
    this.#safely(() => this.#running?.links.refreshSoon())
  }

  /** The head roster changed: drops whom it no longer names so, and tries everybody else again. */
  refreshPeers(): void {
    this.#safely(() => this.#running?.refreshPeers())
  }

  /**
   * Asks one connected device to cosign a checkpoint.
   *
   * @throws {ExchangeError} `not-connected` or `timed-out`.
   */
  requestWitness(device: Digest, request: WitnessRequest, timeoutMs = WITNESS_MS): Promise<WitnessAnswer> {
    const link = this.#running?.links.open(device)
    if (link === undefined)
      return Promise.reject(new ExchangeError('not-connected', 'this device is not connected; ask another one'))
    return link.requestWitness(request, timeoutMs)
  }

  #onRefused(address: string, reason: CloseReason, message: string): void {
    if (reason === 'unknown-key' || reason === 'no-certificate') this.#strangers++
    if (this.#tellings.take()) this.#emit({ event: 'refused', address, peer: null, reason, message })
  }

  #emit(event: ExchangeEvent): void {
    for (const listener of this.#listeners) this.#safely(() => listener(event))
  }

  // Called from sockets and timers: what is thrown here would end the app.
  #safely(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#running?.log(`the exchange failed (${codeOf(error)})`)
    }
  }
}
