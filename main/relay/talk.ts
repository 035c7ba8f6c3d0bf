import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import type { FileParts } from '../../shared/carriers/file.ts'
import { unpack } from '../../shared/carriers/pack.ts'
import { PackError } from '../../shared/carriers/pack-error.ts'
import {
  bucketsThatDiffer,
  comparedWith,
  MOST_BLOBS_WANTED,
  type RelayContent,
  type RelayMessage,
  relayHave,
  relaySummary,
} from '../../shared/carriers/relay.ts'
import { CLOCK_TOLERANCE_MS } from '../../shared/case/types.ts'
import { compression } from '../compression.ts'
import type { WitnessAnswer, WitnessRequest } from '../exchange/exchange.ts'
import { TokenBucket } from '../exchange/limits.ts'
import { blobPacks, notePack, packsOf } from './packs.ts'
import type { RelayPeer, RelayWorld } from './ports.ts'
import { newSalt } from './post.ts'
import { Witnessing } from './witnessing.ts'

/** What is new waits so long for what comes with it, so that both go in one message. */
const TOGETHER_MS = 50
/** What others wrote is passed on after this, to those who may not have got it. */
const PASS_ON_MS = 1000
const HOUR_MS = 3_600_000
/** What is wanted is asked for once it has not come by itself. */
const PATIENCE_MS = 5000
/** Messages in answer to one `have`. */
const MOST_IN_ANSWER = 64
/** Recorded for the owner's own log: no hurry. */
const NO_HURRY: ReadonlySet<string> = new Set(['read', 'exported', 'pruned'])

/** Sends a message to a device, by every broker. */
export type SendTo = (to: RelayPeer, content: RelayContent) => Promise<void>

interface Told {
  /** When it was sent a summary last, by the monotonic clock, and of how many statements. */
  at: number
  count: number
}

/** What is said by relay, and what comes of what others say (docs/formats/relay.md §3). */
export class Talk {
  readonly #world: RelayWorld
  readonly #peers: () => readonly RelayPeer[]
  readonly #send: SendTo
  readonly #witnessing: Witnessing
  readonly #told = new Map<Digest, Told>()
  readonly #heard = new Map<Digest, { readonly sent: UnixMilliseconds; readonly at: number }>()
  readonly #answers = new Map<Digest, TokenBucket>()
  readonly #refused = new Map<Digest, TokenBucket>()
  /** Accepted, and not yet sent: our own, and others'. */
  readonly #own = new Set<Digest>()
  readonly #others = new Map<Digest, number>()
  /** Of our own, those that are being handed to the brokers. */
  #leaving = 0
  /** Blobs that are wanted, and since when; those that were asked for, and when. */
  readonly #wanted = new Map<Digest, number>()
  readonly #askedFor = new Map<Digest, number>()
  #ownTimer: NodeJS.Timeout | null = null
  #othersTimer: NodeJS.Timeout | null = null
  #closed = false

  constructor(world: RelayWorld, peers: () => readonly RelayPeer[], send: SendTo) {
    this.#world = world
    this.#peers = peers
    this.#send = send
    this.#witnessing = new Witnessing(world, peers, send)
  }

  /** When a device was heard of last: the newest time inside a message of its; null if it was not. */
  lastHeard(device: Digest): UnixMilliseconds | null {
    return this.#heard.get(device)?.sent ?? null
  }

  /** Devices that may be there: heard of within the hour by what they wrote within it, whoever was heard of last first. */
  recent(): Digest[] {
    return this.#peers()
      .flatMap(({ device }) => (this.#isRecent(device) ? device : []))
      .toSorted((a, b) => (this.lastHeard(b) ?? 0) - (this.lastHeard(a) ?? 0))
  }

  /** Statements of this device that no broker was given yet. */
  get unsent(): number {
    return this.#own.size + this.#leaving
  }

  /** Asks a device to cosign a checkpoint. @throws {ExchangeError} `not-connected` once the relay is left; `timed-out`. */
  requestWitness(device: Digest, request: WitnessRequest): Promise<WitnessAnswer> {
    return this.#witnessing.ask(device, request)
  }

  /** A statement was accepted, however it came. */
  accepted(id: Digest, isOwn: boolean): void {
    const about = this.#world.about(id)
    if (about === undefined || NO_HURRY.has(about.kind) || this.#closed) return
    const { wall, monotonic } = this.#world.clock()
    if (isOwn) {
      this.#own.add(id)
      this.#ownTimer ??= later(TOGETHER_MS, () => this.#sendOwn())
    } else if (about.time > wall - HOUR_MS) {
      // What is older came with a summary, or does so: to pass on a whole log would fill every lane.
      this.#others.set(id, monotonic)
      this.#othersTimer ??= later(PASS_ON_MS, () => this.#passOn())
    }
  }

  /** Looks what is due by the clock; called from time to time. */
  async turn(): Promise<void> {
    if (this.#closed) return
    await this.#tellSummaries()
    await this.#askForBlobs()
  }

  /** Something that was to be sent is lost, or may be: everybody is told anew what there is, within a minute. */
  lost(): void {
    const dueInAMinute = this.#world.clock().monotonic - HOUR_MS + 60_000
    for (const told of this.#told.values()) {
      told.at = Math.min(told.at, dueInAMinute)
      told.count = -1
    }
  }

  /**
   * Takes in a message.
   *
   * @returns false if it held what nobody can read; what it says otherwise was judged where everything is judged.
   * @throws if the store could not keep what came.
   */
  async take(from: RelayPeer, { sent, content }: RelayMessage): Promise<boolean> {
    this.#hear(from.device, sent)
    switch (content.kind) {
      case 'pack':
        return this.#takePack(from, content.pack)
      case 'summary': {
        if (!this.#mayAnswer(from.device)) return true
        const ids = this.#world.store.ids()
        const have = relayHave(ids, bucketsThatDiffer(ids, content.summary), false)
        if (have.kind === 'have' && have.buckets.length > 0) await this.#send(from, have)
        return true
      }
      case 'have':
        if (this.#mayAnswer(from.device)) await this.#answerHave(from, content)
        return true
      case 'blobs-wanted': {
        if (!this.#mayAnswer(from.device)) return true
        const mayHave = new Set(this.#world.store.blobsFor(from.device))
        const wanted = content.blobs.filter((id) => mayHave.has(id))
        for await (const one of blobPacks(this.#world.store, wanted)) await this.#send(from, one)
        return true
      }
      case 'witness':
        return this.#witnessing.onQuestion(from, sent, content.json)
      case 'witnessed':
        return this.#witnessing.onAnswer(from, content.json)
    }
  }

  close(): void {
    this.#closed = true
    this.#witnessing.close()
    for (const timer of [this.#ownTimer, this.#othersTimer]) if (timer !== null) clearTimeout(timer)
  }

  #hear(device: Digest, sent: UnixMilliseconds): void {
    const { wall, monotonic } = this.#world.clock()
    const last = this.#heard.get(device)
    // A clock that is ahead must not make anybody seem nearer, nor a message that a broker kept back; one sent again says
    // nothing new.
    if (sent > wall + CLOCK_TOLERANCE_MS) return
    const time = Math.min(sent, wall)
    if (last === undefined || time > last.sent) this.#heard.set(device, { sent: time, at: monotonic })
  }

  async #takePack(from: RelayPeer, bytes: Uint8Array): Promise<boolean> {
    let parts: FileParts
    try {
      parts = unpack(bytes, compression)
    } catch (error) {
      if (error instanceof PackError) return false
      throw error
    }
    const refused = this.#bucket(this.#refused, from.device, 64, 1 / 60)
    for (const envelope of parts.statements) {
      if (refused.left < 1) return true
      if ((await this.#world.store.receive(envelope, from)) === 'refused') refused.take()
    }
    for (const blob of parts.blobs) await this.#world.store.receiveBlob(blob, from)
    for (const note of parts.notes) await this.#world.store.receiveNote(note, from)
    return true
  }

  async #answerHave(from: RelayPeer, have: Extract<RelayContent, { kind: 'have' }>): Promise<void> {
    const { store } = this.#world
    const ids = store.ids()
    const { lacking, hasMore } = comparedWith(ids, have)
    let count = 0
    for await (const one of packsOf(this.#world, lacking, new Set(store.blobsFor(from.device)))) {
      await this.#send(from, one)
      if (++count >= MOST_IN_ANSWER) break
    }
    if (hasMore && !have.last) await this.#send(from, relayHave(ids, have.buckets, true))
  }

  async #sendOwn(): Promise<void> {
    this.#ownTimer = null
    const due = [...this.#own]
    this.#own.clear()
    this.#leaving += due.length
    try {
      // To those as well that are connected: a connection may be broken already, and nobody know it.
      for (const peer of this.#peers()) await this.#sendStatements(peer, due)
    } finally {
      this.#leaving -= due.length
    }
  }

  async #passOn(): Promise<void> {
    this.#othersTimer = null
    const { monotonic } = this.#world.clock()
    const ripe = [...this.#others].filter(([, since]) => monotonic - since >= PASS_ON_MS / 2).map(([id]) => id)
    for (const id of ripe) this.#others.delete(id)
    if (this.#others.size > 0) this.#othersTimer = later(PASS_ON_MS, () => this.#passOn())
    const due = ripe.filter((id) => !this.#sendsItself(this.#world.about(id)?.author))
    for (const peer of this.#peers())
      if (!this.#world.isConnected(peer.device))
        await this.#sendStatements(
          peer,
          due.filter((id) => this.#world.about(id)?.author !== peer.device),
        )
  }

  async #sendStatements(peer: RelayPeer, ids: readonly Digest[]): Promise<void> {
    if (ids.length === 0 || this.#closed) return
    const mayHave = new Set(this.#world.store.blobsFor(peer.device))
    for await (const one of packsOf(this.#world, ids, mayHave)) {
      if (this.#closed) return
      await this.#send(peer, one)
    }
  }

  /** Whether the author was heard of by relay within the hour, and so sends by relay what it writes. */
  #sendsItself(author: Digest | undefined): boolean {
    return author !== undefined && this.#isRecent(author)
  }

  #isRecent(device: Digest): boolean {
    const heard = this.#heard.get(device)
    const { wall, monotonic } = this.#world.clock()
    return heard !== undefined && monotonic - heard.at < HOUR_MS && wall - heard.sent < HOUR_MS
  }

  async #tellSummaries(): Promise<void> {
    const { store, clock } = this.#world
    const now = clock().monotonic
    const ids = store.ids()
    for (const peer of this.#peers()) {
      const told = this.#told.get(peer.device)
      const isDue = told === undefined || (now - told.at >= HOUR_MS && ids.length > told.count)
      if (!isDue || this.#closed || this.#world.isConnected(peer.device)) continue
      this.#told.set(peer.device, { at: now, count: ids.length })
      await this.#send(peer, { kind: 'summary', summary: relaySummary(ids, newSalt()) })
      const note = store.ownNote()
      const notes = note === null ? null : notePack(note)
      if (notes !== null) await this.#send(peer, notes)
    }
  }

  async #askForBlobs(): Promise<void> {
    const { store, clock } = this.#world
    const now = clock().monotonic
    const wanted = new Set(store.blobsWanted())
    for (const id of this.#wanted.keys()) if (!wanted.has(id)) this.#wanted.delete(id)
    for (const id of this.#askedFor.keys()) if (!wanted.has(id)) this.#askedFor.delete(id)
    for (const id of wanted) if (!this.#wanted.has(id)) this.#wanted.set(id, now)
    const due = [...wanted].filter((id) => {
      const [since = now, asked] = [this.#wanted.get(id), this.#askedFor.get(id)]
      return now - since >= PATIENCE_MS && (asked === undefined || now - asked >= HOUR_MS)
    })
    if (due.length === 0) return
    const blobs = due.slice(0, MOST_BLOBS_WANTED)
    for (const id of blobs) this.#askedFor.set(id, now)
    for (const peer of this.#peers())
      if (!this.#closed && !this.#world.isConnected(peer.device))
        await this.#send(peer, { kind: 'blobs-wanted', blobs })
  }

  #mayAnswer(device: Digest): boolean {
    return !this.#closed && this.#bucket(this.#answers, device, 8, 4 / 60).take()
  }

  #bucket(buckets: Map<Digest, TokenBucket>, device: Digest, burst: number, perSecond: number): TokenBucket {
    const known = buckets.get(device)
    if (known !== undefined) return known
    const bucket = new TokenBucket(burst, perSecond, () => this.#world.clock().monotonic)
    buckets.set(device, bucket)
    return bucket
  }
}

/** What fails then, a disk that cannot be read, is made up for by the next summary. */
function later(ms: number, work: () => Promise<void>): NodeJS.Timeout {
  return setTimeout(() => void work().catch(() => undefined), ms)
}
