import type { TLSSocket } from 'node:tls'
import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { formatAddress, parseAddress } from './addresses.ts'
import { BlobAsks } from './blob-asks.ts'
import { codeOf } from './connection.ts'
import { Cooling } from './cooling.ts'
import {
  type CloseReason,
  ConnectionError,
  type ExchangeEvent,
  type ExchangeIdentity,
  type ExchangeStore,
  type Peer,
  type PeerName,
  type PeerState,
  type Via,
} from './exchange.ts'
import type { ExchangeLimits, Monotonic } from './limits.ts'
import { Link, type LinkShared } from './link.ts'
import { type Hello, type MailboxHint, VERSIONS } from './messages.ts'
import { Paces } from './pace.ts'
import { isPreferred } from './preference.ts'
import { growingSummary } from './reconcile.ts'
import type { StatementFlow } from './statement-flow.ts'

/** A push of more statements than this is an offer of their ids. */
const MOST_TO_PUSH = 64

/** What the links of one exchange are made with. */
export interface LinksOptions {
  readonly identity: ExchangeIdentity
  readonly store: ExchangeStore
  readonly limits: ExchangeLimits
  /** Random, for this start. */
  readonly run: string
  readonly now: () => UnixMilliseconds
  readonly monotonic: Monotonic
  readonly log: (line: string) => void
  /** The port that this app listens on. */
  readonly port: () => number | null
  onEvent(event: ExchangeEvent): void
  onArrived(id: Digest): void
  onEnded(via: Via, reason: CloseReason, wasOpen: boolean): void
  /** Where a peer will listen while it is locked. */
  onMailbox(peer: Peer, address: string): void
}

/** All connections with peers: one open one for each device. */
export class Links {
  readonly #options: LinksOptions
  readonly #shared: LinkShared
  readonly #all = new Set<Link>()
  readonly #open = new Map<Digest, Link>()
  /** Devices whose open connection gave way to another one that is still greeting: nobody need hear of it. */
  readonly #moving = new Set<Digest>()
  readonly #cooling: Cooling
  readonly #asks: BlobAsks
  #next = 0
  #relayedAt = 0
  /** Whom other devices' notes were passed on to last. */
  #relayedTo: Digest | null = null
  #refreshing = false
  #offering: NodeJS.Timeout | null = null
  #asking: NodeJS.Timeout | null = null

  constructor(options: LinksOptions) {
    this.#options = options
    this.#cooling = new Cooling(options.limits.coolingMs, options.monotonic)
    this.#asks = new BlobAsks(options.store, options.limits, options.monotonic)
    this.#shared = this.#makeShared()
    this.#relayedAt = options.monotonic()
  }

  /** The open link with a device. */
  open(device: Digest): Link | undefined {
    return this.#open.get(device)
  }

  states(): PeerState[] {
    return [...this.#open.values()].map(({ state }) => state)
  }

  /** Why a peer is not let in although the roster names it, or null. */
  whyNot({ device }: Peer): { reason: CloseReason; message: string } | null {
    if (this.#all.size >= this.#options.limits.connections)
      return { reason: 'too-many-connections', message: 'too many connections at once' }
    if (this.#cooling.isOut(device))
      return { reason: 'cooling-down', message: 'this device broke the rules a moment ago' }
    if (this.#shared.paces.of(device).connections.take()) return null
    return { reason: 'too-many-connections', message: 'too many connections of this device one after the other' }
  }

  /** Takes over an admitted connection. */
  add(socket: TLSSocket, peer: Peer, via: Via): void {
    const link = new Link(socket, peer, via, this.#next++, this.#shared)
    this.#all.add(link)
    link.start()
  }

  announce(ids: readonly Digest[]): void {
    for (const link of this.#open.values()) {
      const arriving = ids.filter((id) => this.#shared.arriving.has(id))
      const own = ids.filter((id) => !this.#shared.arriving.has(id))
      // What came from a peer, that peer pushes to everybody by itself: others need no more than the id, and seldom that.
      link.statements.telling.offerSoon(arriving)
      link.push(own, own.length > MOST_TO_PUSH ? 'offer' : 'push')
    }
    this.#offerNewsSoon()
    this.refreshSoon()
  }

  #offerNewsSoon(): void {
    this.#offering ??= setTimeout(() => {
      this.#offering = null
      this.#safely(() => {
        for (const link of this.#open.values()) link.statements.telling.offerNews()
      })
    }, this.#options.limits.gatherMs)
  }

  /** Offers, asks and gives what beside statements may have changed, once for all calls of this turn. */
  refreshSoon(): void {
    if (this.#refreshing) return
    this.#refreshing = true
    setImmediate(() => {
      this.#refreshing = false
      this.#safely(() => {
        if (this.#open.size === 0) return
        this.#asks.look(this.#open)
        for (const link of this.#open.values()) link.refresh()
        this.#askSoon()
      })
    })
  }

  /** What is wanted since a moment ago is asked for unless it comes by itself. */
  #askSoon(): void {
    if (this.#asking !== null || !this.#asks.isWaiting) return
    this.#asking = setTimeout(() => {
      this.#asking = null
      this.refreshSoon()
    }, this.#options.limits.gatherMs)
  }

  refreshPeers(): void {
    const peers = this.#options.identity.peers()
    this.#asks.look(this.#open)
    this.#askSoon()
    for (const link of this.#all) {
      const { device, member, tls } = link.peer
      const stands = peers.some((peer) => peer.device === device && peer.member === member && peer.tls === tls)
      if (!stands) link.close('not-in-roster', 'the roster no longer names this device')
      else if (link.isOpen) link.reconcile()
    }
  }

  /** To be called now and then. */
  tick(): void {
    for (const link of this.#all) this.#safely(() => link.tick())
    if (this.#asks.isLate) this.refreshSoon()
    this.#relayNotes()
  }

  /**
   * Passes other devices' notes on to one peer at a time, in turn. Their own apps tell everybody they reach at once, so
   * this is for those they do not reach; to everybody at once it would be n³ notes for each change.
   */
  #relayNotes(): void {
    const now = this.#options.monotonic()
    if (now - this.#relayedAt < this.#options.limits.relayMs) return
    this.#relayedAt = now
    const devices = [...this.#open.keys()].sort()
    const next = devices.find((device) => device > (this.#relayedTo ?? '')) ?? devices[0]
    if (next === undefined) return
    this.#relayedTo = next
    this.#open.get(next)?.notes.share()
  }

  /** Closes all; resolves when peers were told, or had their time. */
  stop(): Promise<void> {
    for (const timer of [this.#offering, this.#asking]) if (timer !== null) clearTimeout(timer)
    const links = [...this.#all]
    const closed = links.map((link) => link.ended)
    for (const link of links) link.close('stopped', 'this app stopped')
    return Promise.all(closed).then(() => undefined)
  }

  #makeShared(): LinkShared {
    const { store, limits, monotonic, now, log } = this.#options
    return {
      store,
      limits,
      paces: new Paces(limits, monotonic),
      monotonic,
      now,
      asked: new Map(),
      arriving: new Set(),
      // Statements are only ever added.
      summary: growingSummary(() => store.ids()),
      hello: (link) => this.#hello(link),
      onHello: (link, hello) => this.#onHello(link, hello),
      onClosed: (link, reason, message) => this.#onClosed(link, reason, message),
      onReconciled: ({ peer }) => this.#options.onEvent({ event: 'reconciled', peer: nameOf(peer) }),
      onClock: ({ peer, state }) =>
        this.#options.onEvent({ event: 'clock', peer: nameOf(peer), differenceMs: state.clockDifferenceMs }),
      onArrived: (id) => this.#options.onArrived(id),
      onAccepted: (id, from) => this.#onAccepted(id, from),
      onReleased: () => this.#pumpSoon(),
      onBlobTaken: (from) => {
        this.#asks.gave(from)
        this.refreshSoon()
      },
      blobsWantedOf: ({ peer }) => this.#asks.of(peer.device),
      mailbox: () => this.#mailbox(),
      onMailbox: ({ peer, via }, { port }) => {
        const { host } = parseAddress(via.address)
        this.#options.onMailbox(peer, formatAddress({ host, port }))
      },
      onFault: log,
    }
  }

  /** By what this device is known while it is locked. */
  #mailbox(): MailboxHint | null {
    const [mailKey, port] = [this.#options.identity.mailKey(), this.#options.port()]
    return mailKey === null || port === null ? null : { ...mailKey, port }
  }

  #hello(link: Link): Hello {
    return {
      clock: this.#options.now(),
      connected: this.#open.has(link.peer.device),
      connection: link.number,
      organization: this.#options.identity.organization,
      run: this.#options.run,
      versions: [...VERSIONS],
    }
  }

  #onHello(link: Link, hello: Hello): void {
    if (hello.organization !== this.#options.identity.organization)
      throw new ConnectionError('wrong-organization', 'the peer speaks for another organization')
    const { device } = link.peer
    const other = this.#open.get(device)
    if (other !== undefined && !this.#replaces(link, hello, other))
      throw new ConnectionError('duplicate', 'another connection with this device is kept')
    this.#open.set(device, link)
    this.#asks.look(this.#open)
    this.#askSoon()
    other?.close('duplicate', 'a newer connection with this device is kept')
    const isMove = this.#moving.delete(device)
    if (other === undefined && !isMove)
      queueMicrotask(() => this.#options.onEvent({ event: 'connected', peer: link.state }))
  }

  #replaces(link: Link, hello: Hello, other: Link): boolean {
    if (other.hello === null) return true
    return isPreferred(
      { isOurs: link.isOurs, number: link.number, hello, openForMs: link.openForMs },
      { isOurs: other.isOurs, number: other.number, hello: other.hello, openForMs: other.openForMs },
      this.#options.identity.device,
      link.peer.device,
    )
  }

  #onAccepted(id: Digest, from: StatementFlow): void {
    for (const link of this.#open.values()) if (link.statements !== from) link.statements.telling.offerSoon([id])
    this.#offerNewsSoon()
    this.refreshSoon()
  }

  #pumpSoon(): void {
    setImmediate(() => {
      this.#safely(() => {
        for (const link of this.#open.values()) link.statements.pump()
      })
    })
  }

  #onClosed(link: Link, reason: CloseReason, message: string): void {
    this.#all.delete(link)
    const { device } = link.peer
    const wasOpen = this.#open.get(device) === link
    if (wasOpen) {
      this.#open.delete(device)
      // What it was asked for is asked of others.
      this.refreshSoon()
    }
    this.#cooling.onEnded(device, reason)
    this.#options.onEnded(link.via, reason, link.hello !== null)
    const peer = nameOf(link.peer)
    if (wasOpen && reason === 'duplicate' && this.#hasLink(device)) this.#moving.add(device)
    else if (wasOpen || this.#moveFailed(device))
      this.#options.onEvent({ event: 'disconnected', peer, reason, message })
    else if (link.hello === null && reason !== 'duplicate')
      this.#options.onEvent({ event: 'refused', address: link.via.address, peer, reason, message })
  }

  #hasLink(device: Digest): boolean {
    return [...this.#all].some(({ peer }) => peer.device === device)
  }

  #moveFailed(device: Digest): boolean {
    return this.#moving.has(device) && !this.#hasLink(device) && this.#moving.delete(device)
  }

  // Called from timers: what the store throws must not end the app.
  #safely(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.log(`the exchange failed (${codeOf(error)})`)
    }
  }
}

function nameOf({ device, member, name }: PeerName): PeerName {
  return { device, member, name }
}
