import { concat, fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { digestField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import { asideOf, replaceFile, type VaultFs } from './files.ts'
import type { Places } from './journal-places.ts'
import type { JournalIdentity } from './journal-record.ts'
import { openRecord, SEAL_OVERHEAD, sealRecord, wipe } from './sodium.ts'

// What was found when the journal was last read, so that it need not be found again; docs/formats/journal.md §9:
//
//   magic "LBJX" | length of the first part u32 | first part | second part
//
// Derived, and never a source: without it, or if it does not fit, the journal is read as if there were none.

const MAGIC = Uint8Array.of(0x4c, 0x42, 0x4a, 0x58)
const HEAD_LENGTH = 8
const SHAPE_BYTES = 4
/** Bits of a record's length; its table is in the bits above. */
const LENGTH_BITS = 24
const MOST_TABLES = 255

/** The last record that an index covers, and where it begins and ends. */
export interface IndexEnd {
  readonly position: number
  readonly hash: Uint8Array
  readonly at: number
  readonly length: number
}

/** What an index says of the journal up to its end. */
export interface IndexHead {
  readonly end: IndexEnd
  /** By which rules statements were accepted. */
  readonly rules: string
  readonly tables: readonly string[]
  /** What the app wants to have at once. */
  readonly glimpse: Uint8Array
}

const headField = z.strictObject({
  at: z.int().min(0),
  hash: digestField,
  length: z.int().min(1),
  position: z.int().min(0),
  rules: z.string().max(256),
  tables: z.array(z.string().min(1).max(64)).max(MOST_TABLES),
})

/** The index beside a journal, under a key of its own. */
export class IndexFile {
  readonly #fs: VaultFs
  readonly #path: string
  readonly #identity: JournalIdentity

  constructor(fs: VaultFs, path: string, identity: JournalIdentity) {
    this.#fs = fs
    this.#path = path
    this.#identity = identity
  }

  /** The first part, or null if there is no index of this vault that opens. */
  async read(): Promise<{ head: IndexHead; shapes: () => Shapes | null } | null> {
    const bytes = await this.#fs.readAll(this.#path).catch(() => null)
    if (bytes === null || bytes.length < HEAD_LENGTH || !MAGIC.every((one, at) => bytes[at] === one)) return null
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4)
    if (length < SEAL_OVERHEAD || HEAD_LENGTH + length > bytes.length) return null
    try {
      const head = parseHead(
        openRecord(this.#identity.key, bytes.subarray(HEAD_LENGTH, HEAD_LENGTH + length), this.#context(null)),
      )
      return { head, shapes: () => this.#shapesIn(head, bytes.subarray(HEAD_LENGTH + length)) }
    } catch {
      return null
    }
  }

  #shapesIn({ end, tables }: IndexHead, sealed: Uint8Array): Shapes | null {
    try {
      const shapes = new Shapes(openRecord(this.#identity.key, sealed, this.#context(end)), tables)
      return shapes.count === end.position + 1 ? shapes : null
    } catch {
      return null
    }
  }

  /** The bytes of an index. */
  seal(head: IndexHead, places: Places): Uint8Array {
    const first = sealRecord(this.#identity.key, headBytes(head), this.#context(null))
    const second = sealRecord(this.#identity.key, shapesOf(places, head.end.position + 1), this.#context(head.end))
    const length = new DataView(new ArrayBuffer(4))
    length.setUint32(0, first.length)
    return concat(MAGIC, new Uint8Array(length.buffer), first, second)
  }

  /**
   * Puts a sealed index in the place of the one before.
   *
   * @throws an error of the disk; then the one before is there as it was.
   */
  put(sealed: Uint8Array): Promise<void> {
    return replaceFile(this.#fs, this.#path, sealed)
  }

  /** Takes away what a crash left beside it. */
  tidy(): Promise<void> {
    return this.#fs.remove(asideOf(this.#path))
  }

  /** Forgets the key. */
  forget(): void {
    wipe(this.#identity.key)
  }

  /** The second part belongs to a first one: it is told by where that one ends. */
  #context(end: IndexEnd | null): Uint8Array {
    const vault = toBase64Url(this.#identity.vaultId)
    if (end === null) return jcs({ part: 'head', purpose: 'lockbox/journal-index/v1', vault })
    const { position, hash } = end
    return jcs({ hash: toBase64Url(hash), part: 'records', position, purpose: 'lockbox/journal-index/v1', vault })
  }
}

function headBytes({ end, rules, tables, glimpse }: IndexHead): Uint8Array {
  const { at, hash, length, position } = end
  const head = jcs({ at, hash: toBase64Url(hash), length, position, rules, tables: [...tables] })
  const size = new DataView(new ArrayBuffer(4))
  size.setUint32(0, head.length)
  return concat(new Uint8Array(size.buffer), head, glimpse)
}

/** @throws {Error} if it is no such part. */
function parseHead(bytes: Uint8Array): IndexHead {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const { hash, rules, tables, ...end } = headField.parse(parseJcs(bytes.subarray(4, 4 + size)))
  return { end: { ...end, hash: fromBase64Url(hash) }, rules, tables, glimpse: bytes.subarray(4 + size) }
}

/** Table and length of each record that an index covers. */
export class Shapes {
  readonly #numbers: DataView
  readonly #tables: readonly string[]

  constructor(bytes: Uint8Array, tables: readonly string[]) {
    this.#numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#tables = tables
  }

  get count(): number {
    return this.#numbers.byteLength / SHAPE_BYTES
  }

  /** @throws {RangeError} if there is none. */
  at(position: number): { readonly length: number; readonly table: string | undefined } {
    const number = this.#numbers.getUint32(position * SHAPE_BYTES)
    return { length: number & (2 ** LENGTH_BITS - 1), table: this.#tables[number >>> LENGTH_BITS] }
  }
}

function shapesOf(places: Places, count: number): Uint8Array {
  const shapes = new DataView(new ArrayBuffer(count * SHAPE_BYTES))
  const tables = new Map(places.tables.map((table, at) => [table, at] as const))
  for (let position = 0; position < count; position++) {
    const place = places.get(position)
    if (place === undefined) throw new TypeError('a journal that has lost something has no index')
    const table = tables.get(place.table) as number
    shapes.setUint32(position * SHAPE_BYTES, ((table << LENGTH_BITS) | place.length) >>> 0)
  }
  return new Uint8Array(shapes.buffer)
}
