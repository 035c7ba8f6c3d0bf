import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { type Arrival, OWN } from '../../shared/carriers/arrival.ts'
import { isLockboxError, LockboxError } from '../../shared/errors.ts'
import { jcs } from '../../shared/jcs.ts'
import {
  type DoorVerdict,
  naming,
  type SignatureChecks,
  type VerifiedStatement,
  verify,
  vouchedFor,
} from '../../shared/statements/door.ts'
import { parse, type Statement } from '../../shared/statements/envelope.ts'
import type { Kind } from '../../shared/statements/kinds.ts'
import { readingAgain } from '../../shared/statements/read-again.ts'
import { bulkChecks, checksBeside } from '../bulk-checks.ts'
import { WaitingRoom } from '../exchange/waiting-room.ts'
import { digestOf, sha256 } from '../sha256.ts'
import type { Clock } from '../vault/clock.ts'
import type { Contents, Journal, JournalRecord, Rewriting } from '../vault/journal.ts'
import { AcceptedStatements } from './accepted.ts'
import { type Heard, readHeard, writeHeard } from './arrivals.ts'
import { LookAhead, type LookedAt, verdictOn } from './looking-ahead.ts'
import { Slabs } from './slabs.ts'
import { unreadOf } from './store-unread.ts'
import { parseStub, type Stub, stubOf } from './stub.ts'
import { STATEMENTS, STUBS } from './tables.ts'

const KEEP_REFUSALS = 200
/** Of what waited for a roster, so many are looked at together. */
const MOST_AHEAD = 128
// What records that the log was read or exported must not use up the room that is kept for the next grant and its end.
const NEVER_FROM_RESERVE: ReadonlySet<Kind> = new Set<Kind>(['exported', 'read'])
/** What is said where a statement's place in the chain was taken before it was recorded. */
export const CHAIN_MOVED =
  'Something else was recorded while you reached for your key. Nothing was signed; look once more and touch it again.'

export type StoreErrorCode = 'chain-moved'
/** Why a statement of this device's own is not recorded. */
export class StoreError extends LockboxError<StoreErrorCode> {}

/** What came of bytes that claimed to be a statement. */
export type StoreReceipt =
  | { readonly verdict: 'new' | 'known'; readonly statement: VerifiedStatement }
  | { readonly verdict: 'waiting' }
  /** It was here once, and was pruned, or this version does not let it in any more: it counts as had. */
  | { readonly verdict: 'pruned' }
  | { readonly verdict: 'refused'; readonly code: string; readonly message: string }

/** Bytes that the door refused: for people, bounded. */
export interface RefusedBytes {
  readonly at: UnixMilliseconds
  readonly from: Arrival
  readonly code: string
  readonly message: string
}

type AcceptedListener = (statement: VerifiedStatement, from: Arrival) => void

/** A statement that passed the door: `kept` once it is on the medium. */
interface Admitted {
  readonly kept: Promise<StoreReceipt>
}

/**
 * The statements this device accepted: read from the journal, kept in memory, and the only way to add one. What is
 * accepted is on the medium first; the ledger holds the envelopes in that order, as first accepted.
 */
export class StatementStore extends AcceptedStatements {
  readonly #journal: Journal
  readonly #checks: SignatureChecks
  readonly #clock: Clock
  readonly #waiting = new WaitingRoom()
  readonly #ahead = new LookAhead(
    () => this.#context(),
    (id) => this.has(id),
    { alone: bulkChecks, beside: checksBeside },
  )
  readonly #refused: RefusedBytes[] = []
  readonly #first = new Set<AcceptedListener>()
  readonly #listeners = new Set<AcceptedListener>()
  #organization: Digest | null = null
  #glimpse: () => Uint8Array = () => new Uint8Array()
  #failed: (error: unknown) => void = () => undefined
  #refusedCount = 0
  /** The door: one at a time. */
  #queue: Promise<unknown> = Promise.resolve()
  /** What passed the door and is on its way to the medium, in order. */
  readonly #underway = new Map<Digest, Promise<StoreReceipt>>()
  #last: Promise<unknown> = Promise.resolve()

  private constructor(journal: Journal, checks: SignatureChecks, clock: Clock) {
    super()
    this.#journal = journal
    this.#checks = checks
    this.#clock = clock
  }

  /**
   * Reads the statements back from the journal. Each passes the door again, unless the journal's index vouches that it did
   * so with this very door: a record that a newer or damaged app wrote must not count only because it is old.
   *
   * @param onProgress - told how many of them were read, and how many there are.
   */
  static async load(
    journal: Journal,
    checks: SignatureChecks,
    clock: Clock,
    onProgress: (read: number, of: number) => void = () => undefined,
  ): Promise<StatementStore> {
    const store = new StatementStore(journal, checks, clock)
    const readAgain = readingAgain(sha256)
    const slabs = new Slabs()
    const total = journal.count(STATEMENTS, STUBS)
    let read = 0
    for await (const record of journal.records(STATEMENTS, STUBS)) {
      onProgress(read++, total)
      if (record.table === STUBS) {
        store.keepStub(record.key, parseStub(record.value))
        continue
      }
      await store.#read(record, record.position < journal.vouched ? readAgain : null, slabs)
    }
    // What the door did not let in counts for nothing, and an index must not make it count.
    const isAllRead = () => store.unread().size === 0 && journal.count(STATEMENTS, STUBS) === store.ids().length
    journal.indexWith(() => (isAllRead() ? store.#glimpse() : null))
    return store
  }

  /**
   * Takes in a record of the journal. One that this door does not let in, since its rules are stricter than those by which it
   * came or what it names was not let in, keeps nobody out: only its places are kept.
   *
   * @param vouched - reads one that the journal's index vouches for; null if it has to pass the door.
   */
  async #read(
    record: JournalRecord,
    vouched: ((envelope: Uint8Array) => Statement) | null,
    slabs: Slabs,
  ): Promise<void> {
    const unread = (because: string) => this.keepUnread(record.key, unreadOf(record, because))
    let heard: Heard
    let verdict: DoorVerdict
    try {
      heard = readHeard(record.value)
      verdict =
        vouched === null
          ? await verify(parse(heard.envelope, digestOf), this.#context(), this.#checks)
          : vouchedFor(vouched(slabs.keep(heard.envelope)))
    } catch (error) {
      return unread(isLockboxError(error) ? error.message : 'the reason is not known')
    }
    if (verdict.verdict === 'waiting') return unread('the list of people that it names is not accepted')
    this.keep(verdict.statement, { heard: heard.heard, from: heard.from, position: record.position })
  }

  /** What the journal's index is to keep for the next opening, made each time an index is. */
  glimpseWith(make: () => Uint8Array): void {
    this.#glimpse = make
  }

  /** Who is told of what a listener throws. */
  failuresTo(tell: (error: unknown) => void): void {
    this.#failed = tell
  }

  /**
   * Only statements of this organization are accepted from now on, but for a genesis that its owner signs or endorses.
   *
   * @param organization - null before there is one.
   */
  pinOrganization(organization: Digest | null): void {
    this.#organization = organization
  }

  refusals(): { readonly count: number; readonly latest: readonly RefusedBytes[] } {
    return { count: this.#refusedCount, latest: this.#refused }
  }

  waitingCount(): number {
    return this.#waiting.size
  }

  /** @param when - `first`: before all who did not say so, for what others wait for who are not here. */
  onAccepted(listener: AcceptedListener, when: 'first' | 'then' = 'then'): () => void {
    const listeners = when === 'first' ? this.#first : this.#listeners
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /**
   * Takes an envelope from outside (or from this device's own author): through the door, into journal and ledger, then
   * to listeners, in the order of the calls. The door looks at one at a time, and at the next while the disk keeps the
   * last. Bad input is an answer, not an exception; a disk that does not keep it is one.
   *
   * @param from - by which way it came, and from whom: kept with it, or in the list of refusals.
   * @param own - whether its owner signed or endorses it here and now: then it may use the disk's reserve, and a genesis
   *   may begin another organization than the pinned one.
   * @throws {JournalError} if it could not be made durable; then it was not accepted.
   * @throws {StoreError} `chain-moved` if this device's own is not the next of its chain any more.
   */
  async receive(envelope: Uint8Array, from: Arrival, own = false): Promise<StoreReceipt> {
    // One of our own waits for nothing, and is looked at in its turn.
    const looked = own ? async () => ({ statement: parse(envelope, digestOf), seen: null }) : this.#ahead.at(envelope)
    const { kept } = await this.#inTurn(() => this.#admit(looked, from, own))
    return kept
  }

  /**
   * Takes in statements that this device wrote, each the next of its chain behind the one before: the disk is given them at once.
   *
   * @param once - what has to be on the medium before them; they are looked at meanwhile.
   * @returns what came of each.
   * @throws as {@link StatementStore.receive} for one of this device's own, or what `once` throws; then none is accepted.
   */
  receiveOwn(
    envelopes: readonly Uint8Array[],
    once: Promise<unknown> = Promise.resolve(),
  ): Promise<readonly Promise<StoreReceipt>[]> {
    return this.#inTurn(async () => {
      const verified: VerifiedStatement[] = []
      for (const envelope of envelopes) {
        const found = await verify(parse(envelope, digestOf), this.#context(), this.#checks)
        if (found.verdict === 'waiting') throw new TypeError('of its own a device has the roster')
        verified.push(found.statement)
      }
      await once
      const [first] = verified
      if (first !== undefined) await this.#mustBeNext(first)
      return verified.map((statement) => this.#accept(statement, OWN, true))
    })
  }

  /**
   * Lets a statement of another organization than the pinned one wait for its roster: its owner may yet turn to that. Nothing
   * in it is verified before.
   */
  letWait(envelope: Uint8Array, from: Arrival): StoreReceipt {
    try {
      const statement = parse(envelope)
      const { roster } = naming(statement)
      this.#waiting.add({ id: statement.id, needs: roster, author: statement.payload.device, envelope, from })
      return { verdict: 'waiting' }
    } catch (error) {
      if (isLockboxError(error)) return this.#refuse(error, from)
      throw error
    }
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(act)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #admit(looked: () => Promise<LookedAt>, from: Arrival, own: boolean): Promise<Admitted> {
    let statement: Statement
    let verdict: DoorVerdict
    try {
      const found = await looked()
      statement = found.statement
      // Another copy of one that is on its way counts as had only if that one is kept.
      if (this.#underway.has(statement.id)) await this.#settled()
      const known = this.get(statement.id)
      if (known !== undefined) return answered({ verdict: 'known', statement: known })
      if (this.has(statement.id)) return answered({ verdict: 'pruned' })
      const founding = own && statement.kind === 'roster' && statement.payload.predecessor === null
      const context = { ...this.#context(), ...(founding && { organization: null }) }
      verdict = await verdictOn(found, context, this.#checks)
    } catch (error) {
      if (isLockboxError(error)) return answered(this.#refuse(error, from))
      throw error
    }
    if (verdict.verdict === 'waiting') {
      const { id, envelope } = statement
      this.#waiting.add({ id, needs: verdict.roster, author: statement.payload.device, envelope, from })
      return answered({ verdict: 'waiting' })
    }
    if (from.by === 'own') await this.#mustBeNext(statement)
    const kept = this.#accept(verdict.statement, from, own)
    if (statement.kind === 'roster') {
      // What follows may name it.
      await kept
      await this.#retry(statement.id)
    }
    return { kept }
  }

  // One of our own may have come from outside since this one was made ready: two in one place would be two histories.
  async #mustBeNext(statement: Statement): Promise<void> {
    await this.#settled()
    if (!this.chainOf(statement.payload.device).isNext(statement)) throw new StoreError('chain-moved', CHAIN_MOVED)
  }

  /** Resolves when all that passed the door is on the medium, or was refused by it. */
  async #settled(): Promise<void> {
    await Promise.allSettled(this.#underway.values())
  }

  #accept(statement: VerifiedStatement, from: Arrival, own: boolean): Promise<StoreReceipt> {
    const kept = this.#recorded(statement, from, own, this.#last)
    this.#underway.set(statement.id, kept)
    this.#last = kept.catch(() => undefined).then(() => this.#underway.delete(statement.id))
    return kept
  }

  async #recorded(
    statement: VerifiedStatement,
    from: Arrival,
    own: boolean,
    before: Promise<unknown>,
  ): Promise<StoreReceipt> {
    const heard = this.#clock().wall
    const value = writeHeard({ heard, from, envelope: statement.envelope })
    const appended = this.#journal.append(STATEMENTS, statement.id, value, {
      deferrable: !own || NEVER_FROM_RESERVE.has(statement.kind),
    })
    const [position] = await Promise.all([appended, before])
    this.keep(statement, { heard, from, position })
    this.#tell(statement, from)
    return { verdict: 'new', statement }
  }

  /** What is recorded stays so, and all hear of it, whoever of them fails; that is told apart from it. */
  #tell(statement: VerifiedStatement, from: Arrival): void {
    for (const listener of [...this.#first, ...this.#listeners]) {
      try {
        listener(statement, from)
      } catch (error) {
        queueMicrotask(() => this.#failed(error))
      }
    }
  }

  /**
   * Removes the envelopes of statements for good: in the journal stubs take their places, so that ledger and chains go on
   * as if nothing had happened. What comes in meanwhile waits.
   *
   * @param after - what is recorded with it, see `Journal.rewrite`.
   * @throws {JournalError} or an error of the disk; then nothing was removed from here, and nothing from the journal unless
   *   it takes no more records: then only the next start tells.
   */
  prune(ids: ReadonlySet<Digest>, after: Rewriting['after']): Promise<void> {
    return this.#inTurn(async () => {
      await this.#settled()
      const gone = new Map<number, { readonly id: Digest; readonly stub: Stub }>()
      for (const id of ids) {
        const [statement, position] = [this.get(id), this.position(id)]
        if (statement !== undefined && position !== undefined) gone.set(position, { id, stub: stubOf(statement) })
      }
      const instead = ({ table, position }: JournalRecord): Contents | null => {
        const one = table === STATEMENTS ? gone.get(position) : undefined
        return one === undefined ? null : { table: STUBS, key: one.id, value: jcs({ ...one.stub }) }
      }
      await this.#journal.rewrite({ instead, after })
      this.forget(new Map([...gone.values()].map(({ id, stub }) => [id, stub])))
    })
  }

  /** What comes of them is no matter of whoever brought the roster; what the disk refused, a peer offers again. */
  async #retry(roster: Digest): Promise<void> {
    const settled: Promise<unknown>[] = []
    const waiting = this.#waiting.take(roster)
    // In runs: whoever waits may be ten thousand, and others want their turn.
    for (let from = 0; from < waiting.length; from += MOST_AHEAD) {
      const run = waiting.slice(from, from + MOST_AHEAD)
      const all = run.map((one) => ({ looked: this.#ahead.at(one.envelope), from: one.from }))
      for (const one of all) {
        const admitted = this.#admit(one.looked, one.from, false)
        settled.push(admitted.then(({ kept }) => kept).catch(() => undefined))
        await admitted.catch(() => undefined)
      }
    }
    await Promise.all(settled)
  }

  #refuse(error: LockboxError, from: Arrival): StoreReceipt {
    this.#refusedCount++
    this.#refused.push({ at: this.#clock().wall, from, code: error.code, message: error.message })
    if (this.#refused.length > KEEP_REFUSALS) this.#refused.shift()
    return { verdict: 'refused', code: error.code, message: error.message }
  }

  #context() {
    return { organization: this.#organization, roster: (id: Digest) => this.roster(id) }
  }
}

const answered = (receipt: StoreReceipt): Admitted => ({ kept: Promise.resolve(receipt) })
