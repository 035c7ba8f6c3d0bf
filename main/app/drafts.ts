import { toBase64Url } from '../../shared/bytes.ts'
import type { Step } from '../../shared/ceremony.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { DraftView } from '../../shared/ipc.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import type { Kind } from '../../shared/statements/kinds.ts'
import { draftRows } from '../../shared/views/draft-rows.ts'
import { elapsed, type Instant } from '../vault/clock.ts'
import { randomBytes } from '../vault/sodium.ts'
import type { Vault } from '../vault/types.ts'
import type { FieldsOf } from './author.ts'
import type { Device } from './device.ts'

const FORGET_MS = 10 * 60_000

export type DraftErrorCode = 'forgotten'
export class DraftError extends LockboxError<DraftErrorCode> {}

/** A statement that waits for its author's touch. */
export interface Draft<K extends Kind> {
  readonly kind: K
  /** What the touch does, in a sentence. */
  readonly sentence: string
  readonly fields: FieldsOf<K>
  /** Whether the statement is the first of an organization, which has no roster to name yet. */
  readonly genesis?: boolean
  /** What has to be so before the statement can be made ready, such as its roster being here. */
  readonly prepare?: () => Promise<void>
  /** Whether the touch is also to open the box key. */
  readonly withSecret?: boolean
  /** Checks before anything is recorded, with the box key if it was asked for; a `LockboxError` refuses the touch. */
  readonly check?: (boxKey: Uint8Array | null) => Promise<void>
  /** What follows once the statement is recorded. */
  readonly after?: (statement: VerifiedOf<K>) => Promise<void>
  /** The draft is dropped or forgotten: wipe what it holds. */
  readonly drop?: () => void
}

/**
 * Statements on their way to a touch: shown whole, then signed as shown. The chain's fields are filled in when the
 * touch begins, since other statements may come in between.
 */
export class Drafts {
  readonly #device: Device
  readonly #vault: Vault
  readonly #drafts = new Map<
    string,
    { readonly start: () => Promise<Step>; readonly drop: () => void; readonly since: Instant }
  >()

  constructor(device: Device, vault: Vault) {
    this.#device = device
    this.#vault = vault
  }

  /** Keeps a draft and shows it. */
  add<K extends Kind>(draft: Draft<K>): DraftView {
    this.#sweep()
    const id = toBase64Url(randomBytes(16))
    this.#drafts.set(id, { start: () => this.#start(draft), drop: () => draft.drop?.(), since: this.#device.clock() })
    return {
      draft: id,
      kind: draft.kind,
      sentence: draft.sentence,
      rows: draftRows(draft.fields, this.#device.names()),
    }
  }

  /** Begins the touch. @throws {DraftError} `forgotten` after ten minutes. */
  start(id: string): Promise<Step> {
    this.#sweep()
    const draft = this.#drafts.get(id)
    if (draft === undefined)
      throw new DraftError(
        'forgotten',
        'This draft lay too long and was dropped. Nothing was signed; please fill it in again.',
      )
    return draft.start()
  }

  drop(id: string): void {
    this.#drafts.get(id)?.drop()
    this.#drafts.delete(id)
  }

  /** Drops all of them, wiping what they hold. */
  clear(): void {
    for (const id of this.#drafts.keys()) this.drop(id)
  }

  async #start<K extends Kind>(draft: Draft<K>): Promise<Step> {
    const { author } = this.#device
    await draft.prepare?.()
    const pen = draft.genesis ? { ...this.#device.pen(), organization: null, roster: null } : this.#device.pen()
    author.holdChain()
    const unsigned = author.prepare(draft.kind, pen, draft.fields)
    return this.#vault.sign({
      challenge: unsigned.id,
      withSecret: draft.withSecret ?? false,
      onSigned: async ({ signature, boxKey }) => {
        try {
          await draft.check?.(boxKey)
          const statement = await author.finish(unsigned, pen, signature)
          author.freeChain()
          await draft.after?.(statement)
        } finally {
          author.freeChain()
        }
      },
    })
  }

  #sweep(): void {
    const now = this.#device.clock()
    for (const [id, { since }] of this.#drafts) if (elapsed(since, now) > FORGET_MS) this.drop(id)
  }
}
