import { type Digest } from '../../shared/bytes.ts'
import { boxesIn } from '../../shared/case/blobs.ts'
import type { Collection } from '../../shared/statements/collection.ts'
import type { VerifiedStatement } from '../../shared/statements/door.ts'
import { digestOf } from '../sha256.ts'
import type { Blobs } from '../vault/blobs.ts'

/** What was put last is handed on at once, as a rule: so many, of so many bytes at most, need not be read again for that. */
const MOST_LATELY = 8
const MOST_LATELY_BYTES = 16 * 1024
/** Blobs that are here while the vault is open and not on the disk: so many, of as many bytes at most. */
const MOST_LENT = 64

/** Which sealed blobs are here: the blobs on the disk, and what this run knows of them without reading each again. */
export class Shelf {
  readonly #blobs: Blobs
  readonly #here = new Set<Digest>()
  readonly #putting = new Map<Digest, { readonly bytes: Uint8Array; readonly kept: Promise<Digest> }>()
  readonly #lately = new Map<Digest, Uint8Array>()
  readonly #lent = new Map<Digest, Uint8Array>()

  private constructor(blobs: Blobs) {
    this.#blobs = blobs
  }

  /** Looks for every blob that a statement names. */
  static async load(blobs: Blobs, collection: Collection): Promise<Shelf> {
    const shelf = new Shelf(blobs)
    for (const id of blobsNamed(collection)) await shelf.get(id)
    return shelf
  }

  has(id: Digest): boolean {
    return this.#here.has(id)
  }

  /** Whether it is being kept at this moment. */
  isComing(id: Digest): boolean {
    return this.#putting.has(id)
  }

  /** The blob, or null. One that was altered on the disk counts as absent, so that it is fetched from a peer again. */
  async get(id: Digest): Promise<Uint8Array<ArrayBuffer> | null> {
    const lent = this.#lent.get(id)
    if (lent !== undefined) return Uint8Array.from(lent)
    const bytes = await this.#blobs.get(id).catch(() => null)
    if (bytes === null) this.#here.delete(id)
    else this.#here.add(id)
    return bytes === null ? null : Uint8Array.from(bytes)
  }

  /**
   * As {@link get}, and also one that is only being kept, or was lately, and is not read anew: for what is used or given now and
   * need not be here afterwards.
   */
  async look(id: Digest): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = this.#putting.get(id)?.bytes ?? this.#lately.get(id)
    return bytes === undefined ? this.get(id) : Uint8Array.from(bytes)
  }

  /** Keeps a blob, durably. Two peers may hand over the same one at once; it is written once. */
  async put(bytes: Uint8Array): Promise<Digest> {
    const id = digestOf(bytes)
    const underWay = this.#putting.get(id) ?? {
      bytes,
      kept: this.#blobs.put(bytes).finally(() => this.#putting.delete(id)),
    }
    this.#putting.set(id, underWay)
    await underWay.kept
    this.#here.add(id)
    this.#remember(id, underWay.bytes)
    return id
  }

  /** Keeps a blob as long as the vault is open, for what is of no use after that: no disk is waited for. Puts it where that is too much. */
  async lend(bytes: Uint8Array): Promise<Digest> {
    if (bytes.length > MOST_LATELY_BYTES || this.#lent.size >= MOST_LENT) return this.put(bytes)
    const id = digestOf(bytes)
    this.#lent.set(id, Uint8Array.from(bytes))
    this.#here.add(id)
    return id
  }

  /** Deletes every blob but these. */
  async keepOnly(ids: readonly Digest[]): Promise<void> {
    await this.#blobs.keepOnly(ids)
    for (const id of this.#here) if (!ids.includes(id)) this.#forget(id)
  }

  async delete(id: Digest): Promise<void> {
    await this.#blobs.delete(id)
    this.#forget(id)
  }

  #remember(id: Digest, bytes: Uint8Array): void {
    if (bytes.length > MOST_LATELY_BYTES) return
    this.#lately.set(id, Uint8Array.from(bytes))
    const [first] = this.#lately.keys()
    if (this.#lately.size > MOST_LATELY && first !== undefined) this.#lately.delete(first)
  }

  #forget(id: Digest): void {
    this.#here.delete(id)
    this.#lately.delete(id)
    this.#lent.delete(id)
  }
}

/** Every blob that some statement names. */
export function blobsNamed(collection: Collection): Set<Digest> {
  const naming = [
    ...collection.of('deposit'),
    ...collection.of('release'),
    ...collection.of('handover'),
    ...collection.of('evidence'),
    ...collection.of('aftercare'),
  ]
  return new Set(naming.flatMap((statement) => blobsIn(statement)))
}

/** The blobs that a statement names. */
export function blobsIn(statement: VerifiedStatement): readonly Digest[] {
  if (statement.kind === 'release') return [statement.payload.box]
  if (statement.kind === 'handover') return [statement.payload.sealed]
  if (statement.kind === 'evidence') return statement.payload.parts
  if (statement.kind === 'aftercare') return boxesIn(statement.payload).map(({ sealed }) => sealed)
  return statement.kind === 'deposit' ? [statement.payload.ciphertext, ...statement.payload.boxes] : []
}
