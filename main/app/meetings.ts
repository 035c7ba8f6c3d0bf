import type { Digest } from '../../shared/bytes.ts'
import type { Device } from './device.ts'
import type { Notary } from './notary.ts'
import type { Carrier, CarrierPeer } from './ports.ts'

/** Others are asked once the log has been quiet for so long … */
const QUIET_MS = 1000
/** … or has gone on growing for so long … */
const GROWING_MS = 10_000
/** … and not sooner than this after they were asked last. */
const GAP_MS = 5000
/** A device that refused or did not answer is asked again after this, each time twice as long. */
const RETRY_MS = 5000
const RETRY_MOST_MS = 10 * 60_000

interface Asked {
  /** The connection over which it was asked. */
  readonly since: number | null
  readonly refusals: number
  readonly notBefore: number
}

/**
 * At every meeting, and for every device: whoever is connected and has handed over what it has is asked to cosign this
 * device's log, once it grew since that device cosigned last. Several statements in a row are cosigned together, and where
 * nothing is new nothing is sent, after a restart neither.
 */
export class Meetings {
  readonly #device: Device
  readonly #notary: Notary
  readonly #carrier: Carrier
  readonly #asked = new Map<Digest, Asked>()
  readonly #asking = new Set<Digest>()
  readonly #stop: () => void
  readonly #running = new Set<Promise<void>>()
  #grewAt: number
  #waitingSince: number | null = null
  #closed = false

  constructor(device: Device, notary: Notary, carrier: Carrier) {
    this.#device = device
    this.#notary = notary
    this.#carrier = carrier
    this.#grewAt = Number.NEGATIVE_INFINITY
    this.#stop = device.store.onAccepted(() => {
      this.#grewAt = this.#now()
    })
  }

  /** Looks whom to ask, and begins to; called after each change and from time to time. Never waits for an answer. */
  turn(): void {
    const due = this.#maySign() ? this.#due() : []
    if (due.length === 0) {
      this.#waitingSince = null
      return
    }
    const now = this.#now()
    this.#waitingSince ??= now
    if (now - this.#grewAt < QUIET_MS && now - this.#waitingSince < GROWING_MS) return
    this.#waitingSince = null
    const asking = this.#ask(due).finally(() => this.#running.delete(asking))
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

  #due(): CarrierPeer[] {
    const now = this.#now()
    return this.#carrier.peers().filter((peer) => {
      if (!peer.connected || !peer.reconciled || this.#asking.has(peer.device)) return false
      if (this.#notary.isVouchedBy(peer.device)) return false
      const asked = this.#asked.get(peer.device)
      return asked === undefined || asked.since !== peer.since || now >= asked.notBefore
    })
  }

  async #ask(peers: readonly CarrierPeer[]): Promise<void> {
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
      await this.#notary.ask(this.#carrier, [...open.keys()], ({ device, refused }) =>
        answered(device, refused !== null),
      )
    } catch {
      // The disk would not take it, or the log was found broken: both are told where they are found out.
    } finally {
      for (const device of open.keys()) answered(device, true)
    }
  }

  #note({ device, since }: CarrierPeer, at: number, refused: boolean): void {
    const refusals = refused ? (this.#asked.get(device)?.refusals ?? 0) + 1 : 0
    const pause = refused ? Math.min(RETRY_MS * 2 ** (refusals - 1), RETRY_MOST_MS) : GAP_MS
    this.#asked.set(device, { since, refusals, notBefore: at + pause })
  }

  #now(): number {
    return this.#device.clock().monotonic
  }
}
