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

  /** All that is known of a case before its own section. */
  known(request: Digest): Placed[] {
    return [request, ...(this.#near.get(request) ?? [])].flatMap((id) => this.#about.get(id) ?? [])
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
