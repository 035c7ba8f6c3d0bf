import type { Digest } from '../../shared/bytes.ts'
import type { Device } from './device.ts'
import type { Notary } from './notary.ts'
import type { Carrier, Elsewhere, WitnessWay } from './ports.ts'

/** Others are asked once the log has been quiet for so long … */
const QUIET_MS = 1000
/** … or has gone on growing for so long … */
const GROWING_MS = 10_000
/** … and not sooner than this after they were asked last. */
const GAP_MS = 5000
/** By relay nobody is asked sooner than this after they were asked last: whoever is asked keeps a record of it. */
const RELAY_GAP_MS = 10 * 60_000
/** A device that refused or did not answer is asked again after this, each time twice as long. */
const RETRY_MS = 5000
const RETRY_MOST_MS = 10 * 60_000

/** A device that may be asked, over which way. */
interface Met {
  readonly device: Digest
  /** The connection; null by relay, where there is none. */
  readonly since: number | null
  readonly gapMs: number
}

interface Asked {
  /** The connection over which it was asked. */
  readonly since: number | null
  readonly refusals: number
  readonly notBefore: number
}

/**
 * At every meeting, and for every device: whoever is connected and has handed over what it has is asked to cosign this
 * device's log, once it grew since that device cosigned last. So is, more seldom, whoever was heard of by relay. Several
 * statements in a row are cosigned together, and where nothing is new nothing is sent, after a restart neither.
 */
export class Meetings {
  readonly #device: Device
  readonly #notary: Notary
  readonly #carrier: Carrier
  readonly #elsewhere: Elsewhere
  /** By way and device: a connection that comes and goes gives nobody more by relay. */
  readonly #asked = new Map<string, Asked>()
  readonly #asking = new Set<Digest>()
  readonly #stop: () => void
  readonly #running = new Set<Promise<void>>()
  #grewAt: number
  #waitingSince: number | null = null
  #closed = false

  constructor(device: Device, notary: Notary, carrier: Carrier, elsewhere: Elsewhere) {
    this.#device = device
    this.#notary = notary
    this.#carrier = carrier
    this.#elsewhere = elsewhere
    this.#grewAt = Number.NEGATIVE_INFINITY
    this.#stop = device.store.onAccepted(() => {
      this.#grewAt = this.#now()
    })
  }

  /** Looks whom to ask, and begins to; called after each change and from time to time. Never waits for an answer. */
  turn(): void {
    const here = this.#maySign() ? this.#due(this.#connected()) : []
    const there = this.#maySign() ? this.#due(this.#away()) : []
    if (here.length + there.length === 0) {
      this.#waitingSince = null
      return
    }
    const now = this.#now()
    this.#waitingSince ??= now
    if (now - this.#grewAt < QUIET_MS && now - this.#waitingSince < GROWING_MS) return
    this.#waitingSince = null
    this.#begin(this.#carrier, here)
    this.#begin(this.#elsewhere, there)
  }

  #begin(way: WitnessWay, due: readonly Met[]): void {
    if (due.length === 0) return
    const asking = this.#ask(way, due).finally(() => this.#running.delete(asking))
    this.#running.add(asking)
  }

  /** Asks nobody any more; resolves when whoever was asked has answered or is given up by the carrier. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stop()
    await Promise.all(this.#running)
  }

  #maySign(): boolean {
    const { standing, vault } = this.#device
    if (this.#closed || !standing.maySign || standing.logBroken || vault.journal.condition !== 'well') return false
    return this.#device.me() !== null
  }

  #connected(): Met[] {
    return this.#carrier
      .peers()
      .flatMap(({ device, since, connected, reconciled }) =>
        connected && reconciled ? [{ device, since, gapMs: GAP_MS }] : [],
      )
  }

  /** Whether they have handed over all they have cannot be known; if not, they are asked once more some time. */
  #away(): Met[] {
    return this.#elsewhere.witnesses().map((device) => ({ device, since: null, gapMs: RELAY_GAP_MS }))
  }

  #due(met: readonly Met[]): Met[] {
    const now = this.#now()
    return met.filter((one) => {
      if (this.#asking.has(one.device) || this.#notary.isVouchedBy(one.device)) return false
      const asked = this.#asked.get(nameOf(one))
      return asked === undefined || asked.since !== one.since || now >= asked.notBefore
    })
  }

  async #ask(way: WitnessWay, peers: readonly Met[]): Promise<void> {
    const at = this.#now()
    const open = new Map(peers.map((peer) => [peer.device, peer] as const))
    for (const device of open.keys()) this.#asking.add(device)
    const answered = (device: Digest, refused: boolean) => {
      const peer = open.get(device)
      if (peer === undefined) return
      open.delete(device)
      this.#asking.delete(device)
      this.#note(peer, at, refused)
    }
    try {
      await this.#notary.ask(way, [...open.keys()], ({ device, refused }) => answered(device, refused !== null))
    } catch {
      // The disk would not take it, or the log was found broken: both are told where they are found out.
    } finally {
      for (const device of open.keys()) answered(device, true)
    }
  }

  #note(met: Met, at: number, refused: boolean): void {
    const refusals = refused ? (this.#asked.get(nameOf(met))?.refusals ?? 0) + 1 : 0
    const pause = refused ? Math.min(RETRY_MS * 2 ** (refusals - 1), RETRY_MOST_MS) : 0
    this.#asked.set(nameOf(met), { since: met.since, refusals, notBefore: at + Math.max(pause, met.gapMs) })
  }

  #now(): number {
    return this.#device.clock().monotonic
  }
}

function nameOf({ device, since }: Met): string {
  return since === null ? `relay ${device}` : device
}
