import { join } from 'node:path'
import { equalBytes, utf8 } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs } from '../../shared/jcs.ts'
import { diskFs, isDiskFull, osErrorCode, type VaultFile, type VaultFs, writeFully } from './files.ts'
import { HeadFile } from './journal-head.ts'
import { describeProblem, type JournalProblem, recordedDamage } from './journal-problems.ts'
import {
  checkLabel,
  FIRST_PREVIOUS,
  type JournalIdentity,
  type JournalRecord,
  openFrame,
  openLabel,
  readFrame,
  recordHash,
  sealFrame,
} from './journal-record.ts'
import { type Entry, type Scan, scanJournal } from './journal-scan.ts'
import { Reserve } from './reserve.ts'
import { wipe } from './sodium.ts'

export type { JournalProblem } from './journal-problems.ts'
export type { JournalRecord } from './journal-record.ts'

export type JournalErrorCode =
  | 'closed'
  | 'damaged'
  | 'disk-full'
  | 'failed'
  | 'no-record'
  | 'row-differs'
  | 'altered'
  | 'exists'

/** Why the journal did not do as asked. */
export class JournalError extends LockboxError<JournalErrorCode> {}

/** `disk-full`: the last append found no room. `failed`: the disk did not keep what it was given; no more appends. */
export type JournalCondition = 'well' | 'disk-full' | 'failed'

export interface JournalOptions {
  /** The vault's directory. */
  readonly dir: string
  readonly vaultId: Uint8Array
  /** Keys of the records and of the head marker, 32 bytes each; copied. */
  readonly key: Uint8Array
  readonly headKey: Uint8Array
  readonly fs?: VaultFs
  /** Make a new journal; one that is there already is an error. */
  readonly create?: boolean
  /** Bytes kept against a full disk; 16 MiB. */
  readonly reserveLength?: number
  /** Called when the condition changes, with what people should be told. */
  readonly onCondition?: (condition: JournalCondition, message: string) => void
}

export interface AppendOptions {
  /** Version of the table's layout, part of what is authenticated. Default 1. */
  readonly version?: number
  /**
   * May wait: refused on a full disk instead of using the reserve. For what peers push unasked, so that it cannot
   * use up the room of our own grant and end.
   */
  readonly deferrable?: boolean
}

/** A record as the window keeps it: useless without the vault, and told from any other by its bytes. */
export interface SealedRow {
  readonly position: number
  readonly sealed: Uint8Array
}

/**
 * The one truth at rest (docs/formats/journal.md): an append-only file of sealed records, each naming the hash of
 * the one before, on the medium before an append is acknowledged.
 */
export class Journal {
  readonly #identity: JournalIdentity
  readonly #file: VaultFile
  readonly #head: HeadFile
  readonly #reserve: Reserve
  readonly #onCondition: (condition: JournalCondition, message: string) => void
  readonly #entries: (Entry | undefined)[]
  #next: Scan['next']
  #length: number
  #condition: JournalCondition = 'well'
  #damaged = false
  #closed = false
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(
    parts: { identity: JournalIdentity; file: VaultFile; head: HeadFile; reserve: Reserve },
    scan: Scan,
    onCondition: JournalOptions['onCondition'],
  ) {
    this.#identity = parts.identity
    this.#file = parts.file
    this.#head = parts.head
    this.#reserve = parts.reserve
    this.#onCondition = onCondition ?? (() => undefined)
    this.#entries = [...scan.entries]
    this.#next = scan.next
    this.#length = scan.length
  }

  /**
   * Opens the journal, reads all of it, and names everything that is wrong. A torn tail is cut off; nothing else is
   * changed, and after any other problem appends are refused until {@link Journal.accept}.
   *
   * @throws {JournalError} `exists` with `create` if there is a journal already.
   */
  static async open(options: JournalOptions): Promise<{ journal: Journal; problems: readonly JournalProblem[] }> {
    const fs = options.fs ?? diskFs
    await fs.makeDir(options.dir)
    const path = join(options.dir, 'journal')
    const existing = await fs.open(path, 'existing')
    if (existing && options.create) {
      await existing.close()
      throw new JournalError('exists', 'there is a journal already; it is not replaced')
    }
    const identity = { vaultId: options.vaultId, key: Uint8Array.from(options.key) }
    const headIdentity = { vaultId: options.vaultId, key: Uint8Array.from(options.headKey) }
    const file = existing ?? (await fs.open(path, 'create'))
    const { file: head, marker } = await HeadFile.open(fs, join(options.dir, 'journal.head'), headIdentity)
    const content = await file.read(0, await file.size())
    const scan = options.create ? EMPTY : scanJournal(identity, content, marker)
    const reserve = new Reserve(fs, join(options.dir, 'reserve'), options.reserveLength)
    const journal = new Journal({ identity, file, head, reserve }, scan, options.onCondition)
    if (scan.length < content.length) await journal.#cut()
    await fs.syncDir(options.dir)
    if (!(await reserve.take())) journal.#report('disk-full', NO_RESERVE)
    if (options.create) await journal.append('journal', 'created', utf8('lockbox/journal/v1'))
    return { journal, problems: await journal.#judge(scan, content) }
  }

  /** How many positions were given out; the next record stands at this one. */
  get size(): number {
    return this.#next.position
  }

  get condition(): JournalCondition {
    return this.#condition
  }

  /**
   * Appends one record and waits until it is on the medium. Appends are done one after the other, in the order of
   * the calls.
   *
   * @returns its position.
   * @throws {JournalError} `closed`, `damaged`, `disk-full` or `failed`; then the record is not in the journal,
   *   but for `failed`, after which only reopening tells.
   */
  append(table: string, key: string, value: Uint8Array, options: AppendOptions = {}): Promise<number> {
    const label = { table, key, version: options.version ?? 1 }
    checkLabel(label)
    return this.#inTurn(async () => {
      if (this.#damaged) throw new JournalError('damaged', 'the journal has problems that nobody has accepted yet')
      return this.#append(label, value, options.deferrable ?? false)
    })
  }

  /**
   * Goes on after problems, keeping a record of them in the journal itself: from now on they are reported as
   * `recorded`, and stay visible to an auditor.
   */
  accept(problems: readonly JournalProblem[]): Promise<void> {
    return this.#inTurn(async () => {
      const damage = problems.map(({ kind, from, to }) => ({ kind, from, to }))
      await this.#append({ table: 'journal', key: 'damage', version: 1 }, jcs(damage), false)
      this.#damaged = false
    })
  }

  /** The records that open, in order of position; of one table only, if named. Bodies of others stay closed. */
  async *records(table?: string): AsyncGenerator<JournalRecord> {
    for (let position = 0; position < this.#entries.length; position++) {
      const bytes = await this.#bytesAt(position)
      const frame = bytes ? readFrame(bytes, 0) : null
      if (!bytes) continue
      if (!frame)
        throw new JournalError('altered', `record ${position} was altered on the disk since the vault was opened`)
      if (table !== undefined && openLabel(this.#identity, frame).table !== table) continue
      yield openFrame(this.#identity, frame)
    }
  }

  /** Sealed records from a position on, for the window's working store. */
  async sealedRows(from: number, limit: number = Number.MAX_SAFE_INTEGER): Promise<SealedRow[]> {
    const rows: SealedRow[] = []
    for (let position = Math.max(from, 0); position < this.#entries.length && rows.length < limit; position++) {
      const sealed = await this.#bytesAt(position)
      if (sealed) rows.push({ position, sealed })
    }
    return rows
  }

  /**
   * Opens a row that the window kept, if it is the journal's own.
   *
   * @throws {JournalError} `no-record` if the journal has none there, `row-differs` with what is wrong if the row
   *   is another than the journal's, `altered` if the journal's own record no longer opens.
   */
  async openRow(position: number, sealed: Uint8Array): Promise<JournalRecord> {
    const own = await this.#bytesAt(position)
    if (!own)
      throw new JournalError('no-record', `the journal has no record ${position}; the window's row was never in it`)
    if (!equalBytes(own, sealed))
      throw new JournalError('row-differs', `the window's row ${position} ${this.#whatIsWrong(position, sealed)}`)
    const frame = readFrame(own, 0)
    try {
      if (frame) return openFrame(this.#identity, frame)
    } catch {
      // Told below, whichever check failed.
    }
    throw new JournalError('altered', `record ${position} was altered on the disk since the vault was opened`)
  }

  /** Finishes what is being appended, then forgets the keys. Never throws. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#queue.catch(() => undefined)
    wipe(this.#identity.key)
    await this.#head.close().catch(() => undefined)
    await this.#file.close().catch(() => undefined)
  }

  async #append(
    label: { table: string; key: string; version: number },
    value: Uint8Array,
    deferrable: boolean,
  ): Promise<number> {
    if (this.#condition === 'failed') throw new JournalError('failed', 'the disk failed earlier; restart Lockbox')
    const { position } = this.#next
    const bytes = sealFrame(this.#identity, this.#next, label, value)
    await this.#writeDurably(bytes, deferrable)
    const entry = { at: this.#length, length: bytes.length, previous: this.#next.previous, hash: recordHash(bytes) }
    this.#entries[position] = entry
    this.#length += bytes.length
    this.#next = { position: position + 1, previous: entry.hash }
    // The record is safe already; a marker that could not be written only lags.
    await this.#head.write({ position, hash: entry.hash }).catch(() => undefined)
    return position
  }

  async #writeDurably(bytes: Uint8Array, deferrable: boolean): Promise<void> {
    try {
      await this.#tryWrite(bytes)
      if (this.#condition === 'disk-full' && this.#reserve.held) this.#report('well', 'the disk has room again')
      return
    } catch (error) {
      await this.#undo(error)
    }
    const spare = !deferrable && this.#reserve.held
    this.#report('disk-full', spare ? RESERVE_USED : DISK_FULL)
    if (!spare) throw new JournalError('disk-full', DISK_FULL)
    await this.#reserve.release()
    try {
      await this.#tryWrite(bytes)
    } catch (error) {
      await this.#undo(error)
      throw new JournalError('disk-full', DISK_FULL, { cause: error })
    }
  }

  async #tryWrite(bytes: Uint8Array): Promise<void> {
    await writeFully(this.#file, bytes, this.#length)
    await this.#file.sync()
  }

  // A full disk leaves a piece of a record, which is taken back. After any other error (a failed sync most of all)
  // nobody knows what the medium holds, so nothing more is written: the next start reads what is really there.
  async #undo(error: unknown): Promise<void> {
    if (isDiskFull(error)) {
      try {
        await this.#cut()
        return
      } catch {
        // Told below: a disk that cannot even cut a file has failed.
      }
    }
    const message = `the disk did not keep the record (${osErrorCode(error) ?? 'unknown error'}); restart Lockbox, which reads what is there`
    this.#report('failed', message)
    throw new JournalError('failed', message, { cause: error })
  }

  async #cut(): Promise<void> {
    await this.#file.truncate(this.#length)
    await this.#file.sync()
  }

  #report(condition: JournalCondition, message: string): void {
    this.#condition = condition
    this.#onCondition(condition, message)
  }

  async #judge(scan: Scan, content: Uint8Array): Promise<JournalProblem[]> {
    const recorded = await recordedDamage(this.records('journal'))
    const problems = scan.problems.map((problem) => describeProblem(problem, recorded, content.length - scan.length))
    this.#damaged = problems.some(({ kind, recorded }) => kind !== 'torn-tail' && !recorded)
    return problems
  }

  async #bytesAt(position: number): Promise<Uint8Array | null> {
    if (this.#closed) throw new JournalError('closed', 'the vault is locked')
    const entry = this.#entries[position]
    return entry ? this.#file.read(entry.at, entry.length) : null
  }

  #whatIsWrong(position: number, sealed: Uint8Array): string {
    const frame = readFrame(sealed, 0)
    try {
      if (frame?.bytes.length === sealed.length) {
        openFrame(this.#identity, frame)
        return frame.position === position ? 'is of another copy of this journal' : `is really record ${frame.position}`
      }
    } catch {
      // Told below.
    }
    return 'was altered'
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new JournalError('closed', 'the vault is locked'))
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }
}

const EMPTY: Scan = { entries: [], problems: [], next: { position: 0, previous: FIRST_PREVIOUS }, length: 0 }
const NO_RESERVE = 'the disk has not even 16 MiB left to keep in reserve; free some space now'
const RESERVE_USED = 'the disk is full; the reserve is being used for what must be recorded; free some space now'
const DISK_FULL = 'the disk is full and the record was not kept; free some space and try again'
