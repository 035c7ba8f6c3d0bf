import type { TLSSocket } from 'node:tls'
import type { Digest } from '../../shared/bytes.ts'
import type { AddressBook } from './address-book.ts'
import type { CloseReason, ExchangeEvent, MailboxState, Peer, PeerName, Via } from './exchange.ts'
import { MailLink, type MailShared } from './mail-link.ts'

/** What the connections with locked apps are made with. */
export interface MailLinksOptions extends Omit<MailShared, 'taken' | 'onChange' | 'onClosed'> {
  readonly book: AddressBook
  onEvent(event: ExchangeEvent): void
}

/** Connections with apps that are locked: one for each device. */
export class MailLinks {
  readonly #options: MailLinksOptions
  readonly #shared: MailShared
  readonly #open = new Map<Digest, MailLink>()
  /** What each locked device keeps already, so that a connection that breaks does not fill its mailbox with repetitions. */
  readonly #taken = new Map<Digest, Set<Digest>>()
  /** Where each device listened that told of its mailbox: there it will listen while it is locked. */
  readonly #addresses = new Map<Digest, string>()

  constructor(options: MailLinksOptions) {
    this.#options = options
    this.#shared = {
      ...options,
      taken: (device) => this.#takenBy(device),
      onChange: ({ peer }) => options.onEvent({ event: 'mailbox', peer }),
      onClosed: (link, reason) => this.#onClosed(link, reason),
    }
  }

  has(device: Digest): boolean {
    return this.#open.has(device)
  }

  states(): MailboxState[] {
    return [...this.#open.values()].filter(({ hasAnswered }) => hasAnswered).map(({ state }) => state)
  }

  /** Takes over an admitted connection; a newer one replaces an older one. */
  add(socket: TLSSocket, peer: Peer, via: Via): void {
    const link = new MailLink(socket, peer, via, this.#shared)
    const other = this.#open.get(peer.device)
    this.#open.set(peer.device, link)
    other?.close('duplicate', 'a newer connection with this device is kept')
    link.start()
    this.#options.onEvent({ event: 'mailbox', peer })
  }

  /** A device told where it will listen while it is locked. */
  onMailbox({ device }: PeerName, address: string): void {
    this.#addresses.set(device, address)
  }

  /** The device is unlocked: it gets everything over the other connection, and is told anew when it locks again. */
  onUnlocked({ device }: PeerName): void {
    this.#taken.delete(device)
    this.#options.book.removeApp(device)
    this.#open.get(device)?.close('duplicate', 'this device is unlocked')
  }

  /** The device is gone, perhaps only locked: it is tried where it would listen then. */
  onGone({ device }: PeerName): void {
    const address = this.#addresses.get(device)
    if (address !== undefined) this.#options.book.add(address, 'discovered', device)
  }

  /** There may be something new to hear of. */
  pump(): void {
    for (const link of this.#open.values()) link.pump()
  }

  /** Ends connections with devices that the roster no longer names so, and tries them no more. */
  refreshPeers(peers: readonly Peer[]): void {
    const isNamed = ({ device, tls }: Peer) => peers.some((peer) => peer.device === device && peer.tls === tls)
    for (const link of this.#open.values())
      if (!isNamed(link.peer)) link.close('not-in-roster', 'the roster no longer names this device')
    for (const device of this.#addresses.keys()) {
      if (peers.some((peer) => peer.device === device)) continue
      this.#addresses.delete(device)
      this.#options.book.removeApp(device)
    }
    this.pump()
  }

  /** To be called now and then. */
  tick(): void {
    for (const link of this.#open.values()) link.tick()
  }

  /** Closes all; resolves when the sockets are gone. */
  stop(): Promise<void> {
    const links = [...this.#open.values()]
    const closed = links.map((link) => link.ended)
    for (const link of links) link.close('stopped', 'this app stopped')
    return Promise.all(closed).then(() => undefined)
  }

  #takenBy(device: Digest): Set<Digest> {
    const known = this.#taken.get(device)
    if (known !== undefined) return known
    const none = new Set<Digest>()
    this.#taken.set(device, none)
    return none
  }

  #onClosed(link: MailLink, reason: CloseReason): void {
    const { device } = link.peer
    if (this.#open.get(device) === link) this.#open.delete(device)
    this.#options.book.onEnded(link.via.address, reason, link.hasAnswered)
    this.#options.onEvent({ event: 'mailbox', peer: link.peer })
  }
}
