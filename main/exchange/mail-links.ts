import type { TLSSocket } from 'node:tls'
import type { Digest } from '../../shared/bytes.ts'
import type { CloseReason, ExchangeEvent, MailboxState, Peer, Via } from './exchange.ts'
import { MailLink, type MailShared } from './mail-link.ts'

/** What the connections with locked apps are made with. */
export interface MailLinksOptions extends Omit<MailShared, 'taken' | 'onChange' | 'onClosed'> {
  onEvent(event: ExchangeEvent): void
  onEnded(via: Via, reason: CloseReason, hadAnswered: boolean): void
}

/** Connections with apps that are locked: one for each device. */
export class MailLinks {
  readonly #options: MailLinksOptions
  readonly #shared: MailShared
  readonly #open = new Map<Digest, MailLink>()
  /** What each locked device keeps already, so that a connection that breaks does not fill its mailbox with repetitions. */
  readonly #taken = new Map<Digest, Set<Digest>>()

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

  /** The device is unlocked: it gets everything over the other connection, and is told anew when it locks again. */
  onUnlocked(device: Digest): void {
    this.#taken.delete(device)
    this.#open.get(device)?.close('duplicate', 'this device is unlocked')
  }

  /** There may be something new to hear of. */
  pump(): void {
    for (const link of this.#open.values()) link.pump()
  }

  /** Ends connections with devices that the roster no longer names so. */
  refreshPeers(isStill: (peer: Peer) => boolean): void {
    for (const link of this.#open.values())
      if (!isStill(link.peer)) link.close('not-in-roster', 'the roster no longer names this device')
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
    this.#options.onEnded(link.via, reason, link.hasAnswered)
    this.#options.onEvent({ event: 'mailbox', peer: link.peer })
  }
}
