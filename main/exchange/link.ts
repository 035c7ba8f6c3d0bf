import type { TLSSocket } from 'node:tls'
import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { BlobFlow, NoteFlow, type SideShared } from './blob-flow.ts'
import { ClockMeter } from './clock-meter.ts'
import { Connection, codeOf } from './connection.ts'
import {
  type CloseReason,
  ConnectionError,
  type Peer,
  type PeerState,
  type Via,
  type WitnessAnswer,
  type WitnessRequest,
} from './exchange.ts'
import type { ExchangeLimits } from './limits.ts'
import { type Hello, MAILBOX_VERSION, type MailboxHint, type Message, VERSIONS, type Witness } from './messages.ts'
import type { Paces, PeerPace } from './pace.ts'
import { type FlowShared, StatementFlow } from './statement-flow.ts'
import { answerWitness, WitnessCalls } from './witness-calls.ts'

/** A summary is compared bucket by bucket, and answered with ids. */
const SUMMARY_COST = 20

/** What the exchange gives to and hears from each of its links. */
export interface LinkShared extends FlowShared, SideShared {
  readonly limits: ExchangeLimits
  readonly paces: Paces
  readonly now: () => UnixMilliseconds
  /** Our hello to this peer; `link` may not be open yet. */
  hello(link: Link): Hello
  /** The peer's hello fits. Throws `ConnectionError` if this link is not to be kept. */
  onHello(link: Link, hello: Hello): void
  onClosed(link: Link, reason: CloseReason, message: string): void
  onReconciled(link: Link): void
  onClock(link: Link): void
  /** The blobs that a peer is asked for. */
  blobsWantedOf(link: Link): readonly Digest[]
  /** By what this device is known while it is locked; null while it has no mailbox. */
  mailbox(): MailboxHint | null
  /** The peer told of its own. */
  onMailbox(link: Link, mailbox: MailboxHint): void
  /** The store failed while answering a peer. */
  onFault(message: string): void
}

/** One admitted connection: greeting, then everything that two members' apps tell each other. */
export class Link {
  readonly peer: Peer
  readonly via: Via
  /** Numbers our connections; with the peer's number it orders two connections between the same devices. */
  readonly number: number
  readonly openedAt: UnixMilliseconds
  /** The peer's hello; null until it came. */
  hello: Hello | null = null
  readonly statements: StatementFlow
  readonly blobs: BlobFlow
  readonly notes: NoteFlow
  readonly #shared: LinkShared
  readonly #connection: Connection
  readonly #pace: PeerPace
  readonly #witnesses: WitnessCalls
  readonly #startedAt: number
  readonly #clock: ClockMeter
  #hasCompared = false
  #mailboxTold: string | null = null

  constructor(socket: TLSSocket, peer: Peer, via: Via, number: number, shared: LinkShared) {
    this.peer = peer
    this.via = via
    this.number = number
    this.openedAt = shared.now()
    this.#startedAt = shared.monotonic()
    this.#shared = shared
    this.#clock = new ClockMeter(shared.now, shared.monotonic)
    const pace = shared.paces.of(peer.device)
    this.#pace = pace
    this.#connection = new Connection(socket, shared.limits, shared.monotonic, pace, {
      onMessages: (messages) => this.#onMessages(messages),
      onDrained: () => this.#onDrained(),
      onClosed: (reason, message) => this.#onClosed(reason, message),
    })
    const connection = this.#connection
    const port = {
      peer,
      pace,
      get hasRoom() {
        return connection.hasRoom
      },
      send: (message: Message) => connection.send(message),
      takeUninvited: () => this.#takeUninvited(),
      takeQuestion: () => this.#takeQuestion(1),
      onReconciled: () => shared.onReconciled(this),
      fail: (error: unknown) => connection.fail(error),
    }
    this.statements = new StatementFlow(shared, port)
    this.blobs = new BlobFlow(shared, port)
    this.notes = new NoteFlow(shared, port)
    let asked = 0
    this.#witnesses = new WitnessCalls(
      (witness) => connection.send({ type: 'witness', witness }),
      () => asked++,
    )
  }

  /** Starts to read, and greets the peer. */
  start(): void {
    this.#connection.start()
    this.#connection.send({ type: 'hello', hello: this.#shared.hello(this) })
  }

  /** Whether we dialed. */
  get isOurs(): boolean {
    return this.via.how !== 'incoming'
  }

  /** Whether both greeted each other, and the connection stands. */
  get isOpen(): boolean {
    return this.hello !== null && this.#connection.isOpen
  }

  get openForMs(): number {
    return this.#shared.monotonic() - this.#startedAt
  }

  get state(): PeerState {
    const { device, member, name } = this.peer
    return {
      device,
      member,
      name,
      via: this.via,
      connectedAt: this.openedAt,
      lastHeardAt: this.#shared.now() - Math.round(this.#connection.silentMs),
      clockDifferenceMs: this.#clock.differenceMs,
      bytesReceived: this.#connection.bytesReceived,
      statementsReceived: this.statements.received,
    }
  }

  /** Resolves when the socket is gone. */
  get ended(): Promise<void> {
    return this.#connection.ended
  }

  close(reason: CloseReason, message: string): void {
    this.#connection.close(reason, message)
  }

  /** Asks the peer to cosign a checkpoint; see `LanExchange.requestWitness`. */
  requestWitness(request: WitnessRequest, timeoutMs: number): Promise<WitnessAnswer> {
    return this.#witnesses.ask(request, timeoutMs)
  }

  /** Tells the peer of statements; what somebody waits for beside those that are sent follows at once. */
  push(ids: readonly Digest[], how: 'push' | 'offer'): void {
    const pushed = this.statements.telling.tell(ids, how)
    this.#serving(this.blobs.giveWith(pushed))
  }

  /** Offers and asks again for what beside statements may have changed. */
  refresh(): void {
    if (!this.isOpen) return
    this.notes.shareOwn()
    this.#tellMailbox()
    this.blobs.ask(this.#shared.blobsWantedOf(this))
    this.#serveBlobs()
  }

  /** Compares everything anew, as on the first day. */
  reconcile(): void {
    this.statements.reconcile()
    this.notes.share(true)
    this.#tellMailbox()
    this.blobs.ask(this.#shared.blobsWantedOf(this))
    this.#serveBlobs()
  }

  /** To be called now and then: heartbeat, silence, time-outs. */
  tick(): void {
    const { limits } = this.#shared
    if (this.hello === null && this.openForMs > limits.handshakeMs)
      return this.close('handshake-timeout', 'the peer did not greet')
    if (this.#connection.silentMs > limits.silentMs) return this.close('silent', 'nothing was heard from the peer')
    if (!this.isOpen) return
    if (this.#clock.sincePingMs >= limits.heartbeatMs) this.#ping()
    this.statements.tick()
    this.#serveBlobs()
  }

  async #onMessages(messages: readonly [Message, ...Message[]]): Promise<void> {
    const [first] = messages
    // Of what may lean on statements nothing is heard before they are kept.
    if (first.type !== 'statement') await this.statements.settled()
    if (this.hello === null || messages.length === 1) return this.#onMessage(first)
    if (first.type === 'blob')
      return this.blobs.onBlobs(messages.flatMap((one) => (one.type === 'blob' ? one.blob : [])))
    return this.statements.onStatements(messages.filter((one) => one.type === 'statement'))
  }

  async #onMessage(message: Message): Promise<void> {
    if (message.type === 'bye')
      throw new ConnectionError(
        message.reason === 'duplicate' ? 'duplicate' : 'closed-by-peer',
        `the peer closed the connection (${message.reason})`,
      )
    if (this.hello === null) {
      if (message.type !== 'hello') throw new ConnectionError('malformed', 'expected a hello first')
      return this.#onHello(message.hello)
    }
    switch (message.type) {
      case 'hello':
        throw new ConnectionError('malformed', 'expected one hello')
      case 'summary':
        // The first of a connection is a matter of course, however often a bad network breaks it.
        if (this.#hasCompared) this.#takeQuestion(SUMMARY_COST)
        this.#hasCompared = true
        return this.statements.onSummary(message.summary)
      case 'have':
        return this.statements.onHave(message.ids)
      case 'want':
        return this.statements.onWant(message.ids)
      case 'statement':
        return this.statements.onStatements([message])
      case 'blobsWanted':
        this.#takeQuestion(1)
        return this.blobs.onWanted(message.ids)
      case 'blob':
        return this.blobs.onBlobs([message.blob])
      case 'note':
        return this.notes.onNote(message.note)
      case 'witness':
        return this.#onWitness(message.witness)
      case 'witnessed':
        return this.#witnesses.onAnswer(message.witnessed)
      case 'ping':
        this.#takeQuestion(1)
        return this.#connection.send({ type: 'pong', clock: this.#shared.now(), sent: message.sent })
      case 'mailbox':
        return this.#onMailbox(message.mailbox)
      case 'mail':
      case 'mailed':
        throw new ConnectionError('malformed', 'mail is for apps that are locked')
      case 'pong':
        return void (this.#clock.onPong(message.sent, message.clock) && this.#shared.onClock(this))
    }
  }

  #onHello(hello: Hello): void {
    if (!hello.versions.some((version) => VERSIONS.includes(version)))
      throw new ConnectionError('unsupported-version', 'the peer’s app speaks no version that this one does; update it')
    this.#clock.onHello(hello.clock)
    this.#shared.onHello(this, hello)
    this.hello = hello
    this.#ping()
    this.reconcile()
  }

  #tellMailbox(): void {
    const mailbox = this.#shared.mailbox()
    const told = mailbox && `${mailbox.key} ${mailbox.port}`
    if (told === this.#mailboxTold || this.hello?.versions.includes(MAILBOX_VERSION) !== true) return
    this.#mailboxTold = told
    if (mailbox !== null) this.#connection.send({ type: 'mailbox', mailbox })
  }

  async #onMailbox(mailbox: MailboxHint): Promise<void> {
    this.#takeUninvited()
    this.#shared.onMailbox(this, mailbox)
    // Each other key is kept for good, so few are enough.
    if (mailbox.key !== this.#pace.mailKey && !this.#pace.mailKeys.take()) return
    this.#pace.mailKey = mailbox.key
    await this.#shared.store.receiveMailKey(mailbox, this.peer)
  }

  async #onWitness(witness: Witness): Promise<void> {
    this.#takeUninvited()
    const witnessed = await answerWitness(this.#shared.store, witness, this.peer, (error) =>
      this.#shared.onFault(`could not answer a witness request (${codeOf(error)})`),
    )
    this.#connection.send({ type: 'witnessed', witnessed })
  }

  #ping(): void {
    this.#connection.send({ type: 'ping', sent: this.#clock.onPing() })
  }

  /** Counts a question, by what its answer costs here: a sound app asks now and then. */
  #takeQuestion(cost: number): void {
    if (!this.#pace.questions.take(cost)) throw new ConnectionError('flood', 'the peer asks the same again and again')
  }

  #takeUninvited(): void {
    if (!this.#pace.uninvited.take()) throw new ConnectionError('flood', 'the peer sends more than was asked for')
  }

  #onDrained(): void {
    this.statements.serve()
    this.#serveBlobs()
  }

  #serveBlobs(): void {
    this.#serving(this.blobs.serve())
  }

  #serving(served: Promise<void>): void {
    served.catch((error: unknown) => this.close('internal', `could not read a blob (${codeOf(error)})`))
  }

  #onClosed(reason: CloseReason, message: string): void {
    this.statements.end()
    this.#witnesses.end()
    this.#shared.onClosed(this, reason, message)
  }
}
