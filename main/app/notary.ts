import { type Digest, fromBase64Url } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import {
  type Checkpoint,
  checkpointFrom,
  formatCheckpoint,
  type Head,
  parseOrigin,
  signCheckpoint,
} from '../../shared/ledger/checkpoint.ts'
import { type Voucher, vouchersOf } from '../../shared/ledger/covered.ts'
import type { NoteSignature } from '../../shared/ledger/note.ts'
import { knownSignatures, verifyCheckpoint } from '../../shared/ledger/verify.ts'
import type { PeerName, WitnessAnswer, WitnessRequest } from '../exchange/exchange.ts'
import { JournalError } from '../vault/journal.ts'
import { Checkpoints } from './checkpoints.ts'
import type { Device } from './device.ts'
import { Evidence } from './evidence.ts'
import { Gathered } from './gathered.ts'
import { ledgerKeys, originFor, ownLedgerKey } from './ledger-keys.ts'
import { verifyOnNote } from './note-checks.ts'
import type { Carrier, Elsewhere, WitnessWay } from './ports.ts'
import { headFits } from './same-folder.ts'
import { Witness } from './witness.ts'
import { type Answered, askAll, nearestFirst, settledWithin } from './witnesses.ts'

export type NotaryErrorCode = 'no-witness' | 'bad-cosignature' | 'log-broken'
export class NotaryError extends LockboxError<NotaryErrorCode> {}

/** How long cosignatures of one head are waited for, so that one record holds them all. */
const GATHER_MS = 2000
/** An issue asks those who are elsewhere once those who are here had so long, or all said no: who answers whom tells who issues. */
const HEAD_START_MS = 3000
/** Notes whose reading is remembered: everybody hands over the same ones. */
const MOST_READ = 1024

/**
 * Checkpoints: this device's own, which it has others cosign; those it cosigns for others; and the latest of everybody,
 * which travel along with statements. What it cosigns is durable before the cosignature leaves.
 */
export class Notary {
  readonly evidence: Evidence
  readonly #device: Device
  readonly #checkpoints: Checkpoints
  readonly #witness: Witness
  #keeping: Promise<unknown> = Promise.resolve()
  readonly #texts = new WeakMap<Checkpoint, string>()
  readonly #read = new Map<string, Checkpoint | null>()

  private constructor(device: Device, checkpoints: Checkpoints, evidence: Evidence) {
    this.#device = device
    this.#checkpoints = checkpoints
    this.evidence = evidence
    this.#witness = new Witness(device, checkpoints, evidence)
  }

  static async load(device: Device): Promise<Notary> {
    return new Notary(device, await Checkpoints.load(device), await Evidence.load(device))
  }

  /** The latest own checkpoint that another device cosigned, as a note; null if there is none. */
  ownNote(): string | null {
    const own = this.own()
    return own === null ? null : this.#textOf(own)
  }

  /** The latest checkpoint of every other ledger, and both of each proof of a fork, as notes. */
  notes(): readonly string[] {
    return [...this.othersLatest(), ...this.evidence.forks().flat()]
  }

  /** The latest checkpoint of every other ledger, as notes. */
  othersLatest(): readonly string[] {
    return this.#checkpoints.others().map((checkpoint) => this.#textOf(checkpoint))
  }

  /** Whether a larger head of the same ledger is known. */
  isOutdated({ origin, size }: Head): boolean {
    return (this.#checkpoints.largest(origin)?.size ?? 0) > size
  }

  /** Own checkpoints that other devices cosigned, the smallest first; thinned out where there are very many. */
  cosigned(): readonly string[] {
    return this.#checkpoints.own().map(formatCheckpoint)
  }

  /** The latest own checkpoint that another device cosigned, or null. */
  own(): Checkpoint | null {
    return this.#checkpoints.ownLatest()
  }

  /** A checkpoint of our ledger as it stands now, signed by this device alone unless it is the cosigned one. */
  async fresh(): Promise<Checkpoint> {
    const own = this.own()
    const isFresh = own?.size === this.#device.store.ledger.size && !this.#device.standing.logBroken
    return isFresh ? own : this.#signOwn()
  }

  /** Who cosigned our latest cosigned checkpoint, and when by their clocks. */
  cosigners(): readonly Voucher[] {
    const own = this.own()
    return own === null ? [] : vouchersOf(own)
  }

  /** In whose checkpoints an entry of our ledger stands; see `coverageOf`. */
  coveredBy(leaf: number): readonly Voucher[] {
    return this.#checkpoints.coveredBy(leaf)
  }

  /** Of every other device that cosigned our ledger, how far. */
  vouchers(): readonly Voucher[] {
    return this.#checkpoints.vouchers()
  }

  /** Whether a device has cosigned our ledger as it stands now. */
  isVouchedBy(device: Digest): boolean {
    return this.#checkpoints.vouchedBy(device) >= this.#device.store.ledger.size
  }

  /**
   * Has another device cosign a checkpoint of our ledger as it stands now: a connected one, or if none does soon, one that is
   * elsewhere.
   *
   * @returns the device that did first.
   * @throws {NotaryError} `no-witness` if nobody would or could; `log-broken`.
   */
  async witnessed(carrier: Carrier, elsewhere: Elsewhere): Promise<Digest> {
    const checkpoint = await this.#signOwn()
    const cosignatures = new Gathered<NoteSignature>((all) => this.#keepOwn(checkpoint, all))
    const keep = (signature: NoteSignature) => cosignatures.add(signature)
    const ask = (way: WitnessWay, devices: readonly Digest[]) => this.#askAll(way, devices, checkpoint, keep)
    const near = ask(carrier, connectedOf(carrier))
    const answered = new Set<Digest>()
    for (const answer of near) void answer.then(({ device }) => answered.add(device))
    let far: readonly Promise<Answered>[] = []
    const askFar = () => {
      // A connection may be broken already, and nobody know it: whoever is silent on it may be there by relay.
      const devices = elsewhere.witnesses(true).filter((device) => !answered.has(device))
      far = ask(elsewhere, devices)
      return far
    }
    const first = await nearestFirst(near, askFar, HEAD_START_MS)
    if (first !== null) return first
    const reasons = (await Promise.all([...near, ...far])).map(({ refused }) => refused)
    const why =
      reasons.length === 0 ? 'No other device is connected' : `No other device acknowledged it (${reasons.join('; ')})`
    throw new NotaryError(
      'no-witness',
      `${why}. The credential was not touched. Have one more member open Lockbox on this network${far.length > 0 ? ', or by relay' : ''}.`,
    )
  }

  /**
   * Has every connected peer cosign one checkpoint, as far as they will; how many did. For an export.
   *
   * @throws {NotaryError} `log-broken`.
   */
  async witnessedByAll(carrier: Carrier): Promise<number> {
    const answers = await this.ask(carrier, connectedOf(carrier))
    return answers.filter(({ refused }) => refused === null).length
  }

  /**
   * Asks these devices to cosign our ledger as it stands now. Cosignatures that come within a moment are kept together, in
   * one record.
   *
   * @param onAnswer - told of each answer as it comes.
   * @throws {NotaryError} `log-broken`; {JournalError} if they cannot be kept.
   */
  async ask(
    way: WitnessWay,
    devices: readonly Digest[],
    onAnswer: (answered: Answered) => void = () => undefined,
  ): Promise<readonly Answered[]> {
    if (devices.length === 0) return []
    const checkpoint = await this.#signOwn()
    const gathered: NoteSignature[] = []
    const asked = this.#askAll(way, devices, checkpoint, async (signature) => void gathered.push(signature))
    const keep = async () => {
      const signatures = gathered.splice(0)
      if (signatures.length > 0) await this.#keepOwn(checkpoint, signatures, true)
    }
    for (const answer of asked) void answer.then(onAnswer)
    const answers = Promise.all(asked)
    // A lock while somebody is slow must not lose what others gave.
    while ((await settledWithin(answers, GATHER_MS)) === null) await keep()
    await keep()
    return answers
  }

  #askAll(
    way: WitnessWay,
    devices: readonly Digest[],
    checkpoint: Checkpoint,
    keep: (signature: NoteSignature) => Promise<void>,
  ): Promise<Answered>[] {
    return askAll({
      device: this.#device,
      way,
      devices,
      checkpoint,
      from: (device) => this.#checkpoints.vouchedBy(device),
      keep,
      isOwnHead: (head) => this.#isOwnHead(head),
    })
  }

  /** Keeps cosignatures beside those that came before: several may come at once. */
  #keepOwn(checkpoint: Checkpoint, signatures: readonly NoteSignature[], deferrable = false): Promise<void> {
    const done = this.#keeping.then(() => this.#checkpoints.keepOwn(checkpoint, signatures, { deferrable }))
    this.#keeping = done.catch(() => undefined)
    return done
  }

  /** Whether a head is one that this device signed; if it is, and is not of this ledger, this folder is not the newest. */
  async #isOwnHead(checkpoint: Checkpoint): Promise<boolean> {
    const key = ownLedgerKey(this.#device)
    if (key === null || checkpoint.origin !== key.name) return false
    if (headFits(checkpoint, this.#device.store.ledger)) return true
    const { ok } = await verifyCheckpoint(checkpoint, [key], verifyOnNote)
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

  /** Judges a peer's head and cosigns it if it extends what is known of that ledger; see {@link Witness.cosign}. */
  cosign(request: WitnessRequest, from: PeerName, isFresh = true): Promise<WitnessAnswer> {
    return this.#witness.cosign(request, from, isFresh)
  }

  /** Takes a checkpoint that travelled along, if it is believed. One that cannot be kept now comes again. */
  async take(note: string): Promise<void> {
    const checkpoint = this.#reading(note)
    const origin = checkpoint && parseOrigin(checkpoint.origin)
    if (origin === null || checkpoint === null || origin.organization !== this.#device.organizationId()) return
    const taken = origin.device === this.#device.id ? this.#takeOwn(checkpoint) : this.#witness.take(checkpoint, note)
    await taken.catch((error: unknown) => {
      if (!(error instanceof JournalError)) throw error
    })
  }

  /** Notes are asked for with every change, and most of them are as they were. */
  #textOf(checkpoint: Checkpoint): string {
    const text = this.#texts.get(checkpoint) ?? formatCheckpoint(checkpoint)
    this.#texts.set(checkpoint, text)
    return text
  }

  #reading(note: string): Checkpoint | null {
    const known = this.#read.get(note)
    if (known !== undefined) return known
    const checkpoint = checkpointFrom(note)
    if (this.#read.size >= MOST_READ) this.#read.clear()
    this.#read.set(note, checkpoint)
    return checkpoint
  }

  /** What is looked at from time to time; see {@link Witness.turn}. */
  turn(carrier: Carrier): Promise<void> {
    return this.#witness.turn(connectedOf(carrier))
  }

  /** Cosignatures whose answer got lost, or that a folder which was put back does not have, come back with others' notes. */
  async #takeOwn(checkpoint: Checkpoint): Promise<void> {
    const fits = headFits(checkpoint, this.#device.store.ledger)
    if (!fits) return void (await this.#isOwnHead(checkpoint))
    const news = vouchersOf(checkpoint).filter(({ device, size }) => size > this.#checkpoints.vouchedBy(device))
    const keys = ledgerKeys(this.#device)
    if (news.length === 0 || !(await verifyCheckpoint(checkpoint, keys, verifyOnNote)).ok) return
    const known = knownSignatures(checkpoint, keys)
    const by = new Set(news.map(({ device }) => originFor(this.#device, device)))
    const signatures = known.filter(({ name }) => by.has(name))
    if (signatures.length > 0)
      await this.#keepOwn({ ...checkpoint, note: { ...checkpoint.note, signatures: known } }, signatures, true)
  }
}

function connectedOf(carrier: Carrier): Digest[] {
  return carrier.peers().flatMap(({ device, connected }) => (connected ? [device] : []))
}
