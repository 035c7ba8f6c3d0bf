import { type Digest, toBase64Url } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import { envelopeOf, type HardwareSignature, prepare, type Unsigned } from '../../shared/statements/envelope.ts'
import type { Kind, PayloadOf } from '../../shared/statements/kinds.ts'
import { keyId } from '../../shared/statements/member.ts'
import type { Clock } from '../vault/clock.ts'
import type { OpenVault } from '../vault/types.ts'
import type { StatementStore } from './store.ts'

export type AuthorErrorCode = 'chain-moved' | 'not-a-member' | 'refused-by-own-door'
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
  #touchUntil = 0
  #touchDone: (() => void) | null = null
  #queue: Promise<unknown> = Promise.resolve()

  constructor(vault: OpenVault, store: StatementStore, clock: Clock) {
    this.#vault = vault
    this.#store = store
    this.#clock = clock
  }

  /**
   * Writes a statement that the device alone signs. Waits a while for a touch that is under way, since two statements
   * must not claim one place in the chain.
   *
   * @throws {JournalError} if it could not be made durable.
   */
  write<K extends Kind>(kind: K, pen: Pen, fields: FieldsOf<K>): Promise<VerifiedOf<K>> {
    const done = this.#queue.then(async () => {
      await this.#patience()
      return this.#finish(this.prepare(kind, pen, fields), pen, null)
    })
    this.#queue = done.catch(() => undefined)
    return done
  }

  /** Makes a statement ready for the touch, in the next place of the chain. Nothing is reserved until {@link holdChain}. */
  prepare<K extends Kind>(kind: K, pen: Pen, fields: FieldsOf<K>): Unsigned<K> {
    const device = keyId(pen.statementKey)
    const named =
      pen.organization === null || pen.roster === null ? {} : { organization: pen.organization, roster: pen.roster }
    const common = {
      ...named,
      member: pen.member,
      device,
      time: this.#clock().wall,
      ...this.#next(device),
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

  /** The touch is over, one way or another. */
  freeChain(): void {
    this.#touchUntil = 0
    this.#touchDone?.()
  }

  /**
   * Adds the touch's signature and records the statement.
   *
   * @throws {AuthorError} `chain-moved` if something else took its place in the chain: prepare and show it anew.
   */
  async finish<K extends Kind>(unsigned: Unsigned<K>, pen: Pen, hardware: HardwareSignature): Promise<VerifiedOf<K>> {
    if (!this.isNext(unsigned, pen))
      throw new AuthorError(
        'chain-moved',
        'Something else was recorded while you reached for your key. Nothing was signed; look once more and touch it again.',
      )
    return this.#finish(unsigned, pen, hardware)
  }

  async #finish<K extends Kind>(
    unsigned: Unsigned<K>,
    pen: Pen,
    hardware: HardwareSignature | null,
  ): Promise<VerifiedOf<K>> {
    const device = { keyid: keyId(pen.statementKey), sig: toBase64Url(this.#vault.signStatement(unsigned.signedBytes)) }
    const receipt = await this.#store.receive(envelopeOf(unsigned, device, hardware), 'this device', true)
    if (receipt.verdict === 'new' || receipt.verdict === 'known') return receipt.statement as VerifiedOf<K>
    const why = receipt.verdict === 'refused' ? receipt.message : 'its roster is not known here'
    throw new AuthorError('refused-by-own-door', `This ${unsigned.kind} was not recorded: ${why}.`)
  }

  /** The next place in the device's chain. */
  #next(device: Digest): { sequence: number; previous: Digest | null } {
    const last = this.#store.lastOf(device)
    return last === undefined
      ? { sequence: 0, previous: null }
      : { sequence: last.payload.sequence + 1, previous: last.id }
  }

  #patience(): Promise<void> {
    const left = this.#touchUntil - this.#clock().monotonic
    if (left <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, left)
      this.#touchDone = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
