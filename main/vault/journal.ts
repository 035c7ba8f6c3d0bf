import { join } from 'node:path'
import { equalBytes, fromUtf8, utf8 } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { diskFs, type FileFacts } from './files.ts'
import { asideOf, type JournalCondition, JournalDisk, JournalError, type Located } from './journal-disk.ts'
import { HeadFile } from './journal-head.ts'
import { type AppendOptions, type JournalOptions, locate, type SealedRow } from './journal-options.ts'
import { firstInDoubt, type NewRecord, Piece, type SealedPiece, sealPiece } from './journal-pieces.ts'
import { describeProblem, type JournalProblem, recordedDamage } from './journal-problems.ts'
import {
  checkRecord,
  type JournalIdentity,
  type JournalRecord,
  openFrame,
  readFrame,
  whatIsWrong,
} from './journal-record.ts'
import { JournalCopy, type Rewriting, rewrittenRecord } from './journal-rewrite.ts'
import { EMPTY_SCAN, type Entry, type Head, type Scan, scanJournal } from './journal-scan.ts'
import { checkVersions, JOURNAL_FORMAT } from './journal-version.ts'
import { Reserve } from './reserve.ts'
import { wipe } from './sodium.ts'

export { type JournalCondition, JournalError, type JournalErrorCode } from './journal-disk.ts'
export type { SealedRow } from './journal-options.ts'
export type { JournalProblem } from './journal-problems.ts'
export type { JournalRecord } from './journal-record.ts'
export type { Contents, Rewriting } from './journal-rewrite.ts'

/**
 * The one truth at rest (docs/formats/journal.md): an append-only file of sealed records, each naming the hash of
 * the one before, on the medium before an append is acknowledged. One process opens it at a time.
 */
export class Journal {
  readonly #identity: JournalIdentity
  readonly #located: Located
  readonly #disk: JournalDisk
  readonly #head: HeadFile
  readonly #entries: (Entry | undefined)[]
  #next: Scan['next']
  #damaged = false
  #accepted: readonly JournalProblem[] = []
  #closed = false
  #queue: Promise<unknown> = Promise.resolve()
  /** What the last turn in the queue will write; further appends join it. */
  #piece: Piece | null = null

  private constructor(identity: JournalIdentity, located: Located, disk: JournalDisk, head: HeadFile, scan: Scan) {
    this.#identity = identity
    this.#located = located
    this.#disk = disk
    this.#head = head
    this.#entries = [...scan.entries]
    this.#next = scan.next
  }

  /**
   * Opens the journal, reads all of it, and names everything that is wrong. A torn tail is cut off; nothing else is
   * changed, and after any other problem appends are refused until {@link Journal.accept}. A journal of another version
   * is not touched at all.
   *
   * @throws {JournalError} `exists` with `create` if there is a journal already; `newer-version` or `older-version`;
   *   an error of the disk if it cannot be made sure that what was read is on the medium.
   */
  static async open(options: JournalOptions): Promise<{ journal: Journal; problems: readonly JournalProblem[] }> {
    const fs = options.fs ?? diskFs
    const identity = { vaultId: options.vaultId, key: Uint8Array.from(options.key) }
    const headIdentity = { vaultId: options.vaultId, key: Uint8Array.from(options.headKey) }
    const located = await locate(fs, options)
    const { file: head, marker } = await HeadFile.open(fs, join(options.dir, 'journal.head'), headIdentity)
    const content = await located.file.read(0, await located.file.size())
    const scan = options.create ? EMPTY_SCAN : scanJournal(identity, content, marker)
    const reserve = new Reserve(fs, join(options.dir, 'reserve'), options.reserveLength)
    const disk = new JournalDisk(located, reserve, scan.length, options.onCondition ?? (() => undefined))
    const journal = new Journal(identity, located, disk, head, scan)
    try {
      checkVersions(scan, await journal.#format())
      await fs.makeDir(options.dir)
      await fs.remove(asideOf(located.path))
      await disk.settle(firstInDoubt(scan, marker)?.at ?? null)
      await disk.takeReserve()
      await fs.syncDir(options.dir)
      if (options.create) await journal.append('journal', 'created', utf8(JOURNAL_FORMAT))
      return { journal, problems: await journal.#judge(scan, content.length - scan.length) }
    } catch (error) {
      await journal.close()
      throw error
    }
  }

  /** How many positions were given out; the next record stands at this one. */
  get size(): number {
    return this.#next.position
  }

  /** What is wrong with it and was accepted, now or earlier. */
  get accepted(): readonly JournalProblem[] {
    return this.#accepted
  }

  get condition(): JournalCondition {
    return this.#disk.condition
  }

  /** What lies where the journal was opened: a folder that was copied or put back from a backup has another file there. */
  place(): Promise<FileFacts | null> {
    return this.#located.fs.look(this.#located.path)
  }

  /** Looks whether a disk that was full has room again; then its condition is well. */
  recheck(): Promise<void> {
    return this.#inTurn(() => this.#disk.regain())
  }

  /**
   * Appends one record and waits until it is on the medium, in the order of the calls. Records whose appends are called
   * while the disk is busy are written as one piece, with one sync for all of them.
   *
   * @returns its position.
   * @throws {JournalError} `closed`, `damaged` or `disk-full`, and then the record is not in the journal; `read-only`,
   *   `disk-failed` or `not-alone`, after which nothing more is appended and only reopening tells.
   */
  append(table: string, key: string, value: Uint8Array, options: AppendOptions = {}): Promise<number> {
    const record = { label: { table, key, version: options.version ?? 1 }, value }
    checkRecord(record.label, value)
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new JournalError('closed', 'the vault is locked'))
      const waiting = { ...record, deferrable: options.deferrable ?? false, resolve, reject }
      if (this.#piece?.add(waiting)) return
      const piece = new Piece()
      piece.add(waiting)
      void this.#inTurn(() => this.#keep(piece))
      this.#piece = piece
    })
  }

  /**
   * Goes on after problems, keeping a record of them in the journal itself: from now on they are reported as
   * `recorded`, and stay visible to an auditor.
   */
  accept(problems: readonly JournalProblem[]): Promise<void> {
    return this.#inTurn(async () => {
      const damage = problems.map(({ kind, from, to }) => ({ kind, from, to }))
      await this.#append({ label: { table: 'journal', key: 'damage', version: 1 }, value: jcs(damage) }, false)
      this.#accepted = lossesOf(problems)
      this.#damaged = false
    })
  }

  /**
   * Writes the journal anew, with other records in the places of some and a few more at its end. Everything keeps its
   * position. Whenever the app dies, the old or the new journal is there, whole. Appends wait meanwhile.
   *
   * @throws {JournalError} `damaged` if anything was ever lost: what is left of such a journal is evidence.
   */
  rewrite({ instead, after }: Rewriting): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#damaged || this.#accepted.length > 0)
        throw new JournalError('damaged', 'a journal that has lost something is not written anew')
      const before: Head = { position: this.#next.position - 1, hash: this.#next.previous }
      // From the moment the new file lies there until its own head is marked, the marker names this one exactly.
      await this.#head.settle(before)
      const { entries, next } = await this.#disk.replace(async (file, found) => {
        const copy = new JournalCopy(this.#identity, file)
        for await (const record of this.records()) await copy.add(instead(record) ?? record, record.version)
        for (const contents of [...after(found), rewrittenRecord(before)]) await copy.add(contents)
        await copy.finish()
        return copy
      })
      this.#entries.splice(0, this.#entries.length, ...entries)
      this.#next = next
      await this.#head.write({ position: next.position - 1, hash: next.previous }).catch(() => undefined)
    })
  }

  /** The records that open, in order of position; of some tables only, if named. Others are not even read. */
  async *records(...tables: readonly string[]): AsyncGenerator<JournalRecord> {
    for (let position = 0; position < this.#entries.length; position++) {
      const run = this.#runFrom(position, tables)
      const [first] = run
      if (first === undefined) continue
      this.#mustBeOpen()
      const bytes = await this.#disk.read(
        first.at,
        run.reduce((length, entry) => length + entry.length, 0),
      )
      for (const [count, { at, length }] of run.entries())
        yield this.#opened(position + count, bytes.subarray(at - first.at, at - first.at + length))
      position += run.length - 1
    }
  }

  /** The records of these tables that stand side by side from a position on, as many as one read may bring. */
  #runFrom(position: number, tables: readonly string[]): Entry[] {
    const run: Entry[] = []
    let length = 0
    for (let entry = this.#entries[position]; entry !== undefined; entry = this.#entries[position + run.length]) {
      const last = run.at(-1)
      const isNext = last === undefined || (last.at + last.length === entry.at && length + entry.length <= READ_LENGTH)
      if (!isNext || (tables.length > 0 && !tables.includes(entry.table))) break
      run.push(entry)
      length += entry.length
    }
    return run
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
      throw new JournalError('no-record', `the journal has no record ${position}, so the window’s row is not of it`)
    if (!equalBytes(own, sealed))
      throw new JournalError(
        'row-differs',
        `the window’s row ${position} ${whatIsWrong(this.#identity, position, sealed)}`,
      )
    return this.#opened(position, own)
  }

  /** Finishes what is being appended, then forgets the keys. Never throws. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#queue.catch(() => undefined)
    wipe(this.#identity.key)
    await this.#head.close().catch(() => undefined)
    await this.#disk.close().catch(() => undefined)
  }

  /** Writes a piece: all of it at once; or, where the disk has no room for that, record by record. Never rejects. */
  async #keep(piece: Piece): Promise<void> {
    if (this.#piece === piece) this.#piece = null
    const { records } = piece
    try {
      if (this.#damaged) throw new JournalError('damaged', 'the journal has problems that nobody has accepted yet')
      if (records.length > 1 && (await this.#together(piece))) return
      for (const record of records)
        await this.#append(record, record.deferrable).then(record.resolve, (error: unknown) => record.reject(error))
    } catch (error) {
      for (const { reject } of records) reject(error)
    }
  }

  /** Whether there was room; if there was not, nothing of it was added. A failed sync condemns all of it. */
  async #together({ records }: Piece): Promise<boolean> {
    const sealed = sealPiece(this.#identity, records, this.#next)
    const at = await this.#disk.addIfFits(sealed.bytes)
    if (at === null) return false
    const first = await this.#added(sealed, at)
    for (const [count, { resolve }] of records.entries()) resolve(first + count)
    return true
  }

  async #append(record: NewRecord, deferrable: boolean): Promise<number> {
    const sealed = sealPiece(this.#identity, [record], this.#next)
    return this.#added(sealed, await this.#disk.add(sealed.bytes, deferrable))
  }

  /** What is on the medium counts. Returns the position of the first record. */
  async #added({ entries, next }: SealedPiece, at: number): Promise<number> {
    const { position } = this.#next
    for (const [count, entry] of entries.entries()) this.#entries[position + count] = { ...entry, at: at + entry.at }
    this.#next = next
    // The records are safe already; a marker that could not be written only lags.
    await this.#head.write({ position: next.position - 1, hash: next.previous }).catch(() => undefined)
    return position
  }

  async #judge(scan: Scan, tornBytes: number): Promise<JournalProblem[]> {
    const recorded = await recordedDamage(this.records('journal'))
    const problems = scan.problems.map((problem) => describeProblem(problem, recorded, tornBytes))
    this.#accepted = lossesOf(problems.filter(({ recorded }) => recorded))
    this.#damaged = problems.some(({ kind, recorded }) => kind !== 'torn-tail' && !recorded)
    return problems
  }

  /** What record 0 says the journal's format is, if it is there. */
  async #format(): Promise<string | null> {
    const bytes = await this.#bytesAt(0)
    const record = bytes && this.#opened(0, bytes)
    return record?.table === 'journal' && record.key === 'created' ? fromUtf8(record.value) : null
  }

  async #bytesAt(position: number): Promise<Uint8Array | null> {
    this.#mustBeOpen()
    const entry = this.#entries[position]
    return entry ? this.#disk.read(entry.at, entry.length) : null
  }

  // All records opened when the journal was: one that no longer does changed since.
  #opened(position: number, bytes: Uint8Array): JournalRecord {
    this.#mustBeOpen()
    const frame = readFrame(bytes, 0)
    try {
      if (!frame || frame.position !== position) throw new TypeError('no record')
      return openFrame(this.#identity, frame)
    } catch (cause) {
      const message = `record ${position} was altered on the disk since the vault was opened`
      throw new JournalError('altered', message, { cause })
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new JournalError('closed', 'the vault is locked')
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new JournalError('closed', 'the vault is locked'))
    // What is appended from now on comes after this.
    this.#piece = null
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }
}

const lossesOf = (problems: readonly JournalProblem[]): JournalProblem[] =>
  problems.filter(({ kind }) => kind !== 'torn-tail').map((problem) => ({ ...problem, recorded: true }))

/** The most that one read brings, unless a single record is longer: 256 KiB. */
const READ_LENGTH = 256 * 1024
