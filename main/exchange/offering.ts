import type { Digest } from '../../shared/bytes.ts'
import { MAX_IDS } from './messages.ts'
import { idsToOffer } from './reconcile.ts'
import type { FlowPort, FlowShared } from './statement-flow.ts'

/** The answers to a peer's summaries: all that it may lack, by id (docs/formats/lan.md §5). */
export class Offering {
  readonly #shared: Pick<FlowShared, 'store' | 'summary'>
  readonly #port: Pick<FlowPort, 'hasRoom' | 'send'>
  readonly #knows: Set<Digest>
  /** The answer that is under way: its ids, and how many of them were sent. */
  #answer: { readonly ids: readonly Digest[]; sent: number } | null = null
  /** The last summary that came meanwhile. */
  #next: Uint8Array | null = null

  /** @param knows - takes in what the peer was told of, or has. */
  constructor(
    shared: Pick<FlowShared, 'store' | 'summary'>,
    port: Pick<FlowPort, 'hasRoom' | 'send'>,
    knows: Set<Digest>,
  ) {
    this.#shared = shared
    this.#port = port
    this.#knows = knows
  }

  /** The peer compares ids. */
  onSummary(theirs: Uint8Array): void {
    this.#next = theirs
    this.goOn()
  }

  /** Offers as much as there is room for: the ids of a long log are more than a connection takes at once. */
  goOn(): void {
    while (this.#port.hasRoom) {
      this.#answer ??= this.#nextAnswer()
      if (this.#answer === null) return
      const { ids, sent } = this.#answer
      const some = ids.slice(sent, sent + MAX_IDS)
      this.#answer.sent += some.length
      // One without ids says that this was all.
      if (some.length === 0) this.#answer = null
      this.#port.send({ type: 'have', ids: some })
    }
  }

  #nextAnswer(): { readonly ids: readonly Digest[]; sent: number } | null {
    const theirs = this.#next
    this.#next = null
    if (theirs === null) return null
    const { store } = this.#shared
    const ours = this.#shared.summary()
    const lacking = new Set(idsToOffer(ours, theirs))
    for (const bucket of ours.buckets) for (const id of bucket) this.#knows.add(id)
    if (lacking.size === 0) return { ids: [], sent: 0 }
    // In the order in which they were accepted here, since a roster comes before what names it; what was pruned counts as
    // had and cannot be given.
    return { ids: store.ids().filter((id) => lacking.has(id) && store.envelope(id) !== undefined), sent: 0 }
  }
}
