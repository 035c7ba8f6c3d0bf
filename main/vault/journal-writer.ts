import { isSamePlace, type SealedRun, sealAhead, type Underway } from './journal-ahead.ts'
import { type JournalDisk, JournalError } from './journal-disk.ts'
import type { HeadFile } from './journal-head.ts'
import { type NewRecord, Piece, type ReadyPiece, sealPiece, type WaitingRecord } from './journal-pieces.ts'
import type { JournalIdentity } from './journal-record.ts'
import type { JournalRows } from './journal-rows.ts'
import type { Head, Scan } from './journal-scan.ts'

/** What a writer writes with, and where. */
export interface WriterParts {
  readonly identity: JournalIdentity
  readonly disk: JournalDisk
  readonly head: HeadFile
  readonly rows: JournalRows
  /** The place of the next record. */
  readonly next: Scan['next']
  /** Throws if nothing may be appended now. */
  readonly check: () => void
  /** Told when something was appended. */
  readonly onKept: () => void
}

/** Appends records to the journal, one turn after the other; what comes while the disk is busy is written as one piece. */
export class JournalWriter {
  readonly #identity: JournalIdentity
  readonly #disk: JournalDisk
  readonly #head: HeadFile
  readonly #rows: JournalRows
  readonly #check: () => void
  readonly #onKept: () => void
  #next: Scan['next']
  #closed = false
  #queue: Promise<unknown> = Promise.resolve()
  /** What the last turn in the queue will write; further appends join it. */
  #piece: Piece | null = null
  /** Those whose turn has not come, in order. */
  readonly #waiting: Piece[] = []
  /** What the disk is being given. */
  #underway: Underway | null = null

  constructor({ identity, disk, head, rows, next, check, onKept }: WriterParts) {
    this.#identity = identity
    this.#disk = disk
    this.#head = head
    this.#rows = rows
    this.#next = next
    this.#check = check
    this.#onKept = onKept
  }

  /** The place of the next record. */
  get next(): Scan['next'] {
    return this.#next
  }

  /** Whether nothing is appended any more. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Whether nothing is under way, and nothing waits. */
  get isIdle(): boolean {
    return this.#underway === null && this.#waiting.length === 0
  }

  /** See `Journal.append`. */
  append(record: NewRecord, deferrable: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new JournalError('closed', 'the vault is locked'))
      const waiting = { ...record, deferrable, resolve, reject }
      if (this.#piece?.add(waiting)) return
      const piece = new Piece(waiting)
      this.#waiting.push(piece)
      void this.inTurn(() => this.#keep(piece))
      this.#piece = piece
    })
  }

  /** Other records lie there now: the next one follows those. */
  moveTo(next: Scan['next']): void {
    this.#next = next
  }

  /** Seals what has not had its turn, while the keys are there. */
  sealWhatWaits(): void {
    sealAhead(this.#next, this.#underway, this.#waiting, (records, from) => this.#ready(records, from))
  }

  /** Nothing more is appended, and nothing sealed. */
  close(): void {
    this.#closed = true
  }

  /** Resolves when everything has had its turn that was to have one. */
  async settled(): Promise<void> {
    await this.#queue.catch(() => undefined)
  }

  /** Does something between what is appended before and after. @throws {JournalError} `closed`. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new JournalError('closed', 'the vault is locked'))
    // What is appended from now on comes after this.
    this.#piece = null
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  #ready(records: readonly NewRecord[], from: Scan['next']): ReadyPiece {
    this.mustHaveKeys()
    const piece = sealPiece(this.#identity, records, from)
    return { ...piece, from, marker: this.#head.seal(lastBefore(piece.next)) }
  }

  /** A key that was wiped, all zeros, would seal all the same. @throws {JournalError} `closed`. */
  mustHaveKeys(): void {
    if (this.#closed) throw new JournalError('closed', 'the vault is locked')
  }

  /** Writes a piece, whose turn it is: all of it at once; or, where the disk has no room for that, in parts. Never rejects. */
  async #keep(piece: Piece): Promise<void> {
    if (this.#piece === piece) this.#piece = null
    this.#waiting.shift()
    const { records } = piece
    try {
      this.#check()
      if (piece.ahead === null && records.length > 1 && (await this.#together(piece))) return
    } catch (error) {
      for (const { reject } of records) reject(error)
      return
    }
    if (piece.ahead === null && records.length > 1) {
      for (const single of this.#waiting.slice(0, records.length)) await this.#keep(single)
      return
    }
    const single = { records, deferrable: records.every(({ deferrable }) => deferrable), places: [] }
    for (const run of piece.ahead ?? [single]) await this.#keepRun(run)
  }

  /**
   * Whether there was room; if there was not, nothing of it was added, and each of its records has a turn of its own, before all
   * others. A failed sync condemns all of it.
   */
  async #together(piece: Piece): Promise<boolean> {
    const ready = this.#ready(piece.records, this.#next)
    const deferrable = piece.records.some((record) => record.deferrable)
    const at = await this.#give({ ready, deferrable, piece }, () => this.#disk.addIfFits(ready.bytes, deferrable))
    if (at !== null) tellPlaces(piece.records, ready)
    return at !== null
  }

  /** Writes records of which all can wait or none, and refuses all of them or none. Never rejects. */
  async #keepRun({ records, deferrable, places }: SealedRun): Promise<void> {
    try {
      tellPlaces(records, await this.add(records, deferrable, places))
    } catch (error) {
      for (const { reject } of records) reject(error)
    }
  }

  /**
   * Appends records within a turn of its caller's, as they are, or as they were sealed for one of these places. Returns them as they lie.
   *
   * @throws {JournalError} as {@link JournalDisk.add}; `closed` if nobody can seal them any more.
   */
  async add(
    records: readonly NewRecord[],
    deferrable: boolean,
    ahead: readonly ReadyPiece[] = [],
  ): Promise<ReadyPiece> {
    const ready = ahead.find(({ from }) => isSamePlace(from, this.#next)) ?? this.#ready(records, this.#next)
    await this.#give({ ready, deferrable, piece: null }, () => this.#disk.add(ready.bytes, deferrable))
    return ready
  }

  /** Has the disk written something. Returns where it lies; null if there was no room. */
  async #give(underway: Underway, write: () => Promise<number | null>): Promise<number | null> {
    const { ready, piece } = underway
    this.#underway = underway
    let at: number | null
    try {
      at = await write()
      if (at !== null) this.#count(ready, at)
      // In the same moment, so that whoever closes the journal sees each either under way or waiting.
      else if (piece?.ahead === null) this.#waiting.unshift(...piece.records.map((record) => new Piece(record)))
    } finally {
      this.#underway = null
    }
    if (at === null) return null
    // The records are safe already; a marker that could not be written only lags.
    await this.#head.put(ready.marker).catch(() => undefined)
    this.#onKept()
    return at
  }

  /** What is on the medium counts. */
  #count({ entries, from, next }: ReadyPiece, at: number): void {
    // A loss at the end that was accepted leaves positions without records.
    while (this.#rows.places.size < from.position) this.#rows.places.skip()
    for (const entry of entries) this.#rows.places.add({ at: at + entry.at, length: entry.length, table: entry.table })
    this.#next = next
  }
}

/** The last record before a place. */
export function lastBefore({ position, previous }: Scan['next']): Head {
  return { position: position - 1, hash: previous }
}

/** Tells whoever waits for these records where they stand. */
function tellPlaces(records: readonly WaitingRecord[], { from }: ReadyPiece): void {
  for (const [count, { resolve }] of records.entries()) resolve(from.position + count)
}
