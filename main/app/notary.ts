import { type Digest, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import {
  type Checkpoint,
  checkpointFrom,
  formatCheckpoint,
  originOf,
  parseOrigin,
  signCheckpoint,
} from '../../shared/ledger/checkpoint.ts'
import { addCosignature, cosign, verifyCosignature } from '../../shared/ledger/cosignature.ts'
import type { NoteKey } from '../../shared/ledger/note.ts'
import { verifyCheckpoint } from '../../shared/ledger/verify.ts'
import { witnessHead } from '../../shared/ledger/witness.ts'
import { deviceId } from '../../shared/statements/member.ts'
import { signatureChecks } from '../checks.ts'
import type { PeerName, WitnessAnswer, WitnessRequest } from '../exchange/exchange.ts'
import type { Device } from './device.ts'
import type { Carrier } from './ports.ts'

/** Checkpoints of other devices' ledgers that this device cosigned: the last of each origin. */
const COSIGNED = 'cosigned'
/** The latest checkpoint seen of each ledger, with cosignatures; our own among them. */
const SEEN = 'checkpoint'

export type NotaryErrorCode = 'no-witness' | 'bad-cosignature'
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
    const origin = this.#origin(this.#device.id)
    return origin === null ? null : (this.#seen.get(origin) ?? null)
  }

  /** A checkpoint of our ledger as it stands now, signed by this device alone unless it is the cosigned one. */
  async fresh(): Promise<Checkpoint> {
    const own = this.own()
    return own?.size === this.#device.store.ledger.size ? own : this.#signOwn()
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
   * Has one connected peer cosign a checkpoint of our ledger as it stands now.
   *
   * @returns the device that did.
   * @throws {NotaryError} `no-witness` if nobody would or could.
   */
  async witnessed(carrier: Carrier): Promise<Digest> {
    const checkpoint = await this.#signOwn()
    const reasons: string[] = []
    for (const { device, connected } of carrier.peers()) {
      if (!connected) continue
      const refused = await this.#tryWitness(carrier, device, checkpoint)
      if (refused === null) return device
      reasons.push(refused)
    }
    const why =
      reasons.length === 0 ? 'No other device is connected' : `No other device acknowledged it (${reasons.join('; ')})`
    throw new NotaryError(
      'no-witness',
      `${why}. The credential was not touched. Have one more member open Lockbox on this network.`,
    )
  }

  /** Has every connected peer cosign one checkpoint, as far as they will; how many did. For an export. */
  async witnessedByAll(carrier: Carrier): Promise<number> {
    const checkpoint = await this.#signOwn()
    let cosigned = 0
    for (const { device, connected } of carrier.peers())
      if (connected && (await this.#tryWitness(carrier, device, checkpoint)) === null) cosigned++
    return cosigned
  }

  /** Null if the peer cosigned, else why not. */
  async #tryWitness(carrier: Carrier, device: Digest, checkpoint: Checkpoint): Promise<string | null> {
    const name = this.#device.names()(this.#memberOf(device)).name
    try {
      return (await this.#askWitness(carrier, device, checkpoint)) ? null : `${name}’s device refused`
    } catch (error) {
      return `${name}’s device: ${error instanceof LockboxError ? error.message : 'no answer'}`
    }
  }

  async #askWitness(carrier: Carrier, device: Digest, checkpoint: Checkpoint): Promise<boolean> {
    const first = await carrier.requestWitness(device, this.#question(checkpoint, 0))
    const answer = 'cosigned' in first ? first : await this.#askAgain(carrier, device, checkpoint, first.last)
    if (answer === null || !('cosigned' in answer)) return false
    const key = this.#keyOf(device)
    for (const signature of checkpointFrom(answer.cosigned)?.note.signatures ?? []) {
      if (key === null || signature.name !== key.name) continue
      if ((await verifyCosignature(checkpoint, signature, key, verifyEd25519)) === null) continue
      const known = this.#owned.get(checkpoint.size) ?? checkpoint
      await this.#recordSeen(addCosignature(known, signature))
      return true
    }
    return false
  }

  /** The witness has cosigned an earlier head of ours: show that this one extends it. */
  async #askAgain(
    carrier: Carrier,
    device: Digest,
    checkpoint: Checkpoint,
    last: string | undefined,
  ): Promise<WitnessAnswer | null> {
    const before = last === undefined ? null : checkpointFrom(last)
    if (before === null || before.size > checkpoint.size) return null
    return carrier.requestWitness(device, this.#question(checkpoint, before.size))
  }

  #question(checkpoint: Checkpoint, from: number): WitnessRequest {
    const { ledger } = this.#device.store
    const proof = from === 0 ? [] : ledger.consistencyProof(from, checkpoint.size)
    return { note: formatCheckpoint(checkpoint), proof: proof.map(toBase64Url), from }
  }

  async #signOwn(): Promise<Checkpoint> {
    const { store, vault, summary } = this.#device
    const origin = this.#origin(this.#device.id) as string
    const size = store.ledger.size
    const head = { origin, size, root: store.ledger.root(size) }
    return signCheckpoint(head, { name: origin, publicKey: fromBase64Url(summary.device.checkpoint) }, (bytes) =>
      vault.signCheckpoint(bytes),
    )
  }

  /** Judges a peer's head and cosigns it if it extends the one cosigned before. One at a time. */
  cosign(request: WitnessRequest, from: PeerName): Promise<WitnessAnswer> {
    const done = this.#queue.then(() => this.#cosign(request, from))
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #cosign(request: WitnessRequest, from: PeerName): Promise<WitnessAnswer> {
    const origin = this.#origin(from.device)
    const key = this.#keyOf(from.device)
    const own = this.#ownKey()
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
    const keys = this.#keys()
    if (checkpoint === null || device === null || device === undefined || device === this.#device.id) return
    if (!this.#isNews(checkpoint)) return
    const verdict = await verifyCheckpoint(checkpoint, keys, verifyEd25519)
    // Looked at again: another may have come while this one was verified.
    if (verdict.ok && this.#isNews(checkpoint)) await this.#recordSeen(checkpoint)
  }

  #isNews({ origin, size }: Checkpoint): boolean {
    return size > (this.#seen.get(origin)?.size ?? -1)
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
    this.#seen.set(checkpoint.origin, checkpoint)
    if (parseOrigin(checkpoint.origin)?.device === this.#device.id) this.#owned.set(checkpoint.size, checkpoint)
  }

  #keep(map: Map<string, Checkpoint>, checkpoint: Checkpoint | null): void {
    if (checkpoint !== null) map.set(checkpoint.origin, checkpoint)
  }

  #origin(device: Digest): string | null {
    const organization = this.#device.organizationId()
    return organization === null ? null : originOf(organization, device)
  }

  #ownKey(): NoteKey | null {
    const name = this.#origin(this.#device.id)
    return name === null ? null : { name, publicKey: fromBase64Url(this.#device.summary.device.checkpoint) }
  }

  #memberOf(device: Digest): string {
    return this.#device.org()?.head.roster.members.find((member) => deviceId(member) === device)?.member ?? ''
  }

  #keyOf(device: Digest): NoteKey | null {
    const name = this.#origin(device)
    return this.#keys().find((key) => key.name === name) ?? null
  }

  #keys(): NoteKey[] {
    const org = this.#device.org()
    if (org === null) return []
    return org.head.roster.members.map((member) => ({
      name: originOf(org.id, deviceId(member)),
      publicKey: fromBase64Url(member.device.keys.checkpoint),
    }))
  }
}
