import { type Digest, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { MAX_NOTE_BYTES } from '../../shared/ledger/note.ts'
import { sha256 } from '../sha256.ts'
import type { ExchangeLimits, Monotonic } from './limits.ts'
import { MAX_BLOB_BYTES, MAX_IDS } from './messages.ts'
import type { FlowPort, FlowShared } from './statement-flow.ts'

/** Notes told in one go: one for each member's device. */
const MAX_NOTES = 256

/** Blobs that follow one statement or several at once unasked, and their bytes: beyond it the peer asks for what it wants. */
const MOST_UNASKED = 8
const MAX_UNASKED_BYTES = 16 * 1024

/** Copies of one blob that a peer may owe at once: it is asked no oftener in the time of a way and back. */
const MOST_COPIES = 16

/** What blobs and notes need beside what statements need. */
export interface SideShared extends Pick<FlowShared, 'store' | 'onArrived'> {
  readonly limits: ExchangeLimits
  readonly monotonic: Monotonic
  /** A blob came from a device and was taken. */
  onBlobTaken(from: Digest): void
}

/** Blobs over one connection: each side says what it wants of the other, and gets what it may have as soon as it is there. */
export class BlobFlow {
  readonly #shared: SideShared
  readonly #port: FlowPort
  /** Wanted by the peer and not yet given. It stands until it is given or the peer says otherwise. */
  #theirs = new Set<Digest>()
  /** What it was asked for, and has not given. */
  #asked: Set<Digest> = new Set()
  /**
   * How many copies of each it may still give: as many as it was asked for, since one may be on its way when it is asked anew, and
   * others that were asked as well be faster.
   */
  readonly #owed = new Map<Digest, number>()
  #isServing = false
  #serveAgain = false

  constructor(shared: SideShared, port: FlowPort) {
    this.#shared = shared
    this.#port = port
  }

  /**
   * Says what is wanted of this peer, if it does not know: what it gave it need not be told, and would then give what is on
   * its way once more. Where more is wanted than can be said at once, the rest is said when half of that has come.
   *
   * @param wanted - the most urgent first.
   */
  ask(wanted: readonly Digest[]): void {
    const ids = wanted.slice(0, MAX_IDS)
    const unsaid = ids.findIndex((id) => !this.#asked.has(id))
    const still = new Set(wanted)
    const isKnown = unsaid < 0 || unsaid >= MAX_IDS / 2
    if (isKnown && [...this.#asked].every((id) => still.has(id))) return
    this.#asked = new Set(ids)
    for (const id of ids) this.#owed.set(id, Math.min((this.#owed.get(id) ?? 0) + 1, MOST_COPIES))
    this.#port.send({ type: 'blobsWanted', ids })
  }

  /** The peer says what it wants; this replaces what it said before. */
  async onWanted(ids: readonly Digest[]): Promise<void> {
    this.#theirs = new Set(ids)
    await this.serve()
  }

  /**
   * Blobs came together; handled when all are kept, or passed over. What is here already costs its sender as much as what
   * nobody wants, unless it was asked for it.
   */
  async onBlobs(blobs: readonly Uint8Array[]): Promise<void> {
    const wereAsked = blobs.map((bytes) => this.#settle(toBase64Url(sha256(bytes))))
    const receipts = await Promise.all(blobs.map((bytes) => this.#shared.store.receiveBlob(bytes, this.#port.peer)))
    for (const [at, receipt] of receipts.entries())
      if (receipt === 'new') this.#shared.onBlobTaken(this.#port.peer.device)
      else if (receipt === 'unwanted' || wereAsked[at] !== true) this.#port.takeUninvited()
  }

  /** One copy came. @returns whether it was asked for. */
  #settle(id: Digest): boolean {
    this.#shared.onArrived(id)
    this.#asked.delete(id)
    const owed = this.#owed.get(id) ?? 0
    if (owed > 1) this.#owed.set(id, owed - 1)
    else this.#owed.delete(id)
    return owed > 0
  }

  /** Gives what those statements name and the peer may have, right behind them: to be asked for it first takes a way and back. */
  async giveWith(statements: readonly Digest[]): Promise<void> {
    const { store } = this.#shared
    const named = statements.flatMap((id) => store.blobsWith(id))
    if (named.length === 0) return
    const mayHave = new Set(store.blobsFor(this.#port.peer.device))
    for (const id of named.filter((one) => mayHave.has(one)).slice(0, MOST_UNASKED)) {
      const bytes = await store.blob(id)
      if (bytes !== undefined && bytes.length <= MAX_UNASKED_BYTES && this.#mayGive) this.#give(bytes)
    }
  }

  get #mayGive(): boolean {
    return this.#port.hasRoom && this.#port.pace.given.left >= 0
  }

  #give(blob: Uint8Array): void {
    this.#port.pace.given.spend(blob.length)
    this.#port.send({ type: 'blob', blob })
  }

  /** Gives the peer what it wants of what it may have, as far as there is room and the rate allows. Nothing else about blobs is ever told. */
  async serve(): Promise<void> {
    this.#serveAgain = true
    if (this.#isServing) return
    this.#isServing = true
    try {
      while (this.#serveAgain) {
        this.#serveAgain = false
        await this.#serveOnce()
      }
    } finally {
      this.#isServing = false
    }
  }

  async #serveOnce(): Promise<void> {
    if (this.#theirs.size === 0) return
    const { store } = this.#shared
    for (const wanted of store.blobsFor(this.#port.peer.device)) {
      if (!this.#mayGive) return
      if (!this.#theirs.has(wanted)) continue
      const bytes = await store.blob(wanted)
      if (bytes === undefined || bytes.length > MAX_BLOB_BYTES || !this.#theirs.delete(wanted)) continue
      this.#give(bytes)
    }
  }
}

/** Signed notes over one connection: every checkpoint that one side holds and the other has not seen. */
export class NoteFlow {
  readonly #shared: SideShared
  readonly #port: FlowPort
  readonly #seen = new Set<string>()

  constructor(shared: SideShared, port: FlowPort) {
    this.#shared = shared
    this.#port = port
  }

  /** Tells this device's own latest checkpoint, if the peer has not seen it. */
  shareOwn(): void {
    const own = this.#shared.store.ownNote()
    if (own !== null) this.#tell(own)
  }

  /** Tells all notes that the peer has not seen; after `forget` all of them. */
  share(forget = false): void {
    if (forget) this.#seen.clear()
    this.shareOwn()
    for (const note of this.#shared.store.notes().slice(0, MAX_NOTES)) this.#tell(note)
  }

  async onNote(note: string): Promise<void> {
    // Too many are passed over: the latest come again with the next round.
    if (!this.#port.pace.notes.take() || !this.#isNew(note)) return
    await this.#shared.store.receiveNote(note, this.#port.peer)
  }

  #tell(note: string): void {
    if (this.#isNew(note) && utf8(note).length <= MAX_NOTE_BYTES) this.#port.send({ type: 'note', note })
  }

  #isNew(note: string): boolean {
    if (this.#seen.has(note)) return false
    if (this.#seen.size >= 4 * MAX_NOTES) this.#seen.clear()
    this.#seen.add(note)
    return true
  }
}
