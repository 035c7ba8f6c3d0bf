import type { Digest } from '../bytes.ts'
import { REQUEST_VALID_MS } from '../case/types.ts'
import type { Placed } from './batch.ts'

/**
 * What judging each case takes from the section of requests: the request itself, its withdrawals, and the same of every other
 * request for the same plan within an hour, since cases name one another (rules.md §9).
 */
export class Requests {
  readonly #about = new Map<Digest, Placed[]>()
  readonly #near = new Map<Digest, Digest[]>()
  /** How many cases still need what is about a request, where some had it: its own, and those near it. */
  readonly #left = new Map<Digest, number>()
  /** Ids of requests by the time they claim, oldest first. */
  readonly byTime: readonly Digest[]

  constructor(placed: readonly Placed[]) {
    const requests: { readonly id: Digest; readonly plan: Digest; readonly time: number }[] = []
    for (const one of placed) {
      const { kind, id, payload } = one.statement
      if (kind === 'request') requests.push({ id, plan: payload.plan, time: payload.time })
      const of = kind === 'withdrawal' ? payload.request : id
      const here = this.#about.get(of)
      if (here === undefined) this.#about.set(of, [one])
      else here.push(one)
    }
    requests.sort((a, b) => a.time - b.time)
    this.byTime = [...new Set(requests.map(({ id }) => id))]
    const open = new Map<Digest, typeof requests>()
    for (const request of requests) {
      const recent = (open.get(request.plan) ?? []).filter(({ time }) => request.time - time < REQUEST_VALID_MS)
      for (const other of recent) this.#pair(request.id, other.id)
      open.set(request.plan, [...recent, request])
    }
  }

  /** All that is known of a case before its own section. To be asked for once: what no other case needs is let go. */
  take(request: Digest): Placed[] {
    const named = [request, ...(this.#near.get(request) ?? [])]
    const known = named.flatMap((id) => this.#about.get(id) ?? [])
    for (const id of named) this.#letGo(id)
    return known
  }

  #letGo(id: Digest): void {
    const left = (this.#left.get(id) ?? 1 + (this.#near.get(id)?.length ?? 0)) - 1
    if (left > 0) this.#left.set(id, left)
    else {
      this.#left.delete(id)
      this.#about.delete(id)
    }
  }

  #pair(a: Digest, b: Digest): void {
    if (a === b) return
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const near = this.#near.get(one)
      if (near === undefined) this.#near.set(one, [other])
      else if (!near.includes(other)) near.push(other)
    }
  }
}
