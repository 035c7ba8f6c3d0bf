import type { Digest } from '../../shared/bytes.ts'
import { ConnectionError, type ExchangeStore, type PeerName } from './exchange.ts'
import { type ExchangeLimits, type Monotonic, TokenBucket } from './limits.ts'
import { MAX_WANTED, type Message } from './messages.ts'
import { Offering } from './offering.ts'
import type { PeerPace } from './pace.ts'
import type { Summary } from './reconcile.ts'
import { Serving } from './serving.ts'
import { Telling } from './telling.ts'

/** Statements of one peer that were refused, over one connection: they are remembered so as not to be asked for again. */
const MAX_REFUSED = 20_000

/** A statement as it came; `id` is what the peer says of it. */
export interface CameStatement {
  readonly id: Digest
  readonly envelope: Uint8Array
}

/** What all connections of one exchange share. */
export interface FlowShared {
  readonly store: ExchangeStore
  readonly limits: ExchangeLimits
  readonly monotonic: Monotonic
  /** Which flow was asked for an id, so that it is not asked of two peers at once. */
  readonly asked: Map<Digest, StatementFlow>
  /** Ids that the store is looking at right now, as they came from a peer. */
  readonly arriving: Set<Digest>
  /** The store's ids, summarized. */
  summary(): Summary
  /** A statement came that says it is this one, or a blob that is, whether or not it was here or asked for. */
  onArrived(id: Digest): void
  /** A statement of this id came by `from` and was accepted. */
  onAccepted(id: Digest, from: StatementFlow): void
  /** Ids may be asked of other peers again. */
  onReleased(): void
}

/** One connection, as a flow uses it. */
export interface FlowPort {
  readonly peer: PeerName
  readonly hasRoom: boolean
  /** What this device may cost, over all its connections. */
  readonly pace: PeerPace
  send(message: Message): void
  /** Counts something that nobody asked for; throws `flood` beyond the bounds. */
  takeUninvited(): void
  /** Counts something that is asked for in vain; throws `flood` beyond the bounds. */
  takeQuestion(): void
  /** Nothing that the peer has is missing here any more. */
  onReconciled(): void
  /** Ends the connection over what came by it. */
  fail(error: unknown): void
}

/**
 * Statements over one connection: have, want, push (docs/formats/lan.md §5). Moves bytes; the store judges them. Here is how
 * what is missing is asked for and taken in; {@link Offering}, {@link Serving} and {@link Telling} are the way to the peer.
 */
export class StatementFlow {
  readonly #shared: FlowShared
  readonly #port: FlowPort
  /** Ids that the peer has, or was told of: of what is here, and of what was tried in this round. The peer names no others into it. */
  readonly #knows = new Set<Digest>()
  /** Ids that the peer has, that are missing here and not yet asked for; with the time from which they may be. */
  readonly #offered = new Map<Digest, number>()
  /** Asked of this peer, with the time until which it may answer. */
  readonly #outstanding = new Map<Digest, number>()
  /** Not asked of this peer again: refused while the connection lasts, the others until the next round. */
  readonly #tried = new Map<Digest, 'refused' | 'waiting' | 'unanswered'>()
  readonly #offering: Offering
  readonly #serving: Serving
  /** What the peer is told of, beside the answers to what it asks. */
  readonly telling: Telling
  readonly #pace: TokenBucket
  #roundAt = 0
  #peerIsDone = false
  #reported = false
  /** How many offers were passed over since our last summary, being too many: they come again with the answer to the next. */
  #passedOver = 0
  /** Whether some were since the last answer ended, and in that answer. */
  #passesOver = false
  #hasPassedOver = false
  #received = 0
  /** Statements that came and are with the store. */
  #judging = 0
  /** What came together last: resolves when the store has kept it; rejects if the connection is over for it. */
  #last: Promise<void> = Promise.resolve()

  constructor(shared: FlowShared, port: FlowPort) {
    this.#shared = shared
    this.#port = port
    this.#offering = new Offering(shared, port, this.#knows)
    this.#serving = new Serving(shared, port, this.#knows)
    this.telling = new Telling(shared, port, this.#knows)
    const { limits, monotonic } = shared
    this.#pace = new TokenBucket(limits.statementsBurst, limits.statementsPerMinute / 60, monotonic)
  }

  /** Statements that came by this connection. */
  get received(): number {
    return this.#received
  }

  /** Compares ids with the peer, anew if it was done before. */
  reconcile(): void {
    for (const [id, why] of this.#tried) if (why !== 'refused') this.#tryAgain(id)
    this.#roundAt = this.#shared.monotonic()
    this.#peerIsDone = false
    this.#reported = false
    this.#passedOver = 0
    this.#port.send({ type: 'summary', summary: this.#shared.summary().bytes })
  }

  /** What came of it then counts no more; a peer could name ids without end that wait for ever. */
  #tryAgain(id: Digest): void {
    this.#tried.delete(id)
    if (!this.#shared.store.has(id)) this.#knows.delete(id)
  }

  /** The peer compares ids: offers what it may lack, and says when that was all. */
  onSummary(theirs: Uint8Array): void {
    this.#offering.onSummary(theirs)
  }

  /** The peer asks for these. */
  onWant(ids: readonly Digest[]): void {
    this.#serving.onWant(ids)
    this.serve()
  }

  /** Goes on with what the peer was promised, as far as there is room and the rate allows: gives what it asked for, and offers. */
  serve(): void {
    this.#serving.goOn()
    this.#offering.goOn()
  }

  /** The peer has these; none means that its offers are complete. */
  onHave(ids: readonly Digest[]): void {
    if (ids.length === 0) this.#endAnswer()
    // What is offered as it comes in there is on its way here from its author as well, as a rule.
    const askFrom = this.#shared.monotonic() + (this.#peerIsDone ? this.#shared.limits.graceMs : 0)
    for (const id of ids) {
      if (this.#shared.store.has(id)) this.#knows.add(id)
      else if (!this.#tried.has(id) && !this.#outstanding.has(id) && !this.#offered.has(id))
        this.#onOffered(id, askFrom)
    }
    this.pump()
  }

  #endAnswer(): void {
    this.#peerIsDone = true
    this.#hasPassedOver = this.#passesOver
    this.#passesOver = false
  }

  #onOffered(id: Digest, askFrom: number): void {
    const { limits } = this.#shared
    if (this.#offered.size < limits.offered) return void this.#offered.set(id, askFrom)
    this.#passesOver = true
    if (++this.#passedOver > limits.passedOver)
      throw new ConnectionError('flood', 'the peer offers more statements than an organization can have')
  }

  /**
   * Statements came together. Those that were asked for go to the store at once, so that the disk keeps them together; what
   * nobody asked for is taken one by one, since a peer that sends what it should not is put out at the first.
   *
   * @returns when more may come: the store looks at what was asked for while it keeps what came before that.
   */
  async onStatements(statements: readonly CameStatement[]): Promise<void> {
    const before = this.#last
    const areAsked = statements.every(({ id }) => this.#outstanding.has(id))
    if (!areAsked) await before
    this.#last = this.#takeIn(statements)
    if (!areAsked) return this.#last
    // Nothing may come after it that would be told.
    this.#last.catch((error: unknown) => this.#port.fail(error))
    return before
  }

  async #takeIn(statements: readonly CameStatement[]): Promise<void> {
    const judged: Promise<void>[] = []
    for (const statement of statements) {
      const wasAsked = this.#outstanding.has(statement.id)
      if (!wasAsked) await Promise.all(judged)
      judged.push(this.#onStatement(statement))
      if (!wasAsked) await Promise.all(judged)
    }
    await Promise.all(judged)
    this.pump()
  }

  /** Resolves when the store has kept all that came. @throws {ConnectionError} if the connection is over for it. */
  settled(): Promise<void> {
    return this.#last
  }

  async #onStatement({ id, envelope }: CameStatement): Promise<void> {
    this.#shared.onArrived(id)
    const wasAsked = this.#settle(id)
    if (!wasAsked) this.#port.takeUninvited()
    this.#offered.delete(id)
    this.#knows.add(id)
    this.#received++
    if (!this.#shared.store.has(id)) await this.#receive(id, envelope, wasAsked)
  }

  async #receive(id: Digest, envelope: Uint8Array, wasAsked: boolean): Promise<void> {
    const { arriving, store } = this.#shared
    arriving.add(id)
    this.#judging++
    try {
      const receipt = await store.receive(envelope, this.#port.peer)
      if (receipt === 'waiting' || receipt === 'refused') this.#tried.set(id, receipt)
      else if (!store.has(id)) throw new ConnectionError('malformed', 'the peer gave a statement a wrong id')
      if (receipt === 'new') this.#shared.onAccepted(id, this)
      const isTooFast = receipt === 'refused' && this.#port.pace.refusals.spend(1) > 0 && !wasAsked
      if (isTooFast || this.#tried.size > MAX_REFUSED)
        throw new ConnectionError('flood', 'the peer sends statements that cannot be accepted')
    } finally {
      this.#judging--
      arriving.delete(id)
    }
  }

  /** Asks for what is missing, as far as the bounds allow. */
  pump(): void {
    if (this.#outstanding.size <= MAX_WANTED / 2) {
      const ids = this.#nextToAsk(MAX_WANTED - this.#outstanding.size)
      if (ids.length > 0) this.#port.send({ type: 'want', ids })
    }
    this.#report()
  }

  #nextToAsk(most: number): Digest[] {
    const { arriving, asked, limits, monotonic, store } = this.#shared
    const ids: Digest[] = []
    const now = monotonic()
    for (const [id, askFrom] of this.#offered) {
      if (ids.length >= most) break
      if (store.has(id)) {
        this.#offered.delete(id)
        this.#knows.add(id)
      } else if (askFrom <= now && !asked.has(id) && !arriving.has(id)) {
        if (this.#port.pace.refusals.left < 0 || !this.#pace.take()) break
        this.#offered.delete(id)
        this.#outstanding.set(id, now + limits.answerMs)
        asked.set(id, this)
        ids.push(id)
      }
    }
    return ids
  }

  /** To be called now and then: gives up on answers that do not come, and starts the next round. */
  tick(): void {
    const now = this.#shared.monotonic()
    const late = [...this.#outstanding].filter(([, until]) => until <= now)
    for (const [id] of late) {
      this.#settle(id)
      this.#tried.set(id, 'unanswered')
    }
    if (late.length > 0) this.#shared.onReleased()
    this.serve()
    if (now - this.#roundAt >= this.#shared.limits.reconcileMs) this.reconcile()
    this.pump()
  }

  /** The connection is over: what was asked of this peer may be asked of others. */
  end(): void {
    for (const id of this.#outstanding.keys()) this.#settle(id)
    this.#offered.clear()
    this.#shared.onReleased()
  }

  #settle(id: Digest): boolean {
    const { asked } = this.#shared
    if (asked.get(id) === this) asked.delete(id)
    return this.#outstanding.delete(id)
  }

  #report(): void {
    const isUnderway = this.#outstanding.size > 0 || this.#offered.size > 0 || this.#judging > 0
    const isPartial = this.#passesOver || this.#hasPassedOver
    if (!this.#peerIsDone || this.#reported || isUnderway || isPartial) return
    this.#reported = true
    this.#port.onReconciled()
  }
}
