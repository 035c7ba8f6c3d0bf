/** The bounds of the exchange: what strangers may cost, and what each peer may. */
export interface ExchangeLimits {
  /** Handshakes going on at once, in all and from one address. */
  readonly handshakes: number
  readonly handshakesPerAddress: number
  /** New connections from one address: so many at once, then so many a second. */
  readonly connectionsBurst: number
  readonly connectionsPerSecond: number
  /** New connections from all addresses together but those from which the last one was let in: so many at once, then so many a second. */
  readonly strangersBurst: number
  readonly strangersPerSecond: number
  /** Beyond these, of addresses none of whose connections was taken in the last seconds: so many at once, then so many a second. */
  readonly newcomersBurst: number
  readonly newcomersPerSecond: number
  /** Peers' connections, those about to be closed included. */
  readonly connections: number
  /** From the first byte to the peer's hello. */
  readonly handshakeMs: number
  readonly heartbeatMs: number
  readonly silentMs: number
  /** Read from one peer: what comes faster waits in the peer's own buffers. */
  readonly bytesBurst: number
  readonly bytesPerSecond: number
  /** Messages of one peer, whatever they say and however short: what is more waits, as bytes do. */
  readonly messagesBurst: number
  readonly messagesPerSecond: number
  /** Statements asked of one peer: what is more waits. */
  readonly statementsBurst: number
  readonly statementsPerMinute: number
  /** Statements, notes, blobs and witness requests that nobody asked for: what is more ends the connection. */
  readonly uninvitedPerMinute: number
  /** Summaries, pings, lists of wanted blobs, and of wanted statements that are not here; a summary counts as twenty. */
  readonly questionsPerMinute: number
  /** Statements that the door refused: beyond it nothing more is asked of that peer for a while. */
  readonly refusedPerMinute: number
  /** Ids that a peer may offer and we have not asked for yet: what is more is passed over until the next summary … */
  readonly offered: number
  /** … and so much may be, between two summaries of ours. */
  readonly passedOver: number
  /** Bytes written that a peer has not read. */
  readonly unreadBytes: number
  /** How long a peer that misbehaved stays out; doubles with each time, up to sixteen times. */
  readonly coolingMs: number
  /** How long an answer to a wanted id may take before it is asked of another peer. */
  readonly answerMs: number
  /** How long a statement that is new somewhere may take to come by itself before it is asked for. */
  readonly graceMs: number
  /** For how long what came from a peer is gathered before it is offered to the others: most have it by then. */
  readonly gatherMs: number
  /** How often ids are compared anew while a connection lasts. */
  readonly reconcileMs: number
  /** How often other devices' notes are passed on, to one peer each time. */
  readonly relayMs: number
  /** First and longest wait before an address is tried again. */
  readonly retryMs: number
  readonly retryMostMs: number
  /** Addresses kept, typed and discovered. */
  readonly addresses: number
  /** How often timers are looked at. */
  readonly tickMs: number
}

/** Bounds for an organization of up to 100 members. */
export const DEFAULT_LIMITS: ExchangeLimits = {
  handshakes: 64,
  handshakesPerAddress: 16,
  connectionsBurst: 64,
  connectionsPerSecond: 4,
  // A handshake takes about 1 ms of computing: so strangers keep a tenth of a core busy. Whoever unlocks is dialed by a hundred peers.
  strangersBurst: 512,
  strangersPerSecond: 100,
  // Whoever uses up all of that from a few addresses leaves this to everybody else: with it, an eighth of a core at most.
  newcomersBurst: 64,
  newcomersPerSecond: 20,
  connections: 256,
  handshakeMs: 5000,
  heartbeatMs: 10_000,
  silentMs: 30_000,
  bytesBurst: 32 * 1024 * 1024,
  bytesPerSecond: 8 * 1024 * 1024,
  // A peer gives at most 20,000 statements at once and 200 a second, for which we ask, and asks as often for what it lacks; evidence
  // comes in parts of 256 KiB. A bound that is met costs no more than time.
  messagesBurst: 40_000,
  messagesPerSecond: 2000,
  statementsBurst: 20_000,
  statementsPerMinute: 12_000,
  uninvitedPerMinute: 1200,
  questionsPerMinute: 2400,
  refusedPerMinute: 600,
  offered: 200_000,
  passedOver: 4_000_000,
  unreadBytes: 16 * 1024 * 1024,
  coolingMs: 30_000,
  answerMs: 10_000,
  graceMs: 200,
  gatherMs: 50,
  reconcileMs: 60_000,
  relayMs: 20_000,
  retryMs: 500,
  retryMostMs: 30_000,
  addresses: 256,
  tickMs: 250,
}

/** Milliseconds that never go back; which moment is zero does not matter. */
export type Monotonic = () => number

/** Allows `burst` at once and `perSecond` in the long run. */
export class TokenBucket {
  readonly #burst: number
  readonly #perSecond: number
  readonly #monotonic: Monotonic
  #tokens: number
  #at: number

  constructor(burst: number, perSecond: number, monotonic: Monotonic) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#monotonic = monotonic
    this.#tokens = burst
    this.#at = monotonic()
  }

  /** What may be taken now; negative while in debt. */
  get left(): number {
    const now = this.#monotonic()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    return this.#tokens
  }

  /** Takes `count` if there are as many. */
  take(count = 1): boolean {
    if (this.left < count) return false
    this.#tokens -= count
    return true
  }

  /** Takes `count` in any case; returns the milliseconds until the debt is paid, 0 if there is none. */
  spend(count: number): number {
    this.#tokens = this.left - count
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000)
  }
}
