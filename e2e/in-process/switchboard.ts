import type { Carrier, CarrierMailbox, CarrierPeer, CarrierState } from '../../main/app/ports.ts'
import {
  ExchangeError,
  type ExchangeIdentity,
  type ExchangeStore,
  type PeerName,
  type Receipt,
  type WitnessAnswer,
  type WitnessRequest,
} from '../../main/exchange/exchange.ts'
import { digest } from '../../shared/bytes.ts'
import { isLockboxError } from '../../shared/errors.ts'

/**
 * A carrier in memory: apps of one process that stand in each other's rosters meet at once. It moves the same bytes as
 * the LAN and keeps as little; what it cannot show is networks.
 */
export class Switchboard {
  readonly #plugs = new Set<Plug>()

  /** A carrier for one app. */
  carrier(): Plug {
    return new Plug(this.#plugs)
  }
}

interface Line {
  readonly identity: ExchangeIdentity
  readonly store: ExchangeStore
}

/** One app's end of the switchboard. */
export class Plug implements Carrier {
  readonly #plugs: Set<Plug>
  readonly #listeners = new Set<() => void>()
  #line: Line | null = null
  /** Those at the other ends that have handed over all they have. */
  readonly #met = new Set<Plug>()
  /** Unplugged apps neither send nor receive. */
  #plugged = true
  /** Whether this app, being asked by others, acknowledges nothing. */
  refusesToWitness = false
  /** What a dishonest app answers instead, being asked to acknowledge something. */
  lies: ((request: WitnessRequest) => WitnessAnswer) | null = null
  /** How often this app asked others to acknowledge something. */
  asked = 0
  #cut: () => void = () => undefined
  /** Settles when the app at this end is gone: nobody waits for its answers any more. */
  readonly #gone = new Promise<null>((resolve) => {
    this.#cut = () => resolve(null)
  })

  constructor(plugs: Set<Plug>) {
    this.#plugs = plugs
  }

  async start(identity: ExchangeIdentity, store: ExchangeStore): Promise<void> {
    this.#line = { identity, store }
    this.#plugs.add(this)
    await this.#meetAll()
  }

  async stop(): Promise<void> {
    this.#line = null
    for (const other of this.#plugs) other.#met.delete(this)
    this.#met.clear()
    this.#plugs.delete(this)
    this.#tellAll()
  }

  /** Pulls or restores the cable. */
  async plug(plugged: boolean): Promise<void> {
    this.#plugged = plugged
    await this.#meetAll()
  }

  /** Bytes of somebody's making, sent to everybody as if they were statements of this app. @returns what became of them. */
  async sendRaw(envelope: Uint8Array): Promise<Receipt[]> {
    const me = this.#name()
    if (me === null) throw new TypeError('whoever is in no roster is not heard')
    const stores = this.#others().flatMap((other) => other.#line?.store ?? [])
    return Promise.all(stores.map((store) => store.receive(envelope, me)))
  }

  /** The app at this end was killed. */
  cut(): void {
    this.#plugged = false
    this.#plugs.delete(this)
    this.#cut()
    this.#tellAll()
  }

  announce(ids: readonly string[]): void {
    for (const other of this.#others()) for (const id of ids) void this.#push(other, id)
  }

  refresh(): void {
    for (const other of this.#others()) void this.#fetchBlobs(other)
  }

  refreshPeers(): void {
    void this.#meetAll()
  }

  addAddress(): void {}
  removeAddress(): void {}

  peers(): readonly CarrierPeer[] {
    return this.#others().flatMap((other) => {
      const device = other.#line?.identity.device
      const reconciled = this.#met.has(other)
      return device === undefined
        ? []
        : [{ device, connected: true, via: 'memory', since: 0, why: null, reconciled, clockDifferenceMs: 0 }]
    })
  }

  mailboxes(): readonly CarrierMailbox[] {
    return []
  }

  state(): CarrierState {
    return {
      state: this.#line === null ? 'off' : 'on',
      says: 'In one process',
      port: null,
      addresses: [],
      typed: [],
      strangers: 0,
      twin: this.#twin(),
    }
  }

  async requestWitness(device: string, request: WitnessRequest): Promise<WitnessAnswer> {
    this.asked++
    const other = this.#others().find((plug) => plug.#line?.identity.device === device)
    const me = this.#name()
    if (other === undefined || other.#line === null || me === null)
      throw new ExchangeError('not-connected', 'that device is not connected')
    if (other.refusesToWitness) return { refused: 'not-now' }
    if (other.lies !== null) return other.lies(request)
    const answer = await Promise.race([other.#line.store.witness(request, me), other.#gone])
    if (answer === null) throw new ExchangeError('not-connected', 'that device went away before it answered')
    return answer
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #others(): Plug[] {
    if (this.#line === null || !this.#plugged) return []
    const own = this.#line.identity.device
    return [...this.#plugs].filter(
      (other) =>
        other !== this &&
        other.#plugged &&
        other.#line?.identity.device !== own &&
        this.#knows(other) &&
        other.#knows(this),
    )
  }

  /** Another app that is there with the keys of this one. */
  #twin(): string | null {
    const own = this.#line?.identity.device
    const twin = [...this.#plugs].find(
      (other) =>
        other !== this && own !== undefined && this.#plugged && other.#plugged && other.#line?.identity.device === own,
    )
    return twin === undefined ? null : 'memory'
  }

  #knows(other: Plug): boolean {
    const tls = other.#line?.identity.tlsPublic
    return this.#line?.identity.peers().some((peer) => peer.tls === tls) ?? false
  }

  #name(): PeerName | null {
    return this.#line?.identity.peers().find(({ device }) => device === this.#line?.identity.device) ?? null
  }

  async #meetAll(): Promise<void> {
    for (const other of this.#others()) {
      // As they are now: whatever is accepted meanwhile is announced by itself, and must not keep a meeting from its end.
      for (const id of this.#line?.store.ids().slice() ?? []) await this.#push(other, id)
      for (const id of other.#line?.store.ids().slice() ?? []) await other.#push(this, id)
      await this.#fetchBlobs(other)
      await other.#fetchBlobs(this)
      this.#met.add(other)
      other.#met.add(this)
    }
    this.#tellAll()
  }

  /** Whether bytes can go from one end to the other at this moment. */
  #reaches(other: Plug): boolean {
    return this.#plugged && other.#plugged && this.#line !== null && other.#line !== null
  }

  async #push(other: Plug, id: string): Promise<void> {
    const envelope = this.#line?.store.envelope(id)
    const me = this.#name()
    if (envelope === undefined || me === null || !this.#reaches(other)) return
    if (other.#line?.store.has(id) === false) await this.#deliver(other, other.#line.store.receive(envelope, me))
  }

  async #fetchBlobs(other: Plug): Promise<void> {
    const [mine, theirs] = [this.#line, other.#line]
    const from = other.#name()
    if (mine === null || theirs === null || from === null) return
    const wanted = mine.store.blobsWanted()
    const offered = new Set(wanted.length === 0 ? [] : theirs.store.blobsFor(mine.identity.device))
    for (const id of wanted) {
      const bytes = offered.has(id) ? await theirs.store.blob(id) : undefined
      if (bytes !== undefined && digest(bytes) === id && this.#reaches(other))
        await other.#deliver(this, mine.store.receiveBlob(bytes, from))
    }
    const own = theirs.store.ownNote()
    for (const note of own === null ? theirs.store.notes() : [own, ...theirs.store.notes()])
      if (this.#reaches(other)) await other.#deliver(this, mine.store.receiveNote(note, from))
  }

  /** Waits until `to` has taken something, or either end is gone; whoever locks meanwhile takes nothing more. */
  async #deliver(to: Plug, taken: Promise<unknown>): Promise<void> {
    try {
      await Promise.race([taken, to.#gone, this.#gone])
    } catch (error) {
      if (!isLockboxError(error) || error.code !== 'closed') throw error
    }
  }

  #tellAll(): void {
    for (const plug of [this, ...this.#plugs]) for (const listener of plug.#listeners) listener()
  }
}
