import { randomInt } from 'node:crypto'
import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { CLOCK_TOLERANCE_MS } from '../../shared/case/types.ts'
import { jcs } from '../../shared/jcs.ts'
import { ConnectionError, ExchangeError, type WitnessAnswer, type WitnessRequest } from '../exchange/exchange.ts'
import { TokenBucket } from '../exchange/limits.ts'
import { readWitness, readWitnessed, type Witness } from '../exchange/messages.ts'
import { answerWitness, WitnessCalls } from '../exchange/witness-calls.ts'
import type { RelayPeer, RelayWorld } from './ports.ts'
import type { SendTo } from './talk.ts'

/** How long a witness may take: with the head start of those on the LAN less than these may take. */
export const RELAY_WITNESS_MS = 25_000
/** Questions of one device that are answered. */
const QUESTIONS = [16, 4 / 60] as const
/** Ids are random: an answer to an earlier run of this app, brought again, is an answer to nothing. */
const IDS = 2 ** 32

/**
 * Asking to cosign, and answering, by messages that a broker may lose, hold back, repeat and reorder (docs/formats/relay.md
 * §3). The rules are those of the LAN; what is added is that nobody answers what nobody waits for any more.
 */
export class Witnessing {
  readonly #world: Pick<RelayWorld, 'store' | 'clock'>
  readonly #peers: () => readonly RelayPeer[]
  readonly #send: SendTo
  readonly #calls = new Map<Digest, WitnessCalls>()
  readonly #questions = new Map<Digest, TokenBucket>()
  #closed = false

  constructor(world: Pick<RelayWorld, 'store' | 'clock'>, peers: () => readonly RelayPeer[], send: SendTo) {
    this.#world = world
    this.#peers = peers
    this.#send = send
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws {ExchangeError} `not-connected`, `timed-out`.
   */
  ask(device: Digest, request: WitnessRequest, timeoutMs = RELAY_WITNESS_MS): Promise<WitnessAnswer> {
    if (this.#closed)
      return Promise.reject(new ExchangeError('not-connected', 'the relay was left; ask another device'))
    const calls =
      this.#calls.get(device) ??
      new WitnessCalls(
        (witness) => void this.#ask(device, witness).catch(() => undefined),
        () => randomInt(IDS),
      )
    this.#calls.set(device, calls)
    return calls.ask(request, timeoutMs)
  }

  /**
   * A device asks. Whoever asked so long ago does not wait any more; clocks differ by as much.
   *
   * @returns false if it is no question.
   */
  async onQuestion(from: RelayPeer, sent: UnixMilliseconds, json: Uint8Array): Promise<boolean> {
    const witness = readOrNull(readWitness, json)
    if (witness === null) return false
    const isLate = Math.abs(this.#world.clock().wall - sent) > CLOCK_TOLERANCE_MS
    if (isLate || this.#closed || !this.#mayAsk(from.device)) return true
    // A store that fails says so where it fails.
    const witnessed = await answerWitness(this.#world.store, witness, from, () => undefined)
    await this.#send(from, { kind: 'witnessed', json: jcs(witnessed) })
    return true
  }

  /** A device answers; what it was not asked, or is not waited for any more, is passed over. @returns false if it is no answer. */
  onAnswer(from: RelayPeer, json: Uint8Array): boolean {
    const witnessed = readOrNull(readWitnessed, json)
    if (witnessed !== null) this.#calls.get(from.device)?.onAnswer(witnessed)
    return witnessed !== null
  }

  /** Whoever waits for an answer waits no longer. */
  close(): void {
    this.#closed = true
    for (const calls of this.#calls.values()) calls.end()
  }

  /** A question that cannot be sent is one that is not answered. */
  async #ask(device: Digest, witness: Witness): Promise<void> {
    const to = this.#peers().find((peer) => peer.device === device)
    if (to !== undefined) await this.#send(to, { kind: 'witness', json: jcs(witness) })
  }

  #mayAsk(device: Digest): boolean {
    const [burst, perSecond] = QUESTIONS
    const bucket = this.#questions.get(device) ?? new TokenBucket(burst, perSecond, () => this.#world.clock().monotonic)
    this.#questions.set(device, bucket)
    return bucket.take()
  }
}

function readOrNull<T>(read: (json: Uint8Array) => T, json: Uint8Array): T | null {
  try {
    return read(json)
  } catch (error) {
    if (error instanceof ConnectionError) return null
    throw error
  }
}
