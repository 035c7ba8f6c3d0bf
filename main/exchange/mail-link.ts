import type { TLSSocket } from 'node:tls'
import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { Connection } from './connection.ts'
import {
  type CloseReason,
  ConnectionError,
  type ExchangeStore,
  type MailboxState,
  type Peer,
  type Via,
} from './exchange.ts'
import type { ExchangeLimits, Monotonic } from './limits.ts'
import type { Message } from './messages.ts'
import { PeerPace } from './pace.ts'

/** What all connections with locked apps share. */
export interface MailShared {
  readonly store: ExchangeStore
  readonly limits: ExchangeLimits
  readonly now: () => UnixMilliseconds
  readonly monotonic: Monotonic
  /** What a device has taken since it was last met unlocked. */
  taken(device: Digest): Set<Digest>
  onChange(link: MailLink): void
  onClosed(link: MailLink, reason: CloseReason, message: string): void
}

/**
 * A connection with an app that is locked (docs/formats/mailbox.md): what it should hear of goes there sealed, and it
 * says what it keeps. Nothing else is said, asked or believed.
 */
export class MailLink {
  readonly peer: Peer
  readonly via: Via
  readonly openedAt: UnixMilliseconds
  readonly #shared: MailShared
  readonly #connection: Connection
  readonly #sent = new Set<Digest>()
  #pingedAt = Number.NEGATIVE_INFINITY
  #answered = false
  #isPumping = false
  #pumpAgain = false

  constructor(socket: TLSSocket, peer: Peer, via: Via, shared: MailShared) {
    this.peer = peer
    this.via = via
    this.openedAt = shared.now()
    this.#shared = shared
    // A locked app answers with a few bytes each, so what it may say over one connection is enough of a bound.
    this.#connection = new Connection(
      socket,
      shared.limits,
      shared.monotonic,
      new PeerPace(shared.limits, shared.monotonic),
      {
        onMessages: ([message]) => this.#onMessage(message),
        onDrained: () => this.pump(),
        onClosed: (reason, message) => shared.onClosed(this, reason, message),
      },
    )
  }

  /** Starts to read, and sends what waits. */
  start(): void {
    this.#connection.start()
    this.tick()
    this.pump()
  }

  get isOpen(): boolean {
    return this.#connection.isOpen
  }

  /** Whether the other end has ever answered as a locked app does; before that nothing is said of it. */
  get hasAnswered(): boolean {
    return this.#answered
  }

  get state(): MailboxState {
    const { device, member, name } = this.peer
    const taken = this.#shared.taken(device)
    const waiting = [...this.#sent].filter((id) => !taken.has(id)).length
    return { device, member, name, via: this.via, since: this.openedAt, told: taken.size, waiting }
  }

  /** Resolves when the socket is gone. */
  get ended(): Promise<void> {
    return this.#connection.ended
  }

  /** Sends what there is to hear of and was not sent yet. */
  pump(): void {
    this.#pumpAgain = true
    if (this.#isPumping) return
    this.#isPumping = true
    this.#pump()
      .catch(() => this.close('internal', 'could not make ready what this device should hear of'))
      .finally(() => {
        this.#isPumping = false
        // Somebody asked in the moment in which it ended.
        if (this.#pumpAgain && this.isOpen && this.#connection.hasRoom) this.pump()
      })
  }

  close(reason: CloseReason, message: string): void {
    this.#connection.close(reason, message)
  }

  /** To be called now and then: heartbeat, silence. */
  tick(): void {
    const { limits, monotonic, now } = this.#shared
    if (this.#connection.silentMs > limits.silentMs) return this.close('silent', 'nothing was heard from the peer')
    if (monotonic() - this.#pingedAt < limits.heartbeatMs) return
    this.#pingedAt = monotonic()
    this.#connection.send({ type: 'ping', sent: now() })
  }

  async #pump(): Promise<void> {
    while (this.#pumpAgain && this.isOpen) {
      this.#pumpAgain = false
      const { device } = this.peer
      const told = new Set([...this.#sent, ...this.#shared.taken(device)])
      const mail = await this.#shared.store.mailFor(device, told)
      // There may be more of it than one go brings.
      if (mail.length > 0) this.#pumpAgain = true
      for (const { id, urgent, box } of mail) {
        // The rest goes when there is room again.
        if (!this.#connection.hasRoom) return
        this.#sent.add(id)
        this.#connection.send({ type: 'mail', id, urgent, box })
      }
    }
  }

  async #onMessage(message: Message): Promise<void> {
    switch (message.type) {
      case 'mailed':
        if (!this.#sent.has(message.id)) throw new ConnectionError('malformed', 'the peer keeps what was never sent')
        this.#shared.taken(this.peer.device).add(message.id)
        return this.#answers()
      case 'pong':
        return this.#answered ? undefined : this.#answers()
      case 'bye':
        throw new ConnectionError('closed-by-peer', `the locked app closed the connection (${message.reason})`)
      default:
        throw new ConnectionError('malformed', 'a locked app says nothing but what it keeps')
    }
  }

  #answers(): void {
    this.#answered = true
    this.#shared.onChange(this)
  }
}
