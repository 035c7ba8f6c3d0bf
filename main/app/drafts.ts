import { fromUtf8, toBase64Url } from '../../shared/bytes.ts'
import type { Step } from '../../shared/ceremony.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { DraftView, MovedDraft } from '../../shared/ipc-values.ts'
import type { VerifiedOf, VerifiedStatement } from '../../shared/statements/door.ts'
import type { Unsigned } from '../../shared/statements/envelope.ts'
import type { Kind } from '../../shared/statements/kinds.ts'
import { draftRows } from '../../shared/views/draft-rows.ts'
import { elapsed, type Instant } from '../vault/clock.ts'
import { randomBytes } from '../vault/sodium.ts'
import type { Vault } from '../vault/types.ts'
import type { FieldsOf, Pen } from './author.ts'
import type { Device } from './device.ts'

const FORGET_MS = 10 * 60_000

export type DraftErrorCode = 'forgotten'
/** Why a draft cannot be signed. */
export class DraftError extends LockboxError<DraftErrorCode> {}

/** A statement that waits for its author's touch. */
export interface Draft<K extends Kind> {
  readonly kind: K
  /** What the touch does, in a sentence. */
  readonly sentence: string
  readonly fields: FieldsOf<K>
  /** The statement that this one names and answers: it is signed by its id, so what it says is shown whole too. */
  readonly subject?: Pick<VerifiedStatement, 'kind' | 'payload'>
  /** Under what it is signed, where that is not the head roster: nothing yet for a genesis, which comes before all. */
  readonly under?: Pick<Pen, 'organization' | 'roster'>
  /** Whether the touch is also to open the box key. */
  readonly withSecret?: boolean
  /**
   * After the touch, before anything is recorded: checks, and puts in place what the statement needs. Given the box key
   * if it was asked for; a `LockboxError` refuses the touch.
   */
  readonly check?: (boxKey: Uint8Array | null) => Promise<void>
  /** What follows once the statement is recorded. */
  readonly after?: (statement: VerifiedOf<K>) => Promise<void>
  /** The draft is dropped or forgotten: wipe what it holds. */
  readonly drop?: () => void
}

interface Waiting {
  readonly since: Instant
  readonly start: () => Promise<Step | MovedDraft>
  readonly drop: () => void
}

/**
 * Statements on their way to a touch. The payload is made ready and shown whole, and those very bytes are signed. If
 * the device's chain went on meanwhile, it is made ready and shown anew.
 */
export class Drafts {
  readonly #device: Device
  readonly #vault: Vault
  readonly #drafts = new Map<string, Waiting>()

  constructor(device: Device, vault: Vault) {
    this.#device = device
    this.#vault = vault
  }

  /** Makes a statement ready and shows it. @throws {StatementError} if nobody would accept it. */
  add<K extends Kind>(draft: Draft<K>): DraftView {
    this.#sweep()
    return this.#keep(toBase64Url(randomBytes(16)), draft, this.#device.clock())
  }

  /**
   * Begins the touch for what was shown; or shows what has to be signed instead, because the chain or the roster moved.
   *
   * @throws {DraftError} `forgotten` after ten minutes.
   * @throws {StandingError} if this folder may not be all that the device ever wrote.
   */
  start(id: string): Promise<Step | MovedDraft> {
    this.#sweep()
    const draft = this.#drafts.get(id)
    if (draft === undefined)
      throw new DraftError(
        'forgotten',
        'This draft lay too long and was dropped. Nothing was signed; please fill it in again.',
      )
    // In the first moments after unlocking the others may still hand back what is newer than this folder.
    return this.#device.standing.ready().then(() => {
      this.#device.standing.check()
      return draft.start()
    })
  }

  drop(id: string): void {
    this.#drafts.get(id)?.drop()
    this.#drafts.delete(id)
  }

  /** Drops all of them, wiping what they hold. */
  clear(): void {
    for (const id of this.#drafts.keys()) this.drop(id)
  }

  #keep<K extends Kind>(id: string, draft: Draft<K>, since: Instant): DraftView {
    const unsigned = this.#device.author.prepare(draft.kind, this.#pen(draft), draft.fields)
    const start = async (): Promise<Step | MovedDraft> =>
      this.#device.author.isNext(unsigned, this.#pen(draft))
        ? this.#touch(draft, unsigned)
        : { kind: 'moved', draft: this.#keep(id, draft, since) }
    const names = this.#device.names()
    this.#drafts.set(id, { since, start, drop: () => draft.drop?.() })
    return {
      draft: id,
      kind: draft.kind,
      sentence: draft.sentence,
      subject: draft.subject === undefined ? null : this.#subject(draft.subject),
      ...draftRows(unsigned.payload, names),
      text: fromUtf8(unsigned.payloadBytes),
      id: unsigned.id,
    }
  }

  #subject({ kind, payload }: Pick<VerifiedStatement, 'kind' | 'payload'>): DraftView['subject'] {
    const names = this.#device.names()
    const title = `What that is: the ${kind} by ${names(payload.member).name}`
    return { title, rows: draftRows(payload, names).rows }
  }

  #pen<K extends Kind>({ under }: Draft<K>): Pen {
    return { ...this.#device.pen(), ...under }
  }

  #touch<K extends Kind>(draft: Draft<K>, unsigned: Unsigned<K>): Promise<Step> {
    const { author } = this.#device
    author.holdChain()
    return this.#vault.sign({
      challenge: unsigned.id,
      withSecret: draft.withSecret ?? false,
      onSigned: async ({ signature, boxKey }) => {
        try {
          author.keepChain()
          await draft.check?.(boxKey)
          const statement = await author.finish(unsigned, this.#pen(draft), signature)
          author.freeChain()
          await this.#follow(draft, statement)
        } finally {
          author.freeChain()
        }
      },
    })
  }

  /** What is recorded stays so, whatever becomes of what follows: a failure there is told and refuses nothing. */
  async #follow<K extends Kind>({ after }: Draft<K>, statement: VerifiedOf<K>): Promise<void> {
    try {
      await after?.(statement)
    } catch (error) {
      this.#device.notes.failure(
        `Your ${statement.kind} is signed and recorded. What follows it`,
        error,
        'Look at it once more: it says what is still to be done.',
      )
    }
  }

  #sweep(): void {
    const now = this.#device.clock()
    for (const [id, { since }] of this.#drafts) if (elapsed(since, now) > FORGET_MS) this.drop(id)
  }
}
