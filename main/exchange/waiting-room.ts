import { type Digest } from '../../shared/bytes.ts'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import { digestOf } from '../sha256.ts'

/** A statement that cannot be judged yet. Nothing in it is verified, its author included. */
export interface Waiting {
  /** The statement's id. */
  readonly id: Digest
  /** The roster that must arrive before it can be judged. */
  readonly needs: Digest
  /** The device that it says it is by. */
  readonly author: Digest
  readonly envelope: Uint8Array
  /** By which way it came. */
  readonly from: Arrival
}

/** How much may wait. */
export interface WaitingRoomLimits {
  readonly count: number
  /** Sum of the envelopes' bytes. */
  readonly bytes: number
  /** Of one claimed author. */
  readonly countPerAuthor: number
  readonly bytesPerAuthor: number
}

// An organization has at most 100 members: every one of them can have his share waiting.
const DEFAULT_LIMITS: WaitingRoomLimits = {
  count: 10_000,
  bytes: 32 * 1024 * 1024,
  countPerAuthor: 1000,
  bytesPerAuthor: 4 * 1024 * 1024,
}

/**
 * Where statements wait whose roster is not here yet (DESIGN §3, the door). Bounded: the oldest go first, of the same
 * claimed author before anybody else's. What is evicted is not lost: a peer that has it offers it again.
 *
 * Two envelopes of one id both wait: neither is verified, and a spoiled copy must not keep the good one out.
 */
export class WaitingRoom {
  readonly #limits: WaitingRoomLimits
  /** By SHA-256 of the envelope, oldest first. */
  readonly #waiting = new Map<Digest, Waiting>()
  readonly #authors = new Map<Digest, { count: number; bytes: number }>()
  #bytes = 0

  constructor(limits: Partial<WaitingRoomLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Bytes of all that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** The rosters that are waited for. */
  needs(): ReadonlySet<Digest> {
    return new Set([...this.#waiting.values()].map(({ needs }) => needs))
  }

  /**
   * Lets a statement wait; the very same bytes wait once.
   *
   * @returns What had to go for it. An envelope that alone passes a limit is itself what goes.
   */
  add(statement: Waiting): readonly Waiting[] {
    const key = digestOf(statement.envelope)
    if (this.#waiting.has(key)) return []
    this.#waiting.set(key, statement)
    this.#count(statement, 1)
    return [
      ...this.#evictWhile((oldest) => this.#authorIsOver(statement, oldest)),
      ...this.#evictWhile(() => this.#isOver()),
    ]
  }

  /** Takes out, oldest first, all that waited for this roster. */
  take(roster: Digest): readonly Waiting[] {
    const taken: Waiting[] = []
    for (const [key, waiting] of this.#waiting) if (waiting.needs === roster) taken.push(this.#remove(key, waiting))
    return taken
  }

  #evictWhile(isDue: (oldest: Waiting) => boolean): Waiting[] {
    const evicted: Waiting[] = []
    for (const [key, waiting] of this.#waiting) if (isDue(waiting)) evicted.push(this.#remove(key, waiting))
    return evicted
  }

  #authorIsOver({ author }: Waiting, candidate: Waiting): boolean {
    const held = this.#authors.get(author)
    if (candidate.author !== author || held === undefined) return false
    return held.count > this.#limits.countPerAuthor || held.bytes > this.#limits.bytesPerAuthor
  }

  #isOver(): boolean {
    return this.#waiting.size > this.#limits.count || this.#bytes > this.#limits.bytes
  }

  #remove(key: Digest, waiting: Waiting): Waiting {
    this.#waiting.delete(key)
    this.#count(waiting, -1)
    return waiting
  }

  #count({ author, envelope }: Waiting, sign: 1 | -1): void {
    const held = this.#authors.get(author) ?? { count: 0, bytes: 0 }
    const next = { count: held.count + sign, bytes: held.bytes + sign * envelope.length }
    if (next.count === 0) this.#authors.delete(author)
    else this.#authors.set(author, next)
    this.#bytes += sign * envelope.length
  }
}
