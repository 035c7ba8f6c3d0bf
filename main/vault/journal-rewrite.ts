import { concat, fromBase64Url, fromUtf8, toBase64Url } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { digestField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import { type FileFacts, type VaultFile, writeFully } from './files.ts'
import { FIRST_PREVIOUS, type JournalIdentity, type JournalRecord, recordHash, sealFrame } from './journal-record.ts'
import type { Entry, Head, Scan } from './journal-scan.ts'

/** What a record says, without its place. */
export interface Contents {
  readonly table: string
  readonly key: string
  readonly value: Uint8Array
}

/** How a journal is written anew; see `Journal.rewrite`. */
export interface Rewriting {
  /** What stands in the place of a record from now on; null if it stays. */
  readonly instead: (record: JournalRecord) => Contents | null
  /** What is appended, now that it is known which file the journal will be. */
  readonly after: (file: FileFacts | null) => readonly Contents[]
}

/** Table and key of the record that ends a journal written anew. */
export const REWRITTEN = { table: 'journal', key: 'rewritten' } as const

const rewrittenField = z.strictObject({ position: z.int().min(0), hash: digestField })

/** The last record of a journal written anew: where the one before it ended, which the head marker may still name. */
export function rewrittenRecord({ position, hash }: Head): Contents {
  return { ...REWRITTEN, value: jcs({ position, hash: toBase64Url(hash) }) }
}

/** @throws {Error} if it is not the value of such a record. */
export function parseRewritten(value: Uint8Array): Head {
  const { position, hash } = rewrittenField.parse(JSON.parse(fromUtf8(value)))
  return { position, hash: fromBase64Url(hash) }
}

/** Bytes that are gathered before they are written. */
const PIECE = 256 * 1024

/** Records written one after the other into a new file. */
export class JournalCopy {
  readonly #identity: JournalIdentity
  readonly #file: VaultFile
  readonly entries: Entry[] = []
  #next: Scan['next'] = { position: 0, previous: FIRST_PREVIOUS }
  #gathered: Uint8Array[] = []
  #written = 0
  #length = 0

  constructor(identity: JournalIdentity, file: VaultFile) {
    this.#identity = identity
    this.#file = file
  }

  /** The place of the record that will follow. */
  get next(): Scan['next'] {
    return this.#next
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length
  }

  async add({ table, key, value }: Contents, version = 1): Promise<void> {
    const { position, previous } = this.#next
    const bytes = sealFrame(this.#identity, this.#next, { table, key, version }, value)
    const hash = recordHash(bytes)
    this.entries.push({ at: this.#length, length: bytes.length, table, previous, hash })
    this.#next = { position: position + 1, previous: hash }
    this.#length += bytes.length
    this.#gathered.push(bytes)
    if (this.#length - this.#written >= PIECE) await this.#flush()
  }

  /** Returns once all of it is on the medium. */
  async finish(): Promise<void> {
    await this.#flush()
    await this.#file.sync()
  }

  async #flush(): Promise<void> {
    const bytes = concat(...this.#gathered)
    this.#gathered = []
    await writeFully(this.#file, bytes, this.#written)
    this.#written += bytes.length
  }
}
