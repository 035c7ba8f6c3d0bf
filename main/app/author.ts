import { type Digest, toBase64Url } from '../../shared/bytes.ts'
import { OWN } from '../../shared/carriers/arrival.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import { envelopeOf, type HardwareSignature, prepare, type Unsigned } from '../../shared/statements/envelope.ts'
import type { Kind, PayloadOf } from '../../shared/statements/kinds.ts'
import { keyId } from '../../shared/statements/member.ts'
import type { Clock } from '../vault/clock.ts'
import type { OpenVault } from '../vault/types.ts'
import { CHAIN_MOVED, type StatementStore, StoreError, type StoreReceipt } from './store.ts'

export type AuthorErrorCode = 'not-a-member' | 'refused-by-own-door'
/** Why this device did not write a statement. */
export class AuthorError extends LockboxError<AuthorErrorCode> {}

/** What a kind says beside the common fields, which the author adds. */
export type FieldsOf<K extends Kind> = Omit<
  PayloadOf<K>,
  'organization' | 'roster' | 'member' | 'device' | 'time' | 'sequence' | 'previous' | 'ledger'
>

/** Who writes, and under which roster. A genesis roster has neither organization nor roster. */
export interface Pen {
  readonly organization: Digest | null
  readonly roster: Digest | null
  readonly member: string
  /** The device's statement key as in the roster. */
  readonly statementKey: string
}

/** What says whether the device may sign at this moment; see `Standing`. */
export interface Gate {
  ready(): Promise<void>
  /** @throws if it may not. */
  check(): void
}

// A touch takes seconds; what the app has to record by itself meanwhile waits this long for it, then goes first.
const TOUCH_PATIENCE_MS = 15_000

/**
 * Writes this device's statements: adds the common fields, keeps the device's chain (sequence and previous id) in one
 * line, signs, and passes them through the same door as everybody's.
 */
export class Author {
  readonly #vault: OpenVault
  readonly #store: StatementStore
  readonly #clock: Clock
  readonly #gate: Gate
  #touchUntil = 0
  #touchDone: (() => void) | null = null
  /** What the device writes by itself, one after the other. */
  #writes: Promise<unknown> = Promise.resolve()
  /** Whoever takes the next place in the chain, until it is on the medium. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(vault: OpenVault, store: StatementStore, clock: Clock, gate: Gate) {
    this.#vault = vault
    this.#store = store
    this.#clock = clock
    this.#gate = gate
  }

  /**
   * Writes a statement that the device alone signs. Waits a while for a touch that is under way, since two statements
   * must not claim one place in the chain.
   *
   * @param once - what has to be on the medium before: it is signed and checked meanwhile. If that fails nothing is written.
   * @throws {JournalError} if it could not be made durable.
   * @throws {StandingError} if this folder may not be all that the device ever wrote.
   */
  write<K extends Kind>(kind: K, pen: Pen, fields: FieldsOf<K>, once?: Promise<unknown>): Promise<VerifiedOf<K>> {
    if (once === undefined) return this.#write(() => this.#finish(this.prepare(kind, pen, fields), pen, null))
    return this.#write(async () => {
      const unsigned = this.prepare(kind, pen, fields)
      const [received] = await this.#store.receiveOwn([this.#signed(unsigned, pen, null)], once)
      return this.#recorded(unsigned, received)
    }, once)
  }

  #write<Result>(act: () => Promise<Result>, once?: Promise<unknown>): Promise<Result> {
    // Told where it is waited for.
    once?.catch(() => undefined)
    const done = this.#writes.then(async () => {
      await this.#gate.ready()
      await this.#patience()
      const finish = () => this.#inTurn(act)
      // One of our own that came from outside took the place: the gate says what that means.
      return finish().catch((error: unknown) => {
        if (error instanceof StoreError) return finish()
        throw error
      })
    })
    this.#writes = done.catch(() => undefined)
    return done
  }

  /**
   * Writes two statements that the device alone signs, of which the second names the first: they go to the disk at once. What a
   * crash cuts off is the second, or both.
   *
   * @param once - as in {@link Author.write}.
   * @returns the first, and what came of the second.
   * @throws as {@link Author.write}, for the first.
   */
  writeBoth<First extends Kind, Second extends Kind>(
    pen: Pen,
    [kind, fields]: readonly [First, FieldsOf<First>],
    [next, nextFields]: readonly [Second, (first: Digest) => FieldsOf<Second>],
    once: Promise<unknown>,
  ): Promise<{ readonly first: VerifiedOf<First>; readonly second: Promise<VerifiedOf<Second>> }> {
    return this.#write(async () => {
      const first = this.prepare(kind, pen, fields)
      const second = this.prepare(next, pen, nextFields(first.id), first)
      const signed = [first, second].map((each) => this.#signed(each, pen, null))
      const [one, other] = await this.#store.receiveOwn(signed, once)
      const after = this.#recorded(second, other)
      // Nobody takes the next place in the chain before both have theirs, or not.
      await Promise.allSettled([one, after])
      return { first: await this.#recorded(first, one), second: after }
    }, once)
  }

  /**
   * Makes a statement ready for the touch, in the next place of the chain. Nothing is reserved until {@link holdChain}.
   *
   * @param after - another that was made ready: then the place behind it.
   */
  prepare<K extends Kind>(kind: K, pen: Pen, fields: FieldsOf<K>, after: Unsigned | null = null): Unsigned<K> {
    const device = keyId(pen.statementKey)
    const named =
      pen.organization === null || pen.roster === null ? {} : { organization: pen.organization, roster: pen.roster }
    const common = {
      ...named,
      member: pen.member,
      device,
      time: this.#clock().wall,
      ...(after === null ? this.#next(device) : { sequence: after.payload.sequence + 1, previous: after.id }),
      ledger: { size: this.#store.ledger.size, root: toBase64Url(this.#store.ledger.root()) },
    }
    // The compiler cannot see that common fields and the kind's own make up its payload; the schema in `prepare` does.
    return prepare(kind, { ...fields, ...common } as PayloadOf<K>)
  }

  /** Whether what was prepared still stands in the next place of the chain, under the roster of this pen. */
  isNext({ payload }: Unsigned, pen: Pen): boolean {
    const { sequence, previous } = this.#next(keyId(pen.statementKey))
    const { organization = null, roster = null } = payload
    return (
      payload.sequence === sequence &&
      payload.previous === previous &&
      organization === pen.organization &&
      roster === pen.roster
    )
  }

  /** What the device writes by itself waits for the touch that now begins, for a while. */
  holdChain(): void {
    this.#touchUntil = this.#clock().monotonic + TOUCH_PATIENCE_MS
  }

  /** The touch was made: nothing takes its place while it is being recorded, however long the disk takes for that. */
  keepChain(): void {
    this.#touchUntil = Number.POSITIVE_INFINITY
  }

  /** The touch is over, one way or another. */
  freeChain(): void {
    this.#touchUntil = 0
    this.#touchDone?.()
  }

  /**
   * Adds the touch's signature and records the statement.
   *
   * @throws {StoreError} `chain-moved` if something else took its place in the chain: prepare and show it anew.
   */
  finish<K extends Kind>(unsigned: Unsigned<K>, pen: Pen, hardware: HardwareSignature): Promise<VerifiedOf<K>> {
    return this.#inTurn(() => {
      if (!this.isNext(unsigned, pen)) throw new StoreError('chain-moved', CHAIN_MOVED)
      return this.#finish(unsigned, pen, hardware)
    })
  }

  /** On a slow disk a record takes seconds, and until it is kept nobody else may look for the next place. */
  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(() => {
      this.#gate.check()
      return act()
    })
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #finish<K extends Kind>(
    unsigned: Unsigned<K>,
    pen: Pen,
    hardware: HardwareSignature | null,
  ): Promise<VerifiedOf<K>> {
    return this.#recorded(unsigned, this.#store.receive(this.#signed(unsigned, pen, hardware), OWN, true))
  }

  #signed(unsigned: Unsigned, pen: Pen, hardware: HardwareSignature | null): Uint8Array {
    const device = { keyid: keyId(pen.statementKey), sig: toBase64Url(this.#vault.signStatement(unsigned.signedBytes)) }
    return envelopeOf(unsigned, device, hardware)
  }

  async #recorded<K extends Kind>(unsigned: Unsigned<K>, received: Promise<StoreReceipt> | undefined) {
    const receipt = (await received) ?? { verdict: 'waiting' }
    if (receipt.verdict === 'new' || receipt.verdict === 'known') return receipt.statement as VerifiedOf<K>
    const why = receipt.verdict === 'refused' ? receipt.message : 'its roster is not known here'
    throw new AuthorError('refused-by-own-door', `This ${unsigned.kind} was not recorded: ${why}.`)
  }

  /** The next place in the device's chain. */
  #next(device: Digest): { sequence: number; previous: Digest | null } {
    const { last } = this.#store.chainOf(device)
    return last === null ? { sequence: 0, previous: null } : { sequence: last.number + 1, previous: last.id }
  }

  async #patience(): Promise<void> {
    for (;;) {
      const left = this.#touchUntil - this.#clock().monotonic
      if (left <= 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, TOUCH_PATIENCE_MS))
        this.#touchDone = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}
