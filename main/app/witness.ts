import { type Digest, fromBase64Url } from '../../shared/bytes.ts'
import { type Checkpoint, checkpointFrom, formatCheckpoint, parseOrigin } from '../../shared/ledger/checkpoint.ts'
import { addCosignature, cosign, verifyCosignature } from '../../shared/ledger/cosignature.ts'
import type { NoteKey } from '../../shared/ledger/note.ts'
import { knownSignatures, verifyCheckpoint } from '../../shared/ledger/verify.ts'
import { forkEvidence, type WitnessVerdict, witnessHead } from '../../shared/ledger/witness.ts'
import type { PeerName, WitnessAnswer, WitnessRequest } from '../exchange/exchange.ts'
import { TokenBucket } from '../exchange/limits.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { Device } from './device.ts'
import type { Evidence, RefusedHead } from './evidence.ts'
import { ledgerKeyOf, ledgerKeys, originFor, ownLedgerKey } from './ledger-keys.ts'
import { verifyOnNote } from './note-checks.ts'

/** Requests of one device: so many at once, then one in three seconds. Each that is granted may cost a record. */
const REQUESTS_BURST = 60
const REQUESTS_PER_SECOND = 1 / 3
/** How long a device that did not prove its growth may take to do so, before it is told as refused. */
const UNPROVEN_MS = 30_000
/** Texts of notes that were judged and are not judged again. */
const MOST_JUDGED = 2048

/** How a head was shown: from which size its growth, and whether it is asked about now. */
interface Asked {
  readonly from: number
  readonly isFresh: boolean
}

interface Unproven {
  readonly head: RefusedHead
  readonly since: number
}

/**
 * What this device does for the ledgers of others (docs/formats/ledger.md §3): judges their heads, cosigns what extends
 * everything it knows of them, keeps and tells what does not. One at a time.
 */
export class Witness {
  readonly #device: Device
  readonly #checkpoints: Checkpoints
  readonly #evidence: Evidence
  readonly #requests = new Map<string, TokenBucket>()
  readonly #unproven = new Map<string, Unproven>()
  readonly #judged = new Set<string>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(device: Device, checkpoints: Checkpoints, evidence: Evidence) {
    this.#device = device
    this.#checkpoints = checkpoints
    this.#evidence = evidence
  }

  /**
   * Judges a peer's head, and cosigns it if it extends the largest that is known of that ledger.
   *
   * @param isFresh - whether the peer asks now. If not, somebody on the way may have kept the question, or brought it again:
   * then an old head says nothing about its device.
   */
  cosign(request: WitnessRequest, from: PeerName, isFresh = true): Promise<WitnessAnswer> {
    if (!this.#mayAsk(from)) return Promise.resolve({ refused: 'too-often' })
    return this.#inTurn(() => this.#cosign(request, from, isFresh))
  }

  /** Takes a checkpoint of another device that travelled along, if it is believed. */
  async take(checkpoint: Checkpoint, text: string): Promise<void> {
    if (this.#judged.has(text)) return
    const keys = ledgerKeys(this.#device)
    const verdict = await verifyCheckpoint(checkpoint, keys, verifyOnNote)
    if (!verdict.ok) return
    await this.#inTurn(() => this.#learn(bareOf(checkpoint, keys)))
    if (this.#judged.size >= MOST_JUDGED) this.#judged.clear()
    this.#judged.add(text)
  }

  /**
   * Tells of heads whose growth was asked for and not shown, though the device stayed; makes durable what others told.
   *
   * @param connected - devices that are connected now. One that went away may have lost the answer.
   */
  async turn(connected: readonly Digest[]): Promise<void> {
    const now = this.#device.clock().monotonic
    for (const [origin, { head, since }] of this.#unproven) {
      const isThere = connected.includes(head.device)
      if (isThere && now - since < UNPROVEN_MS) continue
      this.#unproven.delete(origin)
      if (isThere) await this.#evidence.keepRefused(head)
    }
    await this.#checkpoints.settle()
  }

  async #cosign({ note, proof, from: size }: WitnessRequest, from: PeerName, isFresh: boolean): Promise<WitnessAnswer> {
    if (!['current', 'meeting'].includes(this.#device.standing.state)) return { refused: 'not-now' }
    const origin = originFor(this.#device, from.device)
    const key = ledgerKeyOf(this.#device, from.device)
    const own = ownLedgerKey(this.#device)
    if (origin === null || key === null || own === null) return { refused: 'unknown-key' }
    const last = this.#checkpoints.largest(origin)
    const question = { origin, last, note, proof: proof.map(fromBase64Url), keys: [key] }
    const verdict = await witnessHead(question, verifyOnNote)
    if (!verdict.ok) return this.#refuse(verdict, from, checkpointFrom(note), last, { from: size, isFresh })
    this.#unproven.delete(origin)
    const head = bareOf(verdict.checkpoint, [key])
    await this.#checkpoints.keepCosigned(head)
    const seconds = Math.floor(this.#device.clock().wall / 1000)
    const cosigned = addCosignature(
      head,
      await cosign(head, own, seconds, (bytes) => this.#device.vault.signCheckpoint(bytes)),
    )
    this.#checkpoints.see(cosigned)
    return { cosigned: formatCheckpoint(cosigned) }
  }

  async #refuse(
    { code: refused, evidence }: Extract<WitnessVerdict, { ok: false }>,
    { device }: PeerName,
    next: Checkpoint | null,
    last: Checkpoint | null,
    asked: Asked,
  ): Promise<WitnessAnswer> {
    if (next === null || last === null || (refused !== 'shrunk' && refused !== 'fork' && refused !== 'bad-proof'))
      return { refused }
    const fork = this.#forkWith(next) ?? evidence ?? null
    if (fork !== null) await this.#evidence.keepFork(device, fork)
    else if (refused !== 'fork') await this.#heed({ code: refused, device, next, last }, asked)
    return { refused, last: formatCheckpoint(last) }
  }

  /**
   * Whoever does not know what was cosigned last cannot show growth from there, and is told; likewise a head that others
   * told of may have overtaken a slower request. So a head is only held against a device if it had what it needed, or
   * does not come back with it. An old head is nothing to be held against it if the question may be old as well.
   */
  async #heed(head: RefusedHead, { from, isFresh }: Asked): Promise<void> {
    const { code, next, last } = head
    // The very head that others told of, or else the two were a fork: asked for before its device knew how far that had got.
    if (code === 'bad-proof' && next.size === last.size) return
    const isCertain =
      code === 'shrunk'
        ? isFresh && next.size < (this.#checkpoints.cosigned(next.origin)?.size ?? 0)
        : from === last.size && from > 0
    if (isCertain) return this.#evidence.keepRefused(head)
    if (isFresh && !this.#unproven.has(next.origin))
      this.#unproven.set(next.origin, { head, since: this.#device.clock().monotonic })
  }

  async #learn(checkpoint: Checkpoint): Promise<void> {
    const device = parseOrigin(checkpoint.origin)?.device
    const fork = this.#forkWith(checkpoint)
    if (fork !== null && device !== undefined) return this.#evidence.keepFork(device, fork)
    await this.#relearn(checkpoint)
    this.#checkpoints.see(checkpoint)
  }

  #forkWith(checkpoint: Checkpoint) {
    const known = this.#checkpoints.contradicting(checkpoint)
    return known && forkEvidence(known, checkpoint)
  }

  /** Remembers what this device cosigned and its folder does not know: it was put back from a backup. */
  async #relearn(checkpoint: Checkpoint): Promise<void> {
    const own = ownLedgerKey(this.#device)
    if (own === null || checkpoint.size <= (this.#checkpoints.cosigned(checkpoint.origin)?.size ?? -1)) return
    for (const signature of checkpoint.note.signatures)
      if ((await verifyCosignature(checkpoint, signature, own, verifyOnNote)) !== null)
        return this.#checkpoints.keepCosigned(checkpoint)
  }

  #mayAsk({ device }: PeerName): boolean {
    const monotonic = () => this.#device.clock().monotonic
    const bucket = this.#requests.get(device) ?? new TokenBucket(REQUESTS_BURST, REQUESTS_PER_SECOND, monotonic)
    this.#requests.set(device, bucket)
    return bucket.take()
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(act)
    this.#queue = done.catch(() => undefined)
    return done
  }
}

/** The checkpoint with the signatures by these keys alone: a note may have any number of others. */
function bareOf(checkpoint: Checkpoint, keys: readonly NoteKey[]): Checkpoint {
  const signatures = knownSignatures(checkpoint, keys)
  return { ...checkpoint, note: { text: checkpoint.note.text, signatures } }
}
