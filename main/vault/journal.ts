import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fromUtf8, utf8 } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { asideOf, diskFs, type FileFacts } from './files.ts'
import { type JournalCondition, JournalDisk, JournalError, type Located } from './journal-disk.ts'
import { HeadFile } from './journal-head.ts'
import { IndexFile } from './journal-index.ts'
import { IndexKeeping } from './journal-index-keeping.ts'
import { type AppendOptions, type JournalOptions, type Lying, locate, type SealedRow } from './journal-options.ts'
import { firstInDoubt } from './journal-pieces.ts'
import { Places } from './journal-places.ts'
import { describeProblems, type JournalProblem, lossesOf, recordedDamage } from './journal-problems.ts'
import { type Reading, readJournal } from './journal-reading.ts'
import { checkRecord, type JournalIdentity, type JournalRecord } from './journal-record.ts'
import { type Contents, JournalCopy, type Rewriting, rewrittenRecord } from './journal-rewrite.ts'
import { JournalRows } from './journal-rows.ts'
import type { Scan } from './journal-scan.ts'
import { checkVersions, JOURNAL_FORMAT } from './journal-version.ts'
import { JournalWriter, lastBefore } from './journal-writer.ts'
import { Reserve } from './reserve.ts'
import { wipe } from './sodium.ts'

export { type JournalCondition, JournalError, type JournalErrorCode } from './journal-disk.ts'
export type { EarlyReading, Lying, ReadingListener, SealedRow } from './journal-options.ts'
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
  readonly #index: IndexKeeping
  readonly #vouched: number
  readonly #rows: JournalRows
  readonly #writer: JournalWriter
  #damaged = false
  #accepted: readonly JournalProblem[] = []
  #closing: Promise<void> | null = null
  /** Whether a turn has begun, or will, after which other records lie here than appends alone would leave. */
  #altering = 0

  private constructor(
    identity: JournalIdentity,
    located: Located,
    parts: { readonly disk: JournalDisk; readonly head: HeadFile; readonly index: IndexFile },
    reading: Reading,
    options: JournalOptions,
  ) {
    this.#identity = identity
    this.#located = located
    this.#disk = parts.disk
    this.#head = parts.head
    this.#index = new IndexKeeping(parts.index, reading.vouched, options)
    this.#rows = new JournalRows(identity, parts.disk, reading.places)
    this.#writer = new JournalWriter({
      identity,
      disk: parts.disk,
      head: parts.head,
      rows: this.#rows,
      next: reading.next,
      check: () => this.#mustBeSound(),
      onKept: () => this.#indexSoon(),
    })
    this.#vouched = reading.vouched
  }

  /**
   * Opens the journal, reads all of it, and names everything that is wrong. Records that an index covers are compared with
   * what was read when it was made, all others are opened (docs/formats/journal.md §9). A torn tail is cut off; nothing else is
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
    const index = new IndexFile(fs, join(options.dir, 'journal.index'), {
      vaultId: options.vaultId,
      key: Uint8Array.from(options.indexKey),
    })
    const reading = await readJournal({ identity, located, marker, index, options }).catch(async (error: unknown) => {
      wipe(identity.key)
      index.forget()
      await Promise.allSettled([head.close(), located.file.close()])
      throw error
    })
    const reserve = new Reserve(fs, join(options.dir, 'reserve'), options.reserveLength)
    const disk = new JournalDisk(located, reserve, reading.length, options.onCondition ?? (() => undefined))
    const journal = new Journal(identity, located, { disk, head, index }, reading, options)
    try {
      checkVersions(reading.newestVersion, await journal.#format())
      await fs.makeDir(options.dir)
      await fs.remove(asideOf(located.path))
      await index.tidy()
      await disk.settle(firstInDoubt(reading, marker)?.at ?? null)
      await disk.takeReserve()
      await fs.syncDir(options.dir)
      if (options.create) await journal.append('journal', 'created', utf8(JOURNAL_FORMAT))
      return { journal, problems: await journal.#judge(reading) }
    } catch (error) {
      await journal.close()
      throw error
    }
  }

  /** How many positions were given out; the next record stands at this one. */
  get size(): number {
    return this.#writer.next.position
  }

  /** How many records, from the first on, an index of these very rules covers; see {@link Journal.indexWith}. */
  get vouched(): number {
    return this.#vouched
  }

  /** Whether nothing is appended until its owner has decided about what was found. */
  get isDamaged(): boolean {
    return this.#damaged
  }

  /** What it lost and somebody accepted, now or earlier, be it found again or not. */
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
    return this.#writer.inTurn(() => this.#disk.regain())
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
    return this.#writer.append(record, options.deferrable ?? false)
  }

  /**
   * Goes on after problems, keeping a record of them in the journal itself: from now on they are reported as
   * `recorded`, and stay visible to an auditor.
   */
  accept(problems: readonly JournalProblem[]): Promise<void> {
    return this.#alter(async () => {
      const damage = problems.map(({ kind, from, to }) => ({ kind, from, to }))
      await this.#writer.add([{ label: { table: 'journal', key: 'damage', version: 1 }, value: jcs(damage) }], false)
      this.#accepted = lossesOf([...this.#accepted, ...problems])
      this.#damaged = false
    })
  }

  /**
   * Writes the journal anew, with other records in the places of some and a few more at its end. Everything keeps its
   * position. Whenever the app dies, the old or the new journal is there, whole. Appends wait meanwhile.
   *
   * @throws {JournalError} `damaged` if anything was ever lost: what is left of such a journal is evidence. After `read-only`,
   *   `disk-failed` or `not-alone` nothing more is appended, and only reopening tells which of the two it is; after any other
   *   error it is the old one.
   */
  rewrite({ instead, after }: Rewriting): Promise<void> {
    return this.#alter(async () => {
      if (this.#damaged || this.#accepted.length > 0)
        throw new JournalError('damaged', 'a journal that has lost something is not written anew')
      const before = lastBefore(this.#writer.next)
      // From the moment the new file lies there until its own head is marked, the marker names this one exactly.
      await this.#head.settle(before)
      const { entries, next } = await this.#disk.replace(async (file, found) => {
        const copy = new JournalCopy(this.#identity, file)
        const add = (contents: Contents, version?: number) => {
          this.#writer.mustHaveKeys()
          return copy.add(contents, version)
        }
        for await (const record of this.records()) await add(instead(record) ?? record, record.version)
        for (const contents of [...after(found), rewrittenRecord(before)]) await add(contents)
        await copy.finish()
        return copy
      })
      this.#rows.places = new Places(entries)
      this.#writer.moveTo(next)
      this.#index.startAnew()
      // The marker must not name the new end while a power cut may bring the old file back.
      await this.#disk.settlePlace()
      await this.#mark(next).catch(() => undefined)
    })
  }

  /** The records that open, in order of position; of some tables only, if named. Others are not even read. */
  records(...tables: readonly string[]): AsyncGenerator<JournalRecord> {
    return this.#rows.records(tables)
  }

  /** Where a record lies; undefined if it was lost. */
  placeOf(position: number): Lying | undefined {
    const place = this.#rows.places.get(position)
    return place && { position, at: place.at, length: place.length }
  }

  /** How many records of these tables there are. */
  count(...tables: readonly string[]): number {
    return this.#rows.places.count(tables)
  }

  /** Sealed records from a position on, for the window's working store. */
  sealedRows(from: number, limit: number = Number.MAX_SAFE_INTEGER): Promise<SealedRow[]> {
    return this.#rows.sealed(from, limit)
  }

  /**
   * Opens a row that the window kept, if it is the journal's own.
   *
   * @throws {JournalError} `no-record` if the journal has none there, `row-differs` with what is wrong if the row
   *   is another than the journal's, `altered` if the journal's own record no longer opens.
   */
  openRow(position: number, sealed: Uint8Array): Promise<JournalRecord> {
    return this.#rows.open(position, sealed)
  }

  /**
   * Forgets the keys at once, and then waits for the disk, which may hang: what was to be appended until now is sealed
   * before, and is written without them. Whoever closes it once more waits for the same. Never throws.
   */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    this.#rows.close()
    let index: Uint8Array | null = null
    try {
      this.#writer.sealWhatWaits()
      index = this.#lastIndex()
    } catch {
      // The keys go all the same, and what waited is refused.
    }
    this.#writer.close()
    wipe(this.#identity.key)
    this.#head.forget()
    this.#index.forget()
    await this.#writer.settled()
    if (index !== null) await this.#index.put(index).catch(() => undefined)
    await this.#head.close().catch(() => undefined)
    await this.#disk.close().catch(() => undefined)
  }

  /** An index for the next opening, unless something is under way. */
  #lastIndex(): Uint8Array | null {
    // An index of what is not on the medium yet would name what may never be there. Without one the next opening takes longer.
    const isStill = this.#writer.isIdle && this.#altering === 0
    return isStill && !this.#index.covers(this.#writer.next.position) ? this.#sealedIndex() : null
  }

  #mustBeSound(): void {
    if (this.#damaged) throw new JournalError('damaged', 'the journal has problems that nobody has accepted yet')
  }

  async #mark(next: Scan['next']): Promise<void> {
    await this.#head.put(this.#head.seal(lastBefore(next)))
  }

  /**
   * Has an index kept of what is known of the journal, so that the next opening need not find it out again: now and then as
   * it grows, and when it is closed. One that cannot be written costs time at the next opening, and nothing else.
   *
   * @param glimpse - what the app wants back at once; null if there is a record that these rules do not accept, for which
   *   an index must not vouch. Called when nothing is being appended, and whoever appended has been told.
   */
  indexWith(glimpse: () => Uint8Array | null): void {
    this.#index.with(glimpse)
    this.#indexSoon()
  }

  #indexSoon(): void {
    // One in the queue is enough, since each keeps the appends that come after it out of the piece before.
    if (this.#writer.isClosed || !this.#index.comesDue(this.#writer.next.position)) return
    void this.#writer
      .inTurn(async () => {
        // Whoever appended has counted it before he is asked.
        await setImmediate()
        await this.#keepIndex()
      })
      .catch(() => undefined)
  }

  async #keepIndex(): Promise<void> {
    const sealed = this.#writer.isClosed ? null : this.#sealedIndex()
    if (sealed !== null) await this.#index.put(sealed)
  }

  /** An index of all that is here; null if there is to be none. */
  #sealedIndex(): Uint8Array | null {
    if (this.#damaged || this.#accepted.length > 0 || this.#disk.condition !== 'well') return null
    return this.#index.seal({ next: this.#writer.next, places: this.#rows.places, length: this.#disk.length })
  }

  async #judge({ problems: found, tornBytes }: Reading): Promise<JournalProblem[]> {
    const recorded = await recordedDamage(this.records('journal'))
    const problems = describeProblems(found, recorded, tornBytes)
    // What was accepted once may not be found again, a marker that was missing for one; it stays accepted, and named.
    const before = describeProblems(recorded, recorded, 0)
    this.#accepted = lossesOf([...before, ...problems.filter((problem) => problem.recorded)])
    this.#damaged = problems.some(({ kind, recorded }) => kind !== 'torn-tail' && !recorded)
    return problems
  }

  /** What record 0 says the journal's format is, if it is there. */
  async #format(): Promise<string | null> {
    const record = await this.#rows.recordAt(0)
    return record?.table === 'journal' && record.key === 'created' ? fromUtf8(record.value) : null
  }

  #alter<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#altering++
    return this.#writer.inTurn(work).finally(() => this.#altering--)
  }
}
