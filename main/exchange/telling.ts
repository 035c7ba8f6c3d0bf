import type { Digest } from '../../shared/bytes.ts'
import { TokenBucket } from './limits.ts'
import { MAX_IDS } from './messages.ts'
import type { FlowPort, FlowShared } from './statement-flow.ts'

/** What a peer is told of without having asked: what came to this device, once for each peer (docs/formats/lan.md §5). */
export class Telling {
  readonly #store: FlowShared['store']
  readonly #port: Pick<FlowPort, 'hasRoom' | 'send'>
  readonly #knows: Set<Digest>
  /** What came from others and is to be offered in a moment. */
  readonly #news = new Set<Digest>()
  readonly #pushes: TokenBucket

  /** @param knows - what the peer has or was told of; takes in what it is told here. */
  constructor(
    { store, limits, monotonic }: Pick<FlowShared, 'store' | 'limits' | 'monotonic'>,
    port: Pick<FlowPort, 'hasRoom' | 'send'>,
    knows: Set<Digest>,
  ) {
    this.#store = store
    this.#port = port
    this.#knows = knows
    // Half of what the peer takes uninvited; what is more is offered by id.
    this.#pushes = new TokenBucket(limits.uninvitedPerMinute / 4, limits.uninvitedPerMinute / 240, monotonic)
  }

  /**
   * Tells the peer of statements that it does not know of: the statement itself, or where that is too much its id.
   *
   * @returns those that were sent themselves.
   */
  tell(ids: readonly Digest[], how: 'push' | 'offer'): readonly Digest[] {
    const offers: Digest[] = []
    const pushed: Digest[] = []
    for (const id of ids) {
      if (this.#knows.has(id)) continue
      const envelope = how === 'push' && this.#port.hasRoom ? this.#store.envelope(id) : undefined
      if (envelope !== undefined && this.#pushes.take()) {
        this.#port.send({ type: 'statement', id, envelope })
        pushed.push(id)
      } else offers.push(id)
      this.#knows.add(id)
    }
    this.#offer(offers)
    return pushed
  }

  /** Has these offered with what else comes in the next moment; see {@link Telling.offerNews}. */
  offerSoon(ids: readonly Digest[]): void {
    for (const id of ids) if (!this.#knows.has(id)) this.#news.add(id)
  }

  /** Offers what was to be offered soon and the peer has not told of, or sent, meanwhile. */
  offerNews(): void {
    const ids = [...this.#news]
    this.#news.clear()
    this.tell(ids, 'offer')
  }

  #offer(ids: readonly Digest[]): void {
    for (let at = 0; at < ids.length; at += MAX_IDS) this.#port.send({ type: 'have', ids: ids.slice(at, at + MAX_IDS) })
  }
}
