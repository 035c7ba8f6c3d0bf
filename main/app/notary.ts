import { type Digest, fromBase64Url, fromUtf8, utf8 } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import {
  type Checkpoint,
  checkpointFrom,
  formatCheckpoint,
  parseOrigin,
  signCheckpoint,
} from '../../shared/ledger/checkpoint.ts'
import { addCosignature, cosign, verifyCosignature } from '../../shared/ledger/cosignature.ts'
import type { NoteSignature } from '../../shared/ledger/note.ts'
import { verifyCheckpoint } from '../../shared/ledger/verify.ts'
import { witnessHead } from '../../shared/ledger/witness.ts'
import { signatureChecks } from '../checks.ts'
import type { PeerName, WitnessAnswer, WitnessRequest } from '../exchange/exchange.ts'
import type { Device } from './device.ts'
import { ledgerKeyOf, ledgerKeys, originFor, ownLedgerKey } from './ledger-keys.ts'
import type { Carrier } from './ports.ts'
import { headFits } from './same-folder.ts'
import { type Answered, askAll } from './witnesses.ts'

/** Checkpoints of other devices' ledgers that this device cosigned: the last of each origin. */
const COSIGNED = 'cosigned'
/** The latest checkpoint seen of each ledger, with cosignatures; our own among them. */
const SEEN = 'checkpoint'

export type NotaryErrorCode = 'no-witness' | 'bad-cosignature' | 'log-broken'
export class NotaryError extends LockboxError<NotaryErrorCode> {}

const verifyEd25519 = signatureChecks.ed25519

/**
 * Checkpoints: this device's own, those it cosigns for others, and the latest of everybody, which travel along with
 * statements. What it cosigns is durable before the cosignature leaves.
 */
export class Notary {
  readonly #device: Device
  readonly #cosigned = new Map<string, Checkpoint>()
  readonly #seen = new Map<string, Checkpoint>()
  /** Our own cosigned checkpoints by size: one for each time another device acknowledged something. */
  readonly #owned = new Map<number, Checkpoint>()
  #queue: Promise<unknown> = Promise.resolve()
  #keeping: Promise<unknown> = Promise.resolve()

  private constructor(device: Device) {
    this.#device = device
  }

  static async load(device: Device): Promise<Notary> {
    const notary = new Notary(device)
    const { journal } = device.vault
    for await (const { value } of journal.records(COSIGNED))
      notary.#keep(notary.#cosigned, checkpointFrom(fromUtf8(value)))
    for await (const { value } of journal.records(SEEN)) notary.#see(checkpointFrom(fromUtf8(value)))
    return notary
  }

  /** The latest checkpoint of every ledger, as notes. */
  notes(): readonly string[] {
    return [...this.#seen.values()].map(formatCheckpoint)
  }

  /** Every own checkpoint that another device cosigned, the smallest first. */
  cosigned(): readonly string[] {
    return [...this.#owned.values()].sort((a, b) => a.size - b.size).map(formatCheckpoint)
  }

  /** The latest own checkpoint that another device cosigned, or null. */
  own(): Checkpoint | null {
    const origin = originFor(this.#device, this.#device.id)
    return origin === null ? null : (this.#seen.get(origin) ?? null)
  }

  /** A checkpoint of our ledger as it stands now, signed by this device alone unless it is the cosigned one. */
  async fresh(): Promise<Checkpoint> {
    const own = this.own()
    const isFresh = own?.size === this.#device.store.ledger.size && !this.#device.standing.logBroken
    return isFresh ? own : this.#signOwn()
  }

  /** Who cosigned our latest checkpoint: device ids with the time they gave, milliseconds. */
  cosigners(): readonly { readonly device: Digest; readonly at: number }[] {
    const signatures = this.own()?.note.signatures ?? []
    return signatures.flatMap(({ name, bytes }) => {
      const device = parseOrigin(name)?.device
      if (device === undefined || device === this.#device.id || bytes.length !== 72) return []
      return [{ device, at: Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0)) * 1000 }]
    })
  }

  /**
   * Has connected peers cosign a checkpoint of our ledger as it stands now.
   *
   * @returns the device that did first.
   * @throws {NotaryError} `no-witness` if nobody would or could; `log-broken`.
   */
  async witnessed(carrier: Carrier): Promise<Digest> {
    const asked = await this.#ask(carrier)
    const first = await Promise.any(asked.map(async (answer) => mustHaveCosigned(await answer))).catch(() => null)
    if (first !== null) return first
    const reasons = (await Promise.all(asked)).map(({ refused }) => refused)
    const why =
      reasons.length === 0 ? 'No other device is connected' : `No other device acknowledged it (${reasons.join('; ')})`
    throw new NotaryError(
      'no-witness',
      `${why}. The credential was not touched. Have one more member open Lockbox on this network.`,
    )
  }

  /**
   * Has every connected peer cosign one checkpoint, as far as they will; how many did. For an export.
   *
   * @throws {NotaryError} `log-broken`.
   */
  async witnessedByAll(carrier: Carrier): Promise<number> {
    const answers = await Promise.all(await this.#ask(carrier))
    return answers.filter(({ refused }) => refused === null).length
  }

  async #ask(carrier: Carrier): Promise<Promise<Answered>[]> {
    const checkpoint = await this.#signOwn()
    return askAll({
      device: this.#device,
      carrier,
      checkpoint,
      keep: (signature) => this.#keepCosigned(checkpoint, signature),
      isOwnHead: (head) => this.#isOwnHead(head),
    })
  }

  /** Keeps a cosignature beside those that came before: several may come at once. */
  #keepCosigned(checkpoint: Checkpoint, signature: NoteSignature): Promise<void> {
    const done = this.#keeping.then(() =>
      this.#recordSeen(addCosignature(this.#owned.get(checkpoint.size) ?? checkpoint, signature)),
    )
    this.#keeping = done.catch(() => undefined)
    return done
  }

  /** Whether a head is one that this device signed; if it is, and is not of this ledger, this folder is not the newest. */
  async #isOwnHead(checkpoint: Checkpoint): Promise<boolean> {
    const key = ownLedgerKey(this.#device)
    if (key === null || checkpoint.origin !== key.name) return false
    if (headFits(checkpoint, this.#device.store.ledger)) return true
    const { ok } = await verifyCheckpoint(checkpoint, [key], verifyEd25519)
    if (ok) this.#device.standing.sawOwnHead(checkpoint)
    return ok
  }

  async #signOwn(): Promise<Checkpoint> {
    const { store, vault, summary, standing } = this.#device
    if (standing.logBroken)
      throw new NotaryError('log-broken', 'a head of this ledger would contradict one that this device signed before')
    const origin = originFor(this.#device, this.#device.id) as string
    const size = store.ledger.size
    const head = { origin, size, root: store.ledger.root(size) }
    return signCheckpoint(head, { name: origin, publicKey: fromBase64Url(summary.device.checkpoint) }, (bytes) =>
      vault.signCheckpoint(bytes),
    )
  }

  /** Judges a peer's head and cosigns it if it extends the one cosigned before. One at a time. */
  cosign(request: WitnessRequest, from: PeerName): Promise<WitnessAnswer> {
    return this.#inTurn(() => this.#cosign(request, from))
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(act)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #cosign(request: WitnessRequest, from: PeerName): Promise<WitnessAnswer> {
    if (!['current', 'meeting'].includes(this.#device.standing.state)) return { refused: 'not-now' }
    const origin = originFor(this.#device, from.device)
    const key = ledgerKeyOf(this.#device, from.device)
    const own = ownLedgerKey(this.#device)
    if (origin === null || key === null || own === null) return { refused: 'unknown-key' }
    const last = this.#cosigned.get(origin) ?? null
    const verdict = await witnessHead(
      { origin, last, note: request.note, proof: request.proof.map(fromBase64Url), keys: [key] },
      verifyEd25519,
    )
    if (!verdict.ok) {
      if (verdict.evidence) this.#tellFork(from)
      return last === null ? { refused: verdict.code } : { refused: verdict.code, last: formatCheckpoint(last) }
    }
    await this.#record(COSIGNED, this.#cosigned, verdict.checkpoint)
    const seconds = Math.floor(this.#device.clock().wall / 1000)
    const signature = await cosign(verdict.checkpoint, own, seconds, (bytes) =>
      this.#device.vault.signCheckpoint(bytes),
    )
    const cosigned = addCosignature(verdict.checkpoint, signature)
    await this.#recordSeen(cosigned)
    return { cosigned: formatCheckpoint(cosigned) }
  }

  /** Takes a checkpoint that travelled along, if it is believed and newer than what is here. */
  async take(note: string): Promise<void> {
    const checkpoint = checkpointFrom(note)
    const device = checkpoint && parseOrigin(checkpoint.origin)?.device
    const keys = ledgerKeys(this.#device)
    if (checkpoint === null || device === null || device === undefined) return
    if (device === this.#device.id) return void (await this.#isOwnHead(checkpoint))
    if (!this.#isNews(checkpoint) && !this.#isForgotten(checkpoint)) return
    const verdict = await verifyCheckpoint(checkpoint, keys, verifyEd25519)
    if (!verdict.ok) return
    await this.#inTurn(() => this.#relearn(checkpoint))
    // Looked at again: another may have come while this one was verified.
    if (this.#isNews(checkpoint)) await this.#recordSeen(checkpoint)
  }

  #isNews({ origin, size }: Checkpoint): boolean {
    return size > (this.#seen.get(origin)?.size ?? -1)
  }

  /** Whether this device seems to have cosigned a head of which its folder knows no more: it was put back from a backup. */
  #isForgotten({ origin, size, note }: Checkpoint): boolean {
    const own = ownLedgerKey(this.#device)
    return size > (this.#cosigned.get(origin)?.size ?? -1) && note.signatures.some(({ name }) => name === own?.name)
  }

  /** Remembers what this device cosigned, if it did. */
  async #relearn(checkpoint: Checkpoint): Promise<void> {
    const own = ownLedgerKey(this.#device)
    if (own === null || !this.#isForgotten(checkpoint)) return
    for (const signature of checkpoint.note.signatures)
      if (signature.name === own.name && (await verifyCosignature(checkpoint, signature, own, verifyEd25519)) !== null)
        return this.#record(COSIGNED, this.#cosigned, checkpoint)
  }

  #tellFork({ name }: PeerName): void {
    this.#device.notes.add(
      'danger',
      `${name}’s device showed two different histories`,
      'Its log was changed, or its disk was put back to an older state. It was not cosigned.',
      'Speak to its owner before you rely on what it says, and tell an auditor.',
    )
  }

  async #record(table: string, map: Map<string, Checkpoint>, checkpoint: Checkpoint): Promise<void> {
    await this.#device.vault.journal.append(table, checkpoint.origin, utf8(formatCheckpoint(checkpoint)))
    map.set(checkpoint.origin, checkpoint)
    this.#device.changed()
  }

  async #recordSeen(checkpoint: Checkpoint): Promise<void> {
    await this.#device.vault.journal.append(SEEN, checkpoint.origin, utf8(formatCheckpoint(checkpoint)))
    this.#see(checkpoint)
    this.#device.changed()
  }

  #see(checkpoint: Checkpoint | null): void {
    if (checkpoint === null) return
    // A slow witness may answer for a size that others have long gone beyond.
    if ((this.#seen.get(checkpoint.origin)?.size ?? 0) <= checkpoint.size) this.#seen.set(checkpoint.origin, checkpoint)
    if (parseOrigin(checkpoint.origin)?.device === this.#device.id) this.#owned.set(checkpoint.size, checkpoint)
  }

  #keep(map: Map<string, Checkpoint>, checkpoint: Checkpoint | null): void {
    if (checkpoint !== null) map.set(checkpoint.origin, checkpoint)
  }
}

function mustHaveCosigned({ device, refused }: Answered): Digest {
  if (refused !== null) throw new NotaryError('no-witness', refused)
  return device
}
