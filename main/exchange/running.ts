import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { AddressBook } from './address-book.ts'
import { derOf, makeCredentials, type TlsCredentials } from './certificate.ts'
import { codeOf } from './connection.ts'
import { Dialer } from './dialer.ts'
import { Discovery } from './discovery.ts'
import { Doorway } from './doorway.ts'
import type { CloseReason, ExchangeEvent, Via } from './exchange.ts'
import type { ExchangeHost, LanOptions } from './lan-options.ts'
import type { ExchangeLimits } from './limits.ts'
import { Links } from './links.ts'
import { MailLinks } from './mail-links.ts'
import { admit, clientContext } from './tls.ts'

/** What a running exchange is made with. */
export interface RunningParts {
  readonly options: LanOptions
  readonly limits: ExchangeLimits
  readonly host: ExchangeHost
  readonly book: AddressBook
  readonly onEvent: (event: ExchangeEvent) => void
  /** A connection was refused before anything of it was read. */
  readonly onRefused: (address: string, reason: CloseReason, message: string) => void
}

/** What of an exchange lives from start to stop: it listens, dials, discovers, and lets in whom the roster names. */
export class Running {
  readonly links: Links
  readonly mail: MailLinks
  readonly #parts: RunningParts
  readonly #doorway: Doorway
  readonly #dialer: Dialer
  /** Our own, of this start. */
  readonly #certificate: Uint8Array
  #port: number | null = null
  /** Null where it was not asked for. */
  #discovery: Discovery | null = null
  #timer: NodeJS.Timeout | null = null
  #isStopped = false

  private constructor(parts: RunningParts, credentials: TlsCredentials) {
    this.#parts = parts
    this.#certificate = derOf(credentials)
    this.links = this.#newLinks()
    this.mail = this.#newMailLinks()
    this.#doorway = new Doorway(credentials, parts.limits, parts.host.monotonic, {
      onSocket: (socket, address) => this.#admit(socket, { how: 'incoming', address }) === null,
      onRefused: parts.onRefused,
    })
    this.#dialer = new Dialer(parts.book, clientContext(credentials), parts.limits.handshakeMs, {
      isConnected: (device) => this.links.open(device) !== undefined || this.mail.has(device),
      onSocket: (socket, via) => this.#admit(socket, via),
      onFault: parts.options.log,
    })
  }

  /**
   * Begins to listen and, if asked for, to discover.
   *
   * @throws {ExchangeError} `bad-key`, `port-in-use` or `listen-failed`.
   */
  static async begin(parts: RunningParts): Promise<Running> {
    const { identity } = parts.options
    const credentials = await makeCredentials(identity.tlsPrivateKey, identity.tlsPublic)
    try {
      const running = new Running(parts, credentials)
      await running.#listen()
      return running
    } finally {
      credentials.key.fill(0)
    }
  }

  async #listen(): Promise<void> {
    const { options, limits } = this.#parts
    this.#port = await this.#doorway.listen(options.port ?? 0, options.host ?? null)
    if (options.discover) this.#discovery = this.#newDiscovery(this.#port)
    this.#timer = setInterval(() => this.tick(), limits.tickMs)
  }

  /** The port that is listened on. */
  get port(): number | null {
    return this.#port
  }

  get discovery(): Discovery | null {
    return this.#discovery
  }

  /** Tells one line of what went wrong inside. */
  log(line: string): void {
    this.#parts.options.log(line)
  }

  /** Ends all connections, telling peers, and stops listening and announcing. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#dialer.stop()
    this.#doorway.close()
    await Promise.all([this.links.stop(), this.mail.stop(), this.#discovery?.stop()])
  }

  /** The head roster changed: drops whom it no longer names so, and tries everybody else again. */
  refreshPeers(): void {
    const { options, book } = this.#parts
    this.links.refreshPeers()
    this.mail.refreshPeers(options.identity.peers())
    book.retryAll()
    this.dialDue()
  }

  /** Tries every address whose time has come. */
  dialDue(): void {
    this.#dialer.dialDue()
  }

  /** To be called at the start; then it is called now and then by itself. */
  tick(): void {
    try {
      this.#discovery?.tick()
      this.links.tick()
      this.mail.tick()
      this.dialDue()
    } catch (error) {
      // Called from a timer: what is thrown here would end the app.
      this.log(`the exchange failed (${codeOf(error)})`)
    }
  }

  #newLinks(): Links {
    const { options, limits, host, book } = this.#parts
    const { identity, store, log, onArrived = () => undefined } = options
    return new Links({
      identity,
      store,
      limits,
      run: randomBytes(16).toString('base64url'),
      now: host.now,
      monotonic: host.monotonic,
      log,
      port: () => this.#port,
      onEvent: (event) => this.#onLinkEvent(event),
      onArrived,
      onEnded: (via, reason, wasOpen) => book.onEnded(via.address, reason, wasOpen),
      onMailbox: (peer, address) => this.mail.onMailbox(peer, address),
    })
  }

  #newMailLinks(): MailLinks {
    const { options, limits, host, book, onEvent } = this.#parts
    const { now, monotonic } = host
    return new MailLinks({ store: options.store, limits, now, monotonic, onEvent, book })
  }

  #newDiscovery(port: number): Discovery {
    const { options, host, book, onEvent } = this.#parts
    return new Discovery(options.identity.organization, port, host.monotonic, {
      onFound: (app, addresses) => {
        for (const address of addresses) book.add(address, 'discovered', app)
        this.dialDue()
      },
      onLost: (app) => book.removeApp(app),
      onState: (state) => onEvent({ event: 'discovery', state }),
    })
  }

  #onLinkEvent(event: ExchangeEvent): void {
    // What ends because this app stops says nothing of where the other one is.
    if (event.event === 'connected' && !this.#isStopped) this.mail.onUnlocked(event.peer)
    if (event.event === 'disconnected' && event.reason !== 'not-in-roster' && !this.#isStopped)
      this.mail.onGone(event.peer)
    this.#parts.onEvent(event)
  }

  /** Lets a finished handshake in, or ends it before anything of it is read; then says why. */
  #admit(socket: TLSSocket, via: Via): CloseReason | null {
    const { options, book, onRefused } = this.#parts
    if (this.#isStopped) {
      socket.destroy()
      return 'stopped'
    }
    const admission = admit(socket, options.identity, this.#certificate, via)
    const refusal = admission.peer === null ? admission : this.links.whyNot(admission.peer)
    if (refusal !== null) {
      // A copy of this app must get to know of us as well, so our end of the handshake is still sent.
      if (refusal.reason === 'twin') socket.destroySoon()
      else socket.destroy()
      onRefused(via.address, refusal.reason, refusal.message)
      return refusal.reason
    }
    if (admission.peer === null) return 'unknown-key'
    if (via.how !== 'incoming') book.onConnected(via.address, admission.peer.device)
    if (admission.isLocked) this.mail.add(socket, admission.peer, via)
    else this.links.add(socket, admission.peer, via)
    return null
  }
}
