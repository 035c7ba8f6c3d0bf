import type { UnixMilliseconds } from '../bytes.ts'
import {
  BUNDLE_LIMITS,
  type BundleEntry,
  BundleError,
  type BundleErrorCode,
  type BundleHeader,
  type Evidence,
  type SectionName,
} from '../ledger/bundle.ts'
import { type BundleItem, readBundle } from '../ledger/bundle-read.ts'
import { headOfPart } from '../ledger/check.ts'
import { Leaves } from '../ledger/leaves.ts'
import { type Batch, packed } from './batch.ts'
import type { FileSetting } from './examine.ts'

/** How much goes to an examiner at once: enough that sending it costs little beside checking it. */
const BATCH_BYTES = 192 * 1024
const BATCH_ROWS = 1024

/** What makes a file unreadable: a code and words. */
export interface FileFault {
  readonly code: BundleErrorCode | 'no-file'
  readonly message: string
}

/** A file of several that cannot be read; the others may be verified without it. */
export class UnreadableFile extends Error {
  readonly file: number
  readonly fault: FileFault

  constructor(file: number, fault: FileFault) {
    super(fault.message, { cause: fault })
    this.file = file
    this.fault = fault
  }
}

/** The clock by which several files are judged: that of the export made last. */
export function latestExport(headers: readonly Pick<BundleHeader, 'exportedAt'>[]): UnixMilliseconds {
  return Math.max(...headers.map(({ exportedAt }) => exportedAt))
}

/** A bundle on its way in: what has to be known before its entries, and then section after section. */
export class Source {
  readonly index: number
  readonly header: BundleHeader
  readonly checkpoints: readonly string[]
  readonly evidence: Evidence[] = []
  readonly leaves: Leaves
  /** How many entries came. */
  entries = 0
  intact = false
  readonly #rest: AsyncGenerator<readonly BundleItem[], undefined, undefined>
  #items: readonly BundleItem[]
  #next: number

  private constructor(
    index: number,
    head: { header: BundleHeader; checkpoints: readonly string[] },
    rest: AsyncGenerator<readonly BundleItem[], undefined, undefined>,
    items: readonly BundleItem[],
    next: number,
  ) {
    this.index = index
    this.header = head.header
    this.checkpoints = head.checkpoints
    this.leaves = new Leaves(head.header.scope === 'all' ? Math.min(head.header.size, BUNDLE_LIMITS.entries) : 0)
    this.#rest = rest
    this.#items = items
    this.#next = next
  }

  /**
   * Reads header and checkpoints.
   *
   * @throws {UnreadableFile}
   */
  static async open(chunks: AsyncIterable<Uint8Array>, index: number): Promise<Source> {
    const rest = blaming(readBundle(chunks), index)
    let header: BundleHeader | null = null
    const checkpoints: string[] = []
    for (;;) {
      const next = await rest.next()
      if (next.done === true) throw new TypeError('expected a reader to give a header or to throw')
      for (const [at, item] of next.value.entries()) {
        if (item.what === 'header') header = item.header
        else if (item.what === 'checkpoint') checkpoints.push(item.note)
        else if (header !== null) return new Source(index, { header, checkpoints }, rest, next.value, at)
      }
    }
  }

  get setting(): FileSetting {
    const { device: exporter, exportedAt, scope } = this.header
    return {
      exporter,
      exportedAt,
      isPart: scope !== 'all',
      isHeld: scope === 'held',
      head: scope === 'all' ? null : headOfPart(this),
    }
  }

  /** The section that comes next, or null if none does any more. */
  async section(): Promise<SectionName | null> {
    const item = await this.#peek()
    return item?.what === 'section' ? item.name : null
  }

  /** The batches of the section that comes next. */
  async *batches(): AsyncGenerator<Batch> {
    const first = await this.#take()
    if (first?.what !== 'section') return
    let entries: BundleEntry[] = []
    let bytes = 0
    for (;;) {
      // Most items were read already, and to wait for each would leave some promises to be collected.
      const item = this.#items[this.#next] ?? (await this.#peek())
      if (item?.what !== 'entry') break
      entries.push(item)
      bytes += item.envelope.length
      this.entries++
      this.#next++
      if (bytes < BATCH_BYTES && entries.length < BATCH_ROWS) continue
      yield packed(this.index, first.name, entries)
      entries = []
      bytes = 0
    }
    if (entries.length > 0) yield packed(this.index, first.name, entries)
  }

  /** Reads what follows the entries. */
  async finish(): Promise<void> {
    for (let item = await this.#take(); item !== null; item = await this.#take()) {
      if (item.what === 'evidence') this.evidence.push(item.evidence)
      if (item.what === 'end') this.intact = item.intact
    }
  }

  async #take(): Promise<BundleItem | null> {
    const item = await this.#peek()
    if (item !== null) this.#next++
    return item
  }

  async #peek(): Promise<BundleItem | null> {
    while (this.#next >= this.#items.length) {
      const next = await this.#rest.next()
      if (next.done === true) return null
      this.#items = next.value
      this.#next = 0
    }
    return this.#items[this.#next] as BundleItem
  }
}

/** What is read of a file, with its number on whatever is wrong with it. */
async function* blaming<Item>(items: AsyncIterable<Item>, file: number): AsyncGenerator<Item, undefined, undefined> {
  try {
    for await (const item of items) yield item
    return undefined
  } catch (error) {
    throw error instanceof BundleError ? new UnreadableFile(file, error) : error
  }
}
