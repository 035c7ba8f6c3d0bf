import type { Digest } from '../../shared/bytes.ts'
import type { ExchangeStore } from './exchange.ts'
import type { ExchangeLimits, Monotonic } from './limits.ts'
import { MAX_IDS } from './messages.ts'

/** For how many times as long as a silent one a device is waited for that gives other blobs meanwhile. */
const PATIENCE = 30

type Wants = Pick<ExchangeStore, 'blobsWanted' | 'likelyAt'>
type Patience = Pick<ExchangeLimits, 'answerMs' | 'gatherMs'>

/** Of whom alone a blob is asked, and since when; of everybody (null) once that was in vain. */
interface Asked {
  readonly of: Digest | null
  readonly since: number
}

/**
 * Of whom each wanted blob is asked, and when: not at once, since what a statement names follows it by itself as a rule. What is
 * sealed for few is asked of everybody: it is small and urgent, and nobody says who has it. What every member keeps is asked of one device alone: asked of all n, it would come from all, to each of
 * them n times. If that one gives nothing, everybody is asked after all, behind what is asked of one: a member may have promised
 * parts that nobody has. Of more of these than fit into one list everybody is asked by turns.
 */
export class BlobAsks {
  readonly #store: Wants
  readonly #limits: Patience
  readonly #monotonic: Monotonic
  #wanted: readonly Digest[] = []
  /** Since when each of them is. */
  #since: ReadonlyMap<Digest, number> = new Map()
  #lookedAt: number
  #asked: ReadonlyMap<Digest, Asked> = new Map()
  /** Since when those are asked first of everybody that are. */
  #turnedAt: number
  /** When each device last gave a blob that was wanted. */
  readonly #gaveAt = new Map<Digest, number>()

  constructor(store: Wants, limits: Patience, monotonic: Monotonic) {
    this.#store = store
    this.#limits = limits
    this.#monotonic = monotonic
    this.#turnedAt = monotonic()
    this.#lookedAt = this.#turnedAt
  }

  /** Looks anew at what is wanted. @param open - by device the connections that there are. */
  look(open: ReadonlyMap<Digest, unknown>): void {
    this.#wanted = this.#store.blobsWanted()
    const now = this.#monotonic()
    this.#lookedAt = now
    this.#since = new Map(this.#wanted.map((id) => [id, this.#since.get(id) ?? now]))
    if (this.#wanted.length === 0 || open.size === 0) {
      this.#asked = new Map()
      return
    }
    const kept = this.#store.likelyAt(this.#wanted)
    const next = new Map([...kept].map(([id, likely]) => [id, this.#next(id, likely, open)]))
    // In the order of before: a turn is not undone by the next look.
    const known = [...this.#asked.keys()].filter((id) => next.has(id))
    this.#asked = new Map([...known, ...next.keys()].map((id) => [id, next.get(id) as Asked]))
    if (this.#isTurnDue) this.#turn()
  }

  /** Whether those that everybody is asked for are too many to be said at once, and the first were first for long enough. */
  get #isTurnDue(): boolean {
    return this.#monotonic() - this.#turnedAt >= this.#limits.answerMs && this.#ofEverybody.length > MAX_IDS
  }

  /** The first ones that everybody is asked for give way to those behind them. */
  #turn(): void {
    const asked = new Map(this.#asked)
    for (const id of this.#ofEverybody.slice(0, MAX_IDS / 2)) {
      const one = asked.get(id) as Asked
      asked.delete(id)
      asked.set(id, one)
    }
    this.#asked = asked
    this.#turnedAt = this.#monotonic()
  }

  get #ofEverybody(): Digest[] {
    return [...this.#asked].flatMap(([id, { of }]) => (of === null ? [id] : []))
  }

  #next(id: Digest, likely: readonly Digest[], open: ReadonlyMap<Digest, unknown>): Asked {
    const now = this.#monotonic()
    const before = this.#asked.get(id)
    if (before !== undefined && this.#isVain(before)) return { of: null, since: now }
    if (before !== undefined && (before.of === null || open.has(before.of))) return before
    const [anybody = null] = open.keys()
    return { of: likely.find((device) => open.has(device)) ?? anybody, since: now }
  }

  /** What a device is asked for, as it was last looked at; what is sealed for few first, and what was asked in vain last. */
  of(device: Digest): readonly Digest[] {
    const alone = [...this.#asked].flatMap(([id, { of }]) => (of === device ? [id] : []))
    const all = [...this.#wanted.filter((id) => !this.#asked.has(id)), ...alone, ...this.#ofEverybody]
    return all.filter((id) => this.#isDue(id))
  }

  /** Whether something is wanted that is not asked for yet, as it was last looked at: then a look is due in a moment. */
  get isWaiting(): boolean {
    return this.#wanted.some((id) => !this.#isDue(id))
  }

  // By the time of the look: what was not due when it was asked, and is a moment later, would be taken for asked.
  #isDue(id: Digest): boolean {
    return this.#lookedAt - (this.#since.get(id) ?? 0) >= this.#limits.gatherMs
  }

  /** A device gave a blob that was wanted. */
  gave(device: Digest): void {
    this.#gaveAt.set(device, this.#monotonic())
  }

  /** Whether some device was asked in vain, or others have their turn, which a look will find. */
  get isLate(): boolean {
    return this.#isTurnDue || [...this.#asked.values()].some((one) => this.#isVain(one))
  }

  #isVain({ of, since }: Asked): boolean {
    if (of === null) return false
    const now = this.#monotonic()
    const quietSince = Math.max(since, this.#gaveAt.get(of) ?? since)
    return now - quietSince >= this.#limits.answerMs || now - since >= PATIENCE * this.#limits.answerMs
  }
}
