import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import type { RelayContent } from '../../shared/carriers/relay.ts'
import type { WitnessAnswer, WitnessRequest } from '../exchange/exchange.ts'
import { TokenBucket } from '../exchange/limits.ts'
import { BROKER_PACE, Broker, type BrokerPace, type BrokerStanding, type Lane, type Lanes } from './broker.ts'
import type { OpenLink } from './link.ts'
import type { RelayIdentity, RelayPeer, RelayWorld } from './ports.ts'
import { Post } from './post.ts'
import type { BrokerPlace, BrokerSettings } from './records.ts'
import { Talk } from './talk.ts'

/** Boxes that are opened: of one sender, and of all. */
const READ_BOUNDS = { ofOne: [256, 2], ofAll: [1024, 16] } as const
/** How often is looked what is due by the clock. */
const TURN_MS = 1000

/** How the relay is run; tests bring their own. */
export interface RelayOptions {
  readonly open: OpenLink
  readonly pace: BrokerPace
}
export const RELAY_OPTIONS: RelayOptions = {
  // The client for NATS is loaded by those who use one.
  open: async (...given) => (await import('./link.ts')).openNatsLink(...given),
  pace: BROKER_PACE,
}

/** A broker, and what came of it. */
export interface BrokerState extends BrokerStanding {
  readonly settings: BrokerSettings
  /** Messages that lay there and that nobody can read. */
  readonly unreadable: number
}

/** The meeting point of those who are not in one room: some brokers, and what is said by them. Off while there is none. */
export class Relay {
  readonly #identity: RelayIdentity
  readonly #world: RelayWorld
  readonly #options: RelayOptions
  readonly #post: Post
  readonly #talk: Talk
  readonly #brokers = new Map<string, Broker>()
  readonly #unreadable = new Map<string, number>()
  readonly #ofOne = new Map<Digest, TokenBucket>()
  readonly #ofAll: TokenBucket
  readonly #onChange: () => void
  /** One message at a time, whichever broker it lay at. */
  #taking: Promise<unknown> = Promise.resolve()
  #turning: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | null = null
  #lanes: Lanes | null = null
  #closed = false

  constructor(identity: RelayIdentity, world: RelayWorld, onChange: () => void, options: RelayOptions = RELAY_OPTIONS) {
    this.#identity = identity
    this.#world = world
    this.#options = options
    this.#onChange = onChange
    this.#post = new Post(identity)
    this.#talk = new Talk(
      world,
      () => identity.peers(),
      (to, content) => this.#send(to, content),
    )
    this.#ofAll = this.#bucket(READ_BOUNDS.ofAll)
  }

  /** Begins to use a broker. */
  use(settings: BrokerSettings, place: BrokerPlace | null, savePlace: (place: BrokerPlace) => Promise<void>): void {
    if (this.#closed) return
    const broker = new Broker({
      settings,
      place,
      savePlace,
      clock: this.#world.clock,
      pace: this.#options.pace,
      open: this.#options.open,
      lanes: () => this.#post.lanes(this.#world.clock().wall),
      wait: (from) => this.#wait(from),
      take: (lane, bytes) => this.#inTurn(() => this.#take(settings.id, lane, bytes)),
      lost: () => this.#talk.lost(),
      onChange: this.#onChange,
    })
    this.#brokers.set(settings.id, broker)
    broker.start()
    // Whoever has not been told by this one is told now.
    this.#talk.lost()
    this.#timer ??= setInterval(() => this.#turn(), TURN_MS)
    this.#turn()
  }

  /** Leaves a broker. */
  async leave(id: string): Promise<void> {
    const broker = this.#brokers.get(id)
    this.#brokers.delete(id)
    this.#unreadable.delete(id)
    await broker?.close()
  }

  /** Tries a broker at once. */
  tryNow(id: string): void {
    this.#brokers.get(id)?.tryNow()
  }

  /** A statement was accepted, however it came. */
  accepted(id: Digest): void {
    if (this.#brokers.size > 0) this.#talk.accepted(id, this.#world.about(id)?.author === this.#identity.device)
  }

  /** The time inside the newest message of a device; null if none came since unlocking. */
  lastHeard(device: Digest): UnixMilliseconds | null {
    return this.#brokers.size === 0 ? null : this.#talk.lastHeard(device)
  }

  /** Devices that may be there to cosign something, those first that were heard of last. */
  recent(): Digest[] {
    return this.#brokers.size === 0 ? [] : this.#talk.recent()
  }

  /** Asks a device to cosign a checkpoint; see {@link Talk.requestWitness}. */
  requestWitness(device: Digest, request: WitnessRequest): Promise<WitnessAnswer> {
    return this.#talk.requestWitness(device, request)
  }

  /** How each broker stands, in the order in which they were added. */
  brokers(): BrokerState[] {
    const { unsent } = this.#talk
    return [...this.#brokers.values()].map((broker) => {
      const standing = broker.standing()
      return {
        ...standing,
        // What is about to be said waits as well.
        waiting: standing.waiting + unsent,
        settings: broker.settings,
        unreadable: this.#unreadable.get(broker.settings.id) ?? 0,
      }
    })
  }

  /** Leaves all brokers, and wipes its keys. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#talk.close()
    await Promise.all([...this.#brokers.values()].map((broker) => broker.close()))
    await Promise.all([this.#taking.catch(() => undefined), this.#turning])
    this.#post.close()
  }

  #turn(): void {
    const lanes = this.#post.lanes(this.#world.clock().wall)
    if (lanes !== this.#lanes) for (const broker of this.#brokers.values()) broker.lanesChanged()
    this.#lanes = lanes
    // A store that fails says so where it fails; what was due is due again.
    this.#turning = this.#turning.then(() => this.#talk.turn()).catch(() => undefined)
  }

  async #send(to: RelayPeer, content: RelayContent): Promise<void> {
    if (this.#closed) return
    const { subject, box } = await this.#post.seal(to, content, this.#world.clock().wall)
    for (const broker of this.#brokers.values()) broker.send(subject, box)
  }

  async #take(broker: string, lane: Lane, bytes: Uint8Array): Promise<void> {
    const from = this.#identity.peers().find(({ device }) => device === lane.from)
    if (from === undefined || this.#closed) return
    this.#ofAll.spend(1)
    this.#bucketOf(lane.from).spend(1)
    const message = await this.#post.open(from, bytes)
    if (message === 'known') return
    const isRead = message !== 'unreadable' && (await this.#talk.take(from, message))
    this.#post.remember(from, bytes)
    if (!isRead) this.#unreadable.set(broker, (this.#unreadable.get(broker) ?? 0) + 1)
    this.#onChange()
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#taking.then(work)
    this.#taking = turn.catch(() => undefined)
    return turn
  }

  #wait(from: Digest): number {
    const [one, all] = [this.#bucketOf(from).left, this.#ofAll.left]
    const [, ofOne] = READ_BOUNDS.ofOne
    const [, ofAll] = READ_BOUNDS.ofAll
    return Math.max(0, ((1 - one) / ofOne) * 1000, ((1 - all) / ofAll) * 1000)
  }

  #bucketOf(device: Digest): TokenBucket {
    const known = this.#ofOne.get(device)
    if (known !== undefined) return known
    const bucket = this.#bucket(READ_BOUNDS.ofOne)
    this.#ofOne.set(device, bucket)
    return bucket
  }

  #bucket([burst, perSecond]: readonly [number, number]): TokenBucket {
    return new TokenBucket(burst, perSecond, () => this.#world.clock().monotonic)
  }
}
