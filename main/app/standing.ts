import { type Digest, equalBytes } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import type { Head } from '../../shared/ledger/checkpoint.ts'
import type { StandingView } from '../../shared/views/device-views.ts'
import * as z from '../../shared/zod.ts'
import type { Contents, Journal, JournalProblem } from '../vault/journal.ts'
import type { CarrierPeer } from './ports.ts'
import { headFits, isSameFile, type Place } from './same-folder.ts'
import type { StatementStore } from './store.ts'
import { tellUnread, type UnreadTold } from './store-unread.ts'

const TABLE = 'standing'
/** What its owner decided to go on without. */
const UNREAD = 'unread'
/** How long the first signature after unlocking waits for another device to be found … */
const ALONE_MS = 5000
/** … and for one that was found to tell what it has. */
const MEETING_MS = 30_000

export type StandingErrorCode = 'not-met' | 'locked' | 'damaged' | 'unread' | 'copied' | 'older' | 'forked' | 'twin'
/** Why this device signs nothing at this moment. */
export class StandingError extends LockboxError<StandingErrorCode> {}

const recordField = z.strictObject({
  file: z.string().nullable(),
  born: z.string().nullable(),
  broken: z.boolean(),
})

/** What a standing is judged by. */
export interface StandingParts {
  readonly journal: Journal
  readonly store: StatementStore
  /** The id of this device in statements. */
  readonly own: Digest
  /** Whether there are other devices that may know more of this one than its folder does. */
  readonly hasOthers: boolean
  readonly problems: readonly JournalProblem[]
  readonly onChange: () => void
}

/**
 * Whether this folder is all that this device ever wrote (docs/security.md, "Restored and copied folders"). One that was
 * put back from a backup, or copied and started twice, would otherwise sign a second statement in a place of its chain
 * that is taken, release or issue once more. So nothing is signed after unlocking before the other devices had the time
 * to hand back what they have of this one; what they hand back stops it until its owner has decided; and a folder whose
 * files are not those it was last used with waits for its owner in any case. So does a log of which this version does not
 * accept some: a denial may be among it.
 */
export class Standing {
  readonly #parts: StandingParts
  readonly #stops: (() => void)[] = []
  readonly #waiting = new Set<() => void>()
  #place: Place
  #copied = false
  #lossy = false
  #older = false
  #broken = false
  #twin: string | null = null
  #met: boolean
  #patient = true
  #closed = false
  #connected = false
  readonly #unread: UnreadTold | null
  /** Whether its owner has decided to go on without what is not accepted. */
  #goesWithout = false

  private constructor(parts: StandingParts, place: Place) {
    this.#parts = parts
    this.#place = place
    this.#met = !parts.hasOthers
    this.#unread = tellUnread(parts.store.unread(), (id) => parts.store.get(id)?.kind)
  }

  /** Reads what the journal says of the folder, and begins to wait for the others. */
  static async load(parts: StandingParts): Promise<Standing> {
    const { journal, store, own } = parts
    const standing = new Standing(parts, await placeOf(journal))
    let last: { readonly at: number; readonly record: z.infer<typeof recordField> } | null = null
    for await (const { position, value } of journal.records(TABLE))
      last = { at: position, record: recordField.parse(parseJcs(value)) }
    for await (const { value } of journal.records(UNREAD))
      standing.#goesWithout = standing.#unread?.mayGoOn === true && equalBytes(value, standing.#unread.digest)
    const end = store.chainOf(own).last?.id
    standing.#broken = last?.record.broken ?? false
    standing.#copied = last !== null && parts.hasOthers && !isSameFile(last.record, standing.#place)
    standing.#lossy = parts.hasOthers && (await lostSince(journal, parts.problems, last?.at ?? 0))
    const isForeign = end !== undefined && store.isWrittenHere(end) === false
    standing.#older = isForeign && (store.position(end) ?? 0) > (last?.at ?? 0)
    if (last === null || (!parts.hasOthers && !isSameFile(last.record, standing.#place))) await standing.#keep()
    standing.#begin()
    return standing
  }

  #begin(): void {
    const { store, own } = this.#parts
    const alone = setTimeout(() => !this.#connected && this.#giveUp(), ALONE_MS)
    const most = setTimeout(() => this.#giveUp(), MEETING_MS)
    for (const timer of [alone, most]) timer.unref()
    this.#stops.push(
      () => clearTimeout(alone),
      () => clearTimeout(most),
      store.onAccepted(({ payload }, from) => {
        if (payload.device === own && from.by !== 'own') this.#set(() => (this.#older = true))
      }),
    )
  }

  /** No more waiting, and nothing is signed any more. */
  close(): void {
    for (const stop of this.#stops) stop()
    this.#closed = true
    this.#patient = false
    this.#wake()
  }

  get state(): StandingView['state'] {
    if (this.#parts.store.chainOf(this.#parts.own).fork !== null) return 'forked'
    if (this.#twin !== null) return 'twin'
    if (this.#older) return 'older'
    if (this.#copied) return 'copied'
    if (this.#parts.journal.isDamaged) return 'damaged'
    if (!this.mayFollow) return 'unread'
    return this.#met || (!this.#patient && !this.#lossy) ? 'current' : 'meeting'
  }

  /** Whether the device may sign now. */
  get maySign(): boolean {
    return this.state === 'current'
  }

  /**
   * Whether a newer list of people may be acted on: not before the owner has decided about what is not accepted, since a consent
   * to another list may be among it. Whatever else keeps the device from signing keeps it from nothing here.
   */
  get mayFollow(): boolean {
    return this.#unread === null || this.#goesWithout
  }

  /** Whether the ledger here is not the one that this device had elsewhere: nobody will acknowledge it any more. */
  get logBroken(): boolean {
    return this.#broken
  }

  view(): StandingView {
    const unread = this.#unread && {
      entries: this.#unread.entries,
      because: this.#unread.because,
      mayGoOn: this.#unread.mayGoOn,
    }
    return { state: this.state, met: this.#met, logBroken: this.#broken, unread }
  }

  /**
   * Resolves when it is clear whether the device may sign: at once, but for the first moments after unlocking. While nothing
   * can be recorded, what others hand back is not taken in, and there is nothing to wait for.
   */
  async ready(): Promise<void> {
    while (this.state === 'meeting' && this.#patient) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** @throws {StandingError} if the device may not sign now. */
  check(): void {
    const { state } = this
    if (this.#closed) throw new StandingError('locked', WHY.locked)
    if (state === 'current') return
    const code = state === 'meeting' ? 'not-met' : state
    throw new StandingError(code, WHY[code])
  }

  /** Looks at who is connected, and whether they have handed over all that they have. */
  look(peers: readonly CarrierPeer[], twin: string | null): void {
    const connected = peers.filter((peer) => peer.connected)
    this.#connected = connected.length > 0
    const hasMet = this.#connected && connected.every(({ reconciled }) => reconciled)
    if (twin !== null && twin !== this.#twin) this.#set(() => (this.#twin = twin))
    if (hasMet) this.#meet()
  }

  /** A file with another device's whole log was taken in: that is meeting, too. */
  tookFile(): void {
    this.#meet()
  }

  /** Others hold a head of this device's ledger that this device signed. */
  sawOwnHead(head: Head): void {
    if (this.#broken || headFits(head, this.#parts.store.ledger)) return
    this.#set(() => {
      this.#older = true
      this.#broken = true
    })
  }

  /**
   * The owner has read what happened, and goes on with this folder, or without what is not accepted of its log. Recorded before
   * it counts.
   *
   * @throws {StandingError} `not-met` while the others have not handed over all they have; or what stays so.
   */
  async goOn(): Promise<void> {
    const { state } = this
    if (state === 'current') return
    if (state === 'unread') return this.#goWithout()
    if (state !== 'older' && state !== 'copied') return this.check()
    const { store, own } = this.#parts
    const { last, isWhole } = store.chainOf(own)
    if (!this.#met || !isWhole) throw new StandingError('not-met', WHY['not-met'])
    this.#broken ||= last !== null && store.isWrittenHere(last.id) === false
    this.#place = await placeOf(this.#parts.journal)
    await this.#record()
    this.#set(() => {
      this.#older = false
      this.#copied = false
    })
  }

  async #goWithout(): Promise<void> {
    if (this.#unread?.mayGoOn !== true) throw new StandingError('unread', WHY.unread)
    await this.#parts.journal.append(UNREAD, 'accepted', this.#unread.digest)
    this.#set(() => (this.#goesWithout = true))
  }

  /** What a journal records that is written anew, into that file, so that its folder is known again. */
  recordIn(found: Place | null): Contents {
    const place: Place = { file: found?.file ?? null, born: found?.born ?? null }
    return { table: TABLE, key: 'here', value: jcs({ ...place, broken: this.#broken }) }
  }

  /** The journal was written anew, into another file. */
  async moved(): Promise<void> {
    this.#place = await placeOf(this.#parts.journal)
  }

  #meet(): void {
    if (this.#met) return
    this.#set(() => (this.#met = true))
    // What was lost from the journal is here again, as far as others had it.
    if (this.#lossy && this.maySign) void this.#keep()
  }

  #giveUp(): void {
    this.#set(() => (this.#patient = false))
  }

  #set(change: () => void): void {
    const before = JSON.stringify(this.view())
    change()
    this.#wake()
    if (JSON.stringify(this.view()) !== before) this.#parts.onChange()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  /** Records where the folder lies; a disk that does not take it now is asked again at the next unlock. */
  async #keep(): Promise<void> {
    await this.#record().catch(() => undefined)
  }

  async #record(): Promise<void> {
    const value = jcs({ ...this.#place, broken: this.#broken })
    await this.#parts.journal.append(TABLE, 'here', value)
    this.#lossy = false
  }
}

async function placeOf(journal: Journal): Promise<Place> {
  const found = await journal.place()
  return { file: found?.file ?? null, born: found?.born ?? null }
}

/** Whether records were lost since a position: statements of this very device may be among them. */
async function lostSince(journal: Journal, problems: readonly JournalProblem[], at: number): Promise<boolean> {
  if (problems.some(({ kind, recorded }) => kind !== 'torn-tail' && !recorded)) return true
  let accepted = -1
  for await (const { key, position } of journal.records('journal')) if (key === 'damage') accepted = position
  return accepted > at
}

const WHY: Readonly<Record<StandingErrorCode, string>> = {
  locked: 'the vault is locked',
  damaged: 'the log is damaged, and its owner has to decide about that first',
  unread: 'this version does not accept some of the log, and its owner has to decide about that first',
  'not-met': 'no other device has handed over what it has of this one yet',
  copied: 'the files of this folder are not those that this device was last used with',
  older: 'other devices have statements of this device that its folder did not have',
  forked: 'this device has signed two different histories',
  twin: 'another Lockbox with the keys of this device is running',
}
