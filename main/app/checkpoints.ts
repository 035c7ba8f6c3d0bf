import { type Digest, equalBytes, fromUtf8, utf8 } from '../../shared/bytes.ts'
import { type Checkpoint, checkpointFrom, formatCheckpoint, parseOrigin } from '../../shared/ledger/checkpoint.ts'
import { mergeCosignatures } from '../../shared/ledger/cosignature.ts'
import { coverageOf, thinned, type Voucher, vouchersOf } from '../../shared/ledger/covered.ts'
import type { NoteSignature } from '../../shared/ledger/note.ts'
import type { AppendOptions } from '../vault/journal-options.ts'
import type { Device } from './device.ts'

/** Checkpoints of other devices' ledgers that this device cosigned: the last of each origin. */
const COSIGNED = 'cosigned'
/** The latest checkpoint seen of each ledger, with cosignatures; of our own all that others cosigned. */
const SEEN = 'checkpoint'
/** Own checkpoints in memory, and in an export, twice as many at most: a bundle has room for 1,000. All stay in the journal. */
const MOST_OWN = 300
/** Heads remembered of each other ledger, so that two of one size can be compared. */
const MOST_HEADS = 64
/** What others tell of a ledger is made durable at most so often: it comes again with the next meeting. */
const SETTLE_MS = 10 * 60_000

/**
 * The checkpoints that this device knows: its own with their cosignatures, what it cosigned for others, and the latest of
 * everybody. What is put in was verified before. Each record is a note, and cosigning alone must not fill a disk: one for
 * a head of ours with all who cosigned it, one for a head of another that we cosign.
 */
export class Checkpoints {
  readonly #device: Device
  readonly #cosigned = new Map<string, Checkpoint>()
  readonly #seen = new Map<string, Checkpoint>()
  /** By origin the heads of other ledgers by size, bare. */
  readonly #heads = new Map<string, Map<number, Checkpoint>>()
  /** Own checkpoints by size. */
  #own = new Map<number, Checkpoint>()
  #coverage: ((leaf: number) => readonly Voucher[]) | null = null
  /** Of each other device its cosignature of the largest own head. */
  readonly #vouched = new Map<Digest, Voucher>()
  /** What is known of other ledgers and not yet durable, and since when each was made durable last. */
  readonly #unsettled = new Set<string>()
  readonly #settledAt = new Map<string, number>()

  private constructor(device: Device) {
    this.#device = device
  }

  /** Reads back what the journal holds. */
  static async load(device: Device): Promise<Checkpoints> {
    const checkpoints = new Checkpoints(device)
    const { journal } = device.vault
    for await (const { value } of journal.records(COSIGNED)) checkpoints.#loadCosigned(checkpointFrom(fromUtf8(value)))
    for await (const { value } of journal.records(SEEN)) checkpoints.#loadSeen(checkpointFrom(fromUtf8(value)))
    return checkpoints
  }

  #loadCosigned(checkpoint: Checkpoint | null): void {
    if (checkpoint === null) return
    this.#cosigned.set(checkpoint.origin, checkpoint)
    this.#remember(checkpoint)
  }

  #loadSeen(checkpoint: Checkpoint | null): void {
    if (checkpoint === null) return
    if (this.#isOwn(checkpoint)) this.#putOwn(checkpoint)
    else this.#remember(checkpoint)
  }

  /** Own checkpoints that others cosigned, the smallest first; thinned out where there are very many. */
  own(): readonly Checkpoint[] {
    return [...this.#own.values()].sort((a, b) => a.size - b.size)
  }

  /** The largest own checkpoint that another device cosigned, or null. */
  ownLatest(): Checkpoint | null {
    let latest: Checkpoint | null = null
    for (const one of this.#own.values()) if (latest === null || one.size > latest.size) latest = one
    return latest
  }

  /** In whose checkpoints an own entry stands; see `coverageOf`. */
  coveredBy(leaf: number): readonly Voucher[] {
    this.#coverage ??= coverageOf(this.#own.values())
    return this.#coverage(leaf)
  }

  /** The size of the largest head of ours that a device cosigned; 0 if none. */
  vouchedBy(device: Digest): number {
    return this.#vouched.get(device)?.size ?? 0
  }

  /** Of every other device that cosigned our ledger, how far. */
  vouchers(): readonly Voucher[] {
    return [...this.#vouched.values()]
  }

  /** The last head of another ledger that this device cosigned, or null. */
  cosigned(origin: string): Checkpoint | null {
    return this.#cosigned.get(origin) ?? null
  }

  /** The largest head of another ledger that is known from anybody: what its next head has to extend. */
  largest(origin: string): Checkpoint | null {
    const [cosigned, seen] = [this.cosigned(origin), this.#seen.get(origin) ?? null]
    return (seen?.size ?? -1) > (cosigned?.size ?? -1) ? seen : cosigned
  }

  /** The largest known head of each other ledger. */
  others(): readonly Checkpoint[] {
    return [...this.#seen.values()]
  }

  /** A known head of the same ledger and size with another root, or null. */
  contradicting({ origin, size, root }: Checkpoint): Checkpoint | null {
    const known = this.#heads.get(origin)?.get(size)
    return known === undefined || equalBytes(known.root, root) ? null : known
  }

  /** Keeps what this device is about to cosign; durable when it returns. The very same head is not recorded twice. */
  async keepCosigned(checkpoint: Checkpoint): Promise<void> {
    const last = this.cosigned(checkpoint.origin)
    if (last?.size === checkpoint.size && equalBytes(last.root, checkpoint.root)) return
    await this.#record(COSIGNED, checkpoint)
    this.#cosigned.set(checkpoint.origin, checkpoint)
  }

  /** Keeps cosignatures of an own checkpoint beside those that came before; durable when it returns. */
  async keepOwn(checkpoint: Checkpoint, by: readonly NoteSignature[], options: AppendOptions = {}): Promise<void> {
    const merged = mergeCosignatures(this.#own.get(checkpoint.size) ?? checkpoint, by)
    await this.#record(SEEN, merged, options)
    this.#putOwn(merged)
    this.#device.changed()
  }

  /** Takes a head of another ledger that was verified, with cosignatures by known keys alone. Not durable at once. */
  see(checkpoint: Checkpoint): void {
    const { origin, size } = checkpoint
    const known = this.#seen.get(origin)
    this.#remember(checkpoint)
    if (size >= (known?.size ?? 0)) this.#unsettled.add(origin)
  }

  /** Makes durable what others told, now and then. */
  async settle(): Promise<void> {
    const now = this.#device.clock().monotonic
    for (const origin of this.#unsettled) {
      const checkpoint = this.#seen.get(origin)
      const at = this.#settledAt.get(origin)
      if (checkpoint === undefined || (at !== undefined && now - at < SETTLE_MS)) continue
      this.#settledAt.set(origin, now)
      this.#unsettled.delete(origin)
      // What this device cosigned itself is durable already.
      if ((this.cosigned(origin)?.size ?? -1) < checkpoint.size)
        await this.#record(SEEN, checkpoint, { deferrable: true })
    }
  }

  async #record(table: string, checkpoint: Checkpoint, options: AppendOptions = {}): Promise<void> {
    await this.#device.vault.journal.append(table, checkpoint.origin, utf8(formatCheckpoint(checkpoint)), options)
  }

  #isOwn({ origin }: Checkpoint): boolean {
    return parseOrigin(origin)?.device === this.#device.id
  }

  #putOwn(checkpoint: Checkpoint): void {
    this.#own.set(checkpoint.size, checkpoint)
    this.#coverage = null
    for (const voucher of vouchersOf(checkpoint))
      if (voucher.size >= this.vouchedBy(voucher.device)) this.#vouched.set(voucher.device, voucher)
    if (this.#own.size > 2 * MOST_OWN)
      this.#own = new Map(thinned(this.own(), MOST_OWN).map((one) => [one.size, one] as const))
  }

  #remember(checkpoint: Checkpoint): void {
    const { origin, size, root } = checkpoint
    const known = this.#seen.get(origin)
    if (known === undefined || size > known.size) this.#seen.set(origin, checkpoint)
    else if (size === known.size && equalBytes(root, known.root))
      this.#seen.set(origin, mergeCosignatures(known, checkpoint.note.signatures))
    const heads = this.#heads.get(origin) ?? new Map<number, Checkpoint>()
    this.#heads.set(origin, heads)
    if (heads.has(size)) return
    heads.set(size, checkpoint)
    const [oldest] = heads.keys()
    if (heads.size > MOST_HEADS && oldest !== undefined) heads.delete(oldest)
  }
}
