import type { Digest } from '../../shared/bytes.ts'
import type { ExchangeStore } from './exchange.ts'
import type { ExchangeLimits, Monotonic } from './limits.ts'

/** For how many times as long as a silent one a device is waited for that gives other blobs meanwhile. */
const PATIENCE = 30

type Wants = Pick<ExchangeStore, 'blobsWanted' | 'likelyAt'>
type Patience = Pick<ExchangeLimits, 'answerMs'>

/** Of whom alone a blob is asked, and since when; of everybody (null) once that was in vain. */
interface Asked {
  readonly of: Digest | null
  readonly since: number
}

/**
 * Of whom each wanted blob is asked. What is sealed for few is asked of everybody: it is small and urgent, and nobody says
 * who has it. What every member keeps is asked of one device alone: asked of all n, it would come from all, to each of
 * them n times. If that one gives nothing, everybody is asked after all.
 */
export class BlobAsks {
  readonly #store: Wants
  readonly #limits: Patience
  readonly #monotonic: Monotonic
  #wanted: readonly Digest[] = []
  #asked: ReadonlyMap<Digest, Asked> = new Map()
  /** When each device last gave a blob that was wanted. */
  readonly #gaveAt = new Map<Digest, number>()

  constructor(store: Wants, limits: Patience, monotonic: Monotonic) {
    this.#store = store
    this.#limits = limits
    this.#monotonic = monotonic
  }

  /** Looks anew at what is wanted. @param open - by device the connections that there are. */
  look(open: ReadonlyMap<Digest, unknown>): void {
    this.#wanted = this.#store.blobsWanted()
    if (this.#wanted.length === 0 || open.size === 0) {
      this.#asked = new Map()
      return
    }
    const kept = this.#store.likelyAt(this.#wanted)
    this.#asked = new Map([...kept].map(([id, likely]) => [id, this.#next(id, likely, open)]))
  }

  #next(id: Digest, likely: readonly Digest[], open: ReadonlyMap<Digest, unknown>): Asked {
    const now = this.#monotonic()
    const before = this.#asked.get(id)
    if (before !== undefined && this.#isVain(before)) return { of: null, since: now }
    if (before !== undefined && (before.of === null || open.has(before.of))) return before
    const [anybody = null] = open.keys()
    return { of: likely.find((device) => open.has(device)) ?? anybody, since: now }
  }

  /** What a device is asked for, as it was last looked at; what is sealed for few first. */
  of(device: Digest): readonly Digest[] {
    const kept = [...this.#asked].filter(([, { of }]) => of === null || of === device)
    return [...this.#wanted.filter((id) => !this.#asked.has(id)), ...kept.map(([id]) => id)]
  }

  /** A device gave a blob that was wanted. */
  gave(device: Digest): void {
    this.#gaveAt.set(device, this.#monotonic())
  }

  /** Whether some device was asked in vain, which a look will find. */
  get isLate(): boolean {
    return [...this.#asked.values()].some((one) => this.#isVain(one))
  }

  #isVain({ of, since }: Asked): boolean {
    if (of === null) return false
    const now = this.#monotonic()
    const quietSince = Math.max(since, this.#gaveAt.get(of) ?? since)
    return now - quietSince >= this.#limits.answerMs || now - since >= PATIENCE * this.#limits.answerMs
  }
}
