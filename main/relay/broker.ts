import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { Alarm } from '../outlets/alarm.ts'
import type { Clock } from '../vault/clock.ts'
import { LinkFailure, linkWords } from './failure.ts'
import type { Link, OpenLink } from './link.ts'
import type { BrokerPlace, BrokerSettings } from './records.ts'

/** How a broker is dealt with; tests wait less. */
export interface BrokerPace {
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  /** First and longest wait after a broker went beyond all bounds. */
  readonly coolingMs: number
  readonly longestCoolingMs: number
  /** How often every lane is looked at, whatever the broker says. */
  readonly lookMs: number
}
export const BROKER_PACE: BrokerPace = {
  firstRetryMs: 1000,
  longestRetryMs: 60_000,
  coolingMs: 30_000,
  longestCoolingMs: 8 * 60_000,
  lookMs: 5 * 60_000,
}

const MOST_WAITING = 512
const MOST_WAITING_BYTES = 8 * 1024 * 1024
/** Published at a time, without an answer yet. */
const AT_ONCE = 16
/** A message that a broker refused so often is not offered to it again. */
const TRIES = 3
/** Messages of one lane before the others' turn. */
const IN_A_ROW = 8

/** A lane that is read: whose, and under which subject. */
export interface Lane {
  readonly subject: string
  readonly from: Digest
}

/** The lanes that are read now, those first in which something new is likely; and a name for whose they are. */
export interface Lanes {
  readonly all: readonly Lane[]
  /** Those in which something may come: watched. */
  readonly live: readonly string[]
  readonly peers: Digest
}

/** What a broker asks of those who use it. */
export interface BrokerParts {
  readonly settings: BrokerSettings
  readonly place: BrokerPlace | null
  readonly clock: Clock
  readonly pace: BrokerPace
  readonly open: OpenLink
  readonly lanes: () => Lanes
  /** Milliseconds until another message of that device may be read; 0 for now. */
  readonly wait: (from: Digest) => number
  /** @throws if it could not be kept: then it is read again. */
  readonly take: (lane: Lane, bytes: Uint8Array) => Promise<void>
  /** Something that should have been sent was not, and now there is room: whoever missed it is to be told what there is. */
  readonly lost: () => void
  readonly savePlace: (place: BrokerPlace) => Promise<void>
  readonly onChange: () => void
}

/** How a broker stands. */
export interface BrokerStanding {
  readonly state: 'connecting' | 'on' | 'waiting'
  readonly since: UnixMilliseconds
  readonly trouble: string | null
  /** Messages that it said it keeps, since unlocking; those that are still to go there; those that were read there. */
  readonly kept: number
  readonly waiting: number
  readonly read: number
  /** Messages that were to go there and gave way, or that it refused again and again, since unlocking. */
  readonly dropped: number
}

interface Outgoing {
  readonly subject: string
  readonly bytes: Uint8Array
  tries: number
}

/**
 * One broker, as long as the app is unlocked: connects, sends what waits, reads the lanes at its own speed, and begins anew
 * with longer and longer pauses. Trusts nothing that comes from there: a message is bytes, a hint is a reason to look.
 */
export class Broker {
  readonly settings: BrokerSettings
  readonly #parts: BrokerParts
  readonly #outbox: Outgoing[] = []
  #outboxBytes = 0
  #hasLost = false
  readonly #toSend = new Alarm()
  readonly #toRead = new Alarm()
  readonly #toTry = new Alarm()
  #lanes: ReadonlyMap<string, Lane> = new Map()
  /** Subjects in which something may be, in the order of their turns. */
  readonly #dirty = new Set<string>()
  /** Where in the stream each lane goes on. */
  readonly #next = new Map<string, number>()
  #lookDue = false
  #place: BrokerPlace | null
  /** Ends what is open, or is being opened. */
  #leave = new AbortController()
  #closed = false
  #running: Promise<void> = Promise.resolve()
  #standing: BrokerStanding

  constructor(parts: BrokerParts) {
    this.settings = parts.settings
    this.#parts = parts
    this.#place = parts.place
    this.#standing = {
      state: 'connecting',
      since: parts.clock().wall,
      trouble: null,
      kept: 0,
      waiting: 0,
      read: 0,
      dropped: 0,
    }
  }

  start(): void {
    this.#running = this.#run()
  }

  standing(): BrokerStanding {
    return { ...this.#standing, waiting: this.#outbox.length }
  }

  /** Leaves a message there, now or once it is reached. */
  send(subject: string, bytes: Uint8Array): void {
    let dropped = 0
    this.#outbox.push({ subject, bytes, tries: 0 })
    this.#outboxBytes += bytes.length
    while (this.#outbox.length > MOST_WAITING || this.#outboxBytes > MOST_WAITING_BYTES) {
      this.#outboxBytes -= this.#outbox.shift()?.bytes.length ?? 0
      dropped++
    }
    this.#drop(dropped)
    this.#toSend.ring()
  }

  /** Other lanes are to be read: people or the day changed. */
  lanesChanged(): void {
    this.#lookAtAll()
  }

  /** Tries at once. */
  tryNow(): void {
    this.#toTry.ring()
    this.#lookAtAll()
  }

  /** Leaves the broker; what waits to go there is not sent any more. */
  async close(): Promise<void> {
    this.#closed = true
    for (const alarm of [this.#toSend, this.#toRead, this.#toTry]) alarm.ring()
    this.#leave.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { firstRetryMs, longestRetryMs, coolingMs, longestCoolingMs } = this.#parts.pace
    let failures = 0
    let misdeeds = 0
    while (!this.#closed) {
      const before = this.#parts.clock().monotonic
      const error = await this.#connected()
      if (this.#closed) return
      // One that lets in and drops again at once is no better than one that does not let in.
      if (this.#parts.clock().monotonic - before > longestRetryMs) failures = 0
      const isMisdeed = error instanceof LinkFailure && error.isMisdeed
      const [first, longest, times] = isMisdeed
        ? [coolingMs, longestCoolingMs, misdeeds++]
        : [firstRetryMs, longestRetryMs, failures++]
      this.#set({ state: 'waiting', trouble: linkWords(error) })
      // Less than the whole of it, so that many apps do not come back in the same moment.
      await this.#toTry.wait(Math.min(first * 2 ** Math.min(times, 16), longest) * (0.5 + Math.random() / 2))
    }
  }

  /** One connection, from its beginning to its end. @returns why it ended, or was none. */
  async #connected(): Promise<unknown> {
    this.#set({ state: 'connecting' })
    this.#leave = new AbortController()
    let link: Link
    try {
      link = await this.#parts.open(this.settings, (subject) => this.#hint(subject), this.#leave.signal)
    } catch (error) {
      return error
    }
    let reason: unknown = null
    let isOver = false
    const over = link.over.then((error) => {
      isOver = true
      reason ??= error
      for (const alarm of [this.#toSend, this.#toRead]) alarm.ring()
    })
    const end = async (error: unknown) => {
      reason ??= error
      await link.close().catch(() => undefined)
    }
    if (this.#closed) await end(null)
    else {
      this.#toTry.reset()
      this.#set({ state: 'on', trouble: null })
    }
    await Promise.all([
      this.#sending(link, () => isOver).catch(end),
      this.#reading(link, () => isOver).catch(end),
      over,
    ])
    return reason
  }

  async #sending(link: Link, isOver: () => boolean): Promise<void> {
    while (!isOver() && !this.#closed) {
      const batch = this.#outbox.slice(0, AT_ONCE)
      if (batch.length === 0) {
        // Only now: before, whatever is said of what was lost could be lost as well.
        if (this.#hasLost) this.#parts.lost()
        this.#hasLost = false
        await this.#toSend.wait(null)
        continue
      }
      const results = await Promise.allSettled(batch.map(({ subject, bytes }) => link.publish(subject, bytes)))
      const failed = results.find((result) => result.status === 'rejected')
      const done = batch.filter((one, at) => results[at]?.status === 'fulfilled' || ++one.tries >= TRIES)
      for (const one of done) {
        const at = this.#outbox.indexOf(one)
        if (at < 0) continue
        this.#outbox.splice(at, 1)
        this.#outboxBytes -= one.bytes.length
      }
      const kept = results.filter(({ status }) => status === 'fulfilled').length
      this.#set({ kept: this.#standing.kept + kept })
      this.#drop(done.length - kept)
      if (failed !== undefined && !isOver()) throw failed.reason
    }
  }

  /** Some messages are not sent to this broker any more: whoever should have had them is told what there is. */
  #drop(count: number): void {
    if (count === 0) return
    this.#hasLost = true
    this.#set({ dropped: this.#standing.dropped + count })
  }

  async #reading(link: Link, isOver: () => boolean): Promise<void> {
    const { lookMs } = this.#parts.pace
    const now = () => this.#parts.clock().monotonic
    let look: BrokerPlace | null = null
    let nextLook = now()
    while (!isOver() && !this.#closed) {
      // Whatever else there is to do: hints without an end would keep every lane from being looked at.
      if (this.#lookDue || now() >= nextLook) {
        nextLook = now() + lookMs
        look = await this.#beginLook(link)
      }
      const { lane, waitMs } = this.#due()
      if (lane !== null) {
        await this.#readLane(link, lane, isOver)
        continue
      }
      if (this.#dirty.size === 0 && look !== null) {
        await this.#endLook(look)
        look = null
      }
      await this.#toRead.wait(Math.min(waitMs ?? lookMs, Math.max(0, nextLook - now())))
    }
  }

  #lookAtAll(): void {
    this.#lookDue = true
    this.#toRead.ring()
  }

  #hint(subject: string): void {
    // A broker says what it likes: only lanes of ours are looked at.
    if (!this.#lanes.has(subject)) return
    this.#dirty.add(subject)
    this.#toRead.ring()
  }

  /** Every lane is to be looked at; afterwards everything is read that is there now. */
  async #beginLook(link: Link): Promise<BrokerPlace> {
    this.#lookDue = false
    const { created, last } = await link.stream()
    const { all, live, peers } = this.#parts.lanes()
    this.#lanes = new Map(all.map((lane) => [lane.subject, lane]))
    const place = this.#place
    const isSame = place !== null && place.created === created && place.read <= last
    // Another stream, or an older state of it, counts from the start.
    if (!isSame) this.#next.clear()
    const first = isSame && place.peers === peers ? place.read + 1 : 1
    for (const subject of this.#next.keys()) if (!this.#lanes.has(subject)) this.#next.delete(subject)
    this.#dirty.clear()
    for (const subject of this.#lanes.keys()) {
      if (!this.#next.has(subject)) this.#next.set(subject, first)
      this.#dirty.add(subject)
    }
    link.watch(live)
    return { created, read: last, peers }
  }

  async #endLook(place: BrokerPlace): Promise<void> {
    const isNew =
      place.read !== this.#place?.read || place.created !== this.#place.created || place.peers !== this.#place.peers
    this.#place = place
    // A disk that does not keep it: then more is read again next time, and nothing is lost.
    if (isNew) await this.#parts.savePlace(place).catch(() => undefined)
  }

  /** The lane whose turn it is; or how long all that are due have to wait, null if none is. */
  #due(): { readonly lane: Lane | null; readonly waitMs: number | null } {
    let waitMs: number | null = null
    for (const subject of this.#dirty) {
      const lane = this.#lanes.get(subject)
      if (lane === undefined) continue
      const wait = this.#parts.wait(lane.from)
      if (wait <= 0) return { lane, waitMs: 0 }
      waitMs = Math.min(waitMs ?? wait, wait)
    }
    return { lane: null, waitMs }
  }

  async #readLane(link: Link, lane: Lane, isOver: () => boolean): Promise<void> {
    this.#dirty.delete(lane.subject)
    for (let count = 0; count < IN_A_ROW && !isOver() && !this.#closed; count++) {
      const from = this.#next.get(lane.subject) ?? 1
      const stored = await link.next(lane.subject, from)
      if (stored === null) return
      await this.#parts.take(lane, stored.bytes)
      this.#next.set(lane.subject, stored.seq + 1)
      this.#standing = { ...this.#standing, read: this.#standing.read + 1 }
      if (this.#parts.wait(lane.from) > 0) break
    }
    // Behind the others.
    this.#dirty.add(lane.subject)
  }

  #set(change: Partial<BrokerStanding>): void {
    const isOther = change.state !== undefined && change.state !== this.#standing.state
    this.#standing = {
      ...this.#standing,
      ...change,
      ...(isOther ? { since: this.#parts.clock().wall } : {}),
    }
    this.#parts.onChange()
  }
}
