import type { Digest } from '../../shared/bytes.ts'
import { type ExchangeLimits, type Monotonic, TokenBucket } from './limits.ts'

/** Mailboxes that a device may tell of: so many at once, then so many an hour. Each is kept for good. */
const MAIL_KEYS = 8

/** What one device may cost, over whichever of its connections: dialing again must not give it more. */
export class PeerPace {
  /** That it begins, or lets us begin, whichever address it has. */
  readonly connections: TokenBucket
  /** Read of it. */
  readonly bytes: TokenBucket
  readonly messages: TokenBucket
  /** Given to it, however often it asks for the same. */
  readonly given: TokenBucket
  readonly uninvited: TokenBucket
  readonly questions: TokenBucket
  readonly refusals: TokenBucket
  readonly notes: TokenBucket
  readonly mailKeys: TokenBucket
  /** The mail key that it told last: telling the same again costs nothing. */
  mailKey: string | null = null

  constructor(limits: ExchangeLimits, monotonic: Monotonic) {
    const bucket = (burst: number, perSecond: number) => new TokenBucket(burst, perSecond, monotonic)
    const { bytesBurst, bytesPerSecond, uninvitedPerMinute, questionsPerMinute, refusedPerMinute } = limits
    this.connections = bucket(limits.connectionsBurst, limits.connectionsPerSecond)
    this.bytes = bucket(bytesBurst, bytesPerSecond)
    this.messages = bucket(limits.messagesBurst, limits.messagesPerSecond)
    this.given = bucket(bytesBurst, bytesPerSecond)
    this.uninvited = bucket(uninvitedPerMinute, uninvitedPerMinute / 60)
    this.questions = bucket(questionsPerMinute, questionsPerMinute / 60)
    this.refusals = bucket(refusedPerMinute, refusedPerMinute / 60)
    this.notes = bucket(4 * uninvitedPerMinute, uninvitedPerMinute / 15)
    this.mailKeys = bucket(MAIL_KEYS, MAIL_KEYS / 3600)
  }
}

/** The pace of each device that was let in since the start; the roster bounds how many these are. */
export class Paces {
  readonly #limits: ExchangeLimits
  readonly #monotonic: Monotonic
  readonly #paces = new Map<Digest, PeerPace>()

  constructor(limits: ExchangeLimits, monotonic: Monotonic) {
    this.#limits = limits
    this.#monotonic = monotonic
  }

  of(device: Digest): PeerPace {
    const known = this.#paces.get(device)
    if (known !== undefined) return known
    const pace = new PeerPace(this.#limits, this.#monotonic)
    this.#paces.set(device, pace)
    return pace
  }
}
