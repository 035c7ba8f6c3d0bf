import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { Digest } from '../../shared/bytes.ts'
import { AddressBook } from './address-book.ts'
import { formatAddress, parseAddress } from './addresses.ts'
import { derOf, makeCredentials } from './certificate.ts'
import { codeOf } from './connection.ts'
import { Dialer } from './dialer.ts'
import { Discovery } from './discovery.ts'
import { Doorway } from './doorway.ts'
import {
  type AddressState,
  type CloseReason,
  type DiscoveryState,
  ExchangeError,
  type ExchangeEvent,
  type MailboxState,
  type PeerState,
  type Via,
  type WitnessAnswer,
  type WitnessRequest,
} from './exchange.ts'
import { type ExchangeHost, type LanOptions, SYSTEM } from './lan-options.ts'
import { DEFAULT_LIMITS, type ExchangeLimits, TokenBucket } from './limits.ts'
import { Links } from './links.ts'
import { MailLinks } from './mail-links.ts'
import { admit, clientContext } from './tls.ts'

/** Refusals that listeners are told of at once, then one a second: the rest is only counted. */
const MOST_TELLINGS = 32
/** How long a witness may take: two records on a disk that may be slow. Others are asked meanwhile. */
const WITNESS_MS = 30_000

/** What lives from start to stop. */
interface Running {
  readonly options: LanOptions
  readonly links: Links
  readonly mail: MailLinks
  readonly doorway: Doorway
  readonly dialer: Dialer
  readonly port: number
  readonly discovery: Discovery | null
  readonly timer: NodeJS.Timeout
  /** Our own, of this start. */
  readonly certificate: Uint8Array
}

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
  #starting = false
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
    if (this.#running !== null || this.#starting)
      throw new ExchangeError('already-started', 'the exchange runs already')
    this.#starting = true
    try {
      this.#running = await this.#begin(options)
    } finally {
      this.#starting = false
    }
    this.#tick()
  }

  async #begin(options: LanOptions): Promise<Running> {
    const { identity } = options
    const credentials = await makeCredentials(identity.tlsPrivateKey, identity.tlsPublic)
    try {
      const links = this.#newLinks(options)
      const mail = this.#newMailLinks(options)
      const doorway = new Doorway(credentials, this.#limits, this.#host.monotonic, {
        onSocket: (socket, address) => void this.#admit(socket, { how: 'incoming', address }),
        onRefused: (address, reason, message) => this.#onRefused(address, reason, message),
      })
      const dialer = new Dialer(this.#book, clientContext(credentials), this.#limits.handshakeMs, {
        isConnected: (device) => links.open(device) !== undefined || mail.has(device),
        onSocket: (socket, via) => this.#admit(socket, via),
        onFault: options.log,
      })
      const port = await doorway.listen(options.port ?? 0, options.host ?? null)
      const discovery = options.discover ? this.#newDiscovery(identity.organization, port) : null
      const timer = setInterval(() => this.#tick(), this.#limits.tickMs)
      return { options, links, mail, doorway, dialer, port, discovery, timer, certificate: derOf(credentials) }
    } finally {
      credentials.key.fill(0)
    }
  }

  /** Ends all connections, telling peers, and stops listening and announcing. Typed addresses are kept. */
  async stop(): Promise<void> {
    const running = this.#running
    if (running === null) return
    this.#running = null
    clearInterval(running.timer)
    running.dialer.stop()
    running.doorway.close()
    await Promise.all([running.links.stop(), running.mail.stop(), running.discovery?.stop()])
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
    this.#running?.dialer.dialDue()
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
    this.#safely(() => {
      this.#running?.links.refreshPeers()
      this.#running?.mail.refreshPeers(this.#running.options.identity.peers())
      this.#book.retryAll()
      this.#running?.dialer.dialDue()
    })
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

  #newLinks({ identity, store, log, onArrived = () => undefined }: LanOptions): Links {
    return new Links({
      identity,
      store,
      limits: this.#limits,
      run: randomBytes(16).toString('base64url'),
      now: this.#host.now,
      monotonic: this.#host.monotonic,
      log,
      port: () => this.port,
      onEvent: (event) => this.#onLinkEvent(event),
      onArrived,
      onEnded: (via, reason, wasOpen) => this.#book.onEnded(via.address, reason, wasOpen),
      onMailbox: (peer, address) => this.#running?.mail.onMailbox(peer, address),
    })
  }

  #newMailLinks({ store }: LanOptions): MailLinks {
    return new MailLinks({
      store,
      limits: this.#limits,
      now: this.#host.now,
      monotonic: this.#host.monotonic,
      onEvent: (event) => this.#emit(event),
      book: this.#book,
    })
  }

  #onLinkEvent(event: ExchangeEvent): void {
    if (event.event === 'connected') this.#running?.mail.onUnlocked(event.peer)
    if (event.event === 'disconnected' && event.reason !== 'not-in-roster') this.#running?.mail.onGone(event.peer)
    this.#emit(event)
  }

  #newDiscovery(organization: Digest, port: number): Discovery {
    return new Discovery(organization, port, this.#host.monotonic, {
      onFound: (app, addresses) => {
        for (const address of addresses) this.#book.add(address, 'discovered', app)
        this.#running?.dialer.dialDue()
      },
      onLost: (app) => this.#book.removeApp(app),
      onState: (state) => this.#emit({ event: 'discovery', state }),
    })
  }

  #tick(): void {
    this.#safely(() => {
      this.#running?.discovery?.tick()
      this.#running?.links.tick()
      this.#running?.mail.tick()
      this.#running?.dialer.dialDue()
    })
  }

  /** Lets a finished handshake in, or ends it before anything of it is read; then says why. */
  #admit(socket: TLSSocket, via: Via): CloseReason | null {
    const { links, mail, options, certificate } = this.#running ?? {}
    if (links === undefined || mail === undefined || options === undefined || certificate === undefined) {
      socket.destroy()
      return 'stopped'
    }
    const admission = admit(socket, options.identity, certificate, via)
    const refusal = admission.peer === null ? admission : links.whyNot(admission.peer)
    if (refusal !== null) {
      // A copy of this app must get to know of us as well, so our end of the handshake is still sent.
      if (refusal.reason === 'twin') socket.destroySoon()
      else socket.destroy()
      this.#onRefused(via.address, refusal.reason, refusal.message)
      return refusal.reason
    }
    if (admission.peer === null) return 'unknown-key'
    if (via.how !== 'incoming') this.#book.onConnected(via.address, admission.peer.device)
    if (admission.isLocked) mail.add(socket, admission.peer, via)
    else links.add(socket, admission.peer, via)
    return null
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
      this.#log(`the exchange failed (${codeOf(error)})`)
    }
  }

  #log(line: string): void {
    this.#running?.options.log(line)
  }
}
