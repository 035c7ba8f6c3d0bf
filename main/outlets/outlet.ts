import type { UnixMilliseconds } from '../../shared/bytes.ts'
import { Alarm } from './alarm.ts'
import { Bookmark } from './bookmark.ts'
import { DeliveryFailure, failureWords } from './failure.ts'
import type { OutletPlace, Settings } from './records.ts'
import type { Batch, Source } from './source.ts'
import type { Transport } from './transports/transport.ts'

/** How long an outlet waits for what; tests wait less. */
export interface Pace {
  /** For more statements to come, so that what one case brings at once goes out at once. */
  readonly settleMs: number
  /** After the first failure; doubled by each further one. */
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  /** Between two records of how far it is. */
  readonly saveMs: number
}

export const PACE: Pace = { settleMs: 200, firstRetryMs: 1000, longestRetryMs: 300_000, saveMs: 1000 }

/** What one outlet is made of. */
export interface OutletParts {
  readonly settings: Settings
  readonly place: OutletPlace | null
  readonly source: Source
  readonly transport: Transport
  readonly pace: Pace
  readonly now: () => UnixMilliseconds
  /** Makes durable how far it is. */
  readonly save: (place: OutletPlace) => Promise<void>
  readonly onChange: () => void
}

/** How an outlet stands. */
export interface OutletStanding {
  readonly state: 'up-to-date' | 'sending' | 'waiting'
  /** The first entry of the ledger that it is about, and the one that goes out next. */
  readonly start: number
  readonly next: number
  /** How many in between were removed from this device before they went out. */
  readonly gone: number
  readonly lastAt: UnixMilliseconds | null
  /** Why the last attempt failed, in a few words; null if it did not. */
  readonly trouble: string | null
  /** Since when attempts fail. */
  readonly since: UnixMilliseconds | null
  readonly nextTryAt: UnixMilliseconds | null
}

/**
 * One outlet at work: reads the ledger from its place on, delivers in order, and moves on only when it is sure. What
 * fails is tried again, later each time. It has a loop of its own and holds nothing that anybody else waits for.
 */
export class Outlet {
  readonly settings: Settings
  readonly #parts: OutletParts
  readonly #stop = new AbortController()
  readonly #alarm = new Alarm()
  readonly #bookmark: Bookmark
  readonly #start: number
  #next: number
  #gone: number
  /** The most at once that this receiver takes at all, and that are sent to it next. */
  #limit: number
  #most: number
  #failures = 0
  /** For how long the receiver asked us to wait. */
  #askedMs = 0
  #hasMore = false
  #isSending = false
  #trouble: string | null = null
  #since: UnixMilliseconds | null = null
  #nextTryAt: UnixMilliseconds | null = null
  #settling: NodeJS.Timeout | null = null
  #askers: (() => void)[] = []

  constructor(parts: OutletParts) {
    this.settings = parts.settings
    this.#parts = parts
    this.#bookmark = new Bookmark(parts.place, parts.pace.saveMs, parts.save)
    this.#next = nextOf(parts)
    this.#start = Math.min(parts.settings.start, this.#next)
    this.#gone = parts.place?.gone ?? 0
    this.#limit = parts.transport.most
    this.#most = this.#limit
  }

  start(): void {
    void this.#run()
  }

  /** There is more to deliver; an outlet that waits after a failure goes on waiting. */
  nudge(): void {
    if (this.#isStopped || this.#failures > 0 || this.#next >= this.#parts.source.size()) return
    this.#settling ??= setTimeout(() => {
      this.#settling = null
      this.#alarm.ring()
    }, this.#parts.pace.settleMs)
  }

  /** Tries at once, also if nothing waits to go out. Resolves when that attempt has ended. */
  tryNow(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      this.#askers.push(resolve)
      this.#alarm.ring()
    })
  }

  standing(): OutletStanding {
    const { source } = this.#parts
    const isBehind = this.#next < source.size()
    const trouble = this.#trouble ?? (isBehind && !source.isReady() ? 'this device is in no organization yet' : null)
    return {
      state: trouble !== null ? 'waiting' : isBehind || this.#isSending ? 'sending' : 'up-to-date',
      start: this.#start,
      next: this.#next,
      gone: this.#gone,
      lastAt: this.#bookmark.place?.at ?? null,
      trouble,
      since: this.#since,
      nextTryAt: this.#nextTryAt,
    }
  }

  /** Gives up what is under way, and keeps how far it is, as far as the journal still takes it. */
  async close(): Promise<void> {
    this.#stop.abort()
    if (this.#settling !== null) clearTimeout(this.#settling)
    this.#alarm.ring()
    for (const answer of this.#askers.splice(0)) answer()
    await this.#bookmark.close()
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const asked = this.#askers.splice(0)
      await this.#turn(asked.length > 0)
      for (const answer of asked) answer()
      if (!this.#isStopped && this.#askers.length === 0) await this.#pause()
    }
  }

  /** One attempt at what is next; none, if nothing is, nobody asked and the last one did not fail. */
  async #turn(isAsked: boolean): Promise<void> {
    this.#hasMore = false
    try {
      const batch = this.#batch()
      const isNothing = batch.to === this.#next
      if (isNothing && !isAsked && this.#failures === 0) return
      // Entries that are nobody's business are passed over, which says nothing of whether there is a way out.
      if (batch.events.length === 0 && !isNothing) {
        this.#moved(batch, this.#bookmark.place?.at ?? null)
        return isAsked && !this.#isStopped ? this.#turn(true) : undefined
      }
      await this.#deliver(batch)
      if (!this.#isStopped) this.#delivered(batch)
    } catch (error) {
      if (!this.#isStopped) this.#failed(error)
    }
  }

  #batch(): Batch {
    const { source } = this.#parts
    const behind = this.#next < source.size() ? source.read(this.#next, this.#most) : null
    return behind ?? { events: [], to: this.#next, gone: 0 }
  }

  async #deliver({ events }: Batch): Promise<void> {
    this.#isSending = true
    this.#parts.onChange()
    try {
      await this.#untilStopped((signal) => this.#parts.transport.deliver(events, signal))
    } finally {
      this.#isSending = false
    }
  }

  /** What a transport cannot give up by itself, a name that is being looked up, holds nobody when the outlet closes. */
  #untilStopped(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#stop
    // One of its own, since whatever hangs on the outlet's own signal stays there as long as the outlet works.
    const attempt = new AbortController()
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        attempt.abort()
        reject(new DeliveryFailure('stopped'))
      }
      signal.addEventListener('abort', giveUp, { once: true })
      act(attempt.signal)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', giveUp))
    })
  }

  #moved({ to, gone }: Batch, at: UnixMilliseconds | null): void {
    const last = this.#parts.source.idAt(to - 1)
    this.#gone += gone
    if (to > this.#next && last !== undefined)
      this.#bookmark.move({ next: to, last, at, ...(this.#gone > 0 && { gone: this.#gone }) })
    this.#hasMore = to > this.#next && to < this.#parts.source.size()
    this.#next = to
    this.#parts.onChange()
  }

  #delivered(batch: Batch): void {
    this.#most = Math.min(this.#limit, this.#most * 2)
    this.#failures = 0
    this.#trouble = null
    this.#since = null
    this.#moved(batch, this.#parts.now())
  }

  #failed(error: unknown): void {
    if (error instanceof DeliveryFailure && error.kind !== 'other') this.#sendLess(error.kind)
    this.#failures++
    this.#askedMs = error instanceof DeliveryFailure ? error.waitMs : 0
    this.#since ??= this.#parts.now()
    this.#trouble = failureWords(error)
  }

  /** A receiver that needs longer for a batch than it has would get the same one for ever. */
  #sendLess(why: 'too much' | 'slow'): void {
    this.#most = Math.max(1, Math.floor(this.#most / 2))
    if (why === 'too much') this.#limit = this.#most
  }

  /** Until the next attempt is due, or there is something to do. */
  async #pause(): Promise<void> {
    if (this.#hasMore) return
    if (this.#failures === 0) return this.#alarm.wait(null)
    const ms = this.#retryMs()
    this.#alarm.reset()
    this.#nextTryAt = this.#parts.now() + ms
    this.#parts.onChange()
    await this.#alarm.wait(ms)
    this.#nextTryAt = null
  }

  #retryMs(): number {
    const { firstRetryMs, longestRetryMs } = this.#parts.pace
    const whole = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 20))
    // Between half and whole, so that what failed together is not tried again together. Nobody makes us wait longer than we would.
    return Math.max(Math.round(whole * (0.5 + Math.random() / 2)), Math.min(longestRetryMs, this.#askedMs))
  }
}

/** After a journal that lost records its entries have other positions; whatever is not sure goes out once more. */
function nextOf({ settings, place, source }: OutletParts): number {
  if (place === null) return Math.min(settings.start, source.size())
  if (source.idAt(place.next - 1) === place.last) return place.next
  const found = source.placeOf(place.last)
  return found < 0 ? Math.min(settings.start, source.size()) : found + 1
}
