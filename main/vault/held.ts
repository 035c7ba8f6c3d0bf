import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { type Clock, elapsed, type Instant } from './clock.ts'
import { wipe } from './sodium.ts'
import type { LockReason } from './types.ts'

/** DESIGN §11: how long an approval's share stays ready to be released. */
export const HELD_SHARE_LIMIT = 60 * 60_000

interface Held {
  readonly share: Uint8Array
  readonly since: Instant
}

/**
 * Shares that an approving touch took out of their box, one for each case, until they are released. They outlive an
 * idle lock, so that an approver may walk away from the keyboard; any other lock wipes them, and then it takes
 * another touch (DESIGN §5).
 */
export class HeldShares {
  readonly #clock: Clock
  readonly #held = new Map<Digest, Held>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Keeps a share for a case; takes the buffer over and wipes it in the end. One held before is wiped. */
  hold(caseId: Digest, share: Uint8Array): void {
    this.drop(caseId)
    this.#held.set(caseId, { share, since: this.#clock() })
  }

  /** Until when a share is ready to release, as the window shows it; null if none is held. */
  until(caseId: Digest): UnixMilliseconds | null {
    this.sweep()
    const held = this.#held.get(caseId)
    return held ? this.#clock().wall + HELD_SHARE_LIMIT - elapsed(held.since, this.#clock()) : null
  }

  /** Until when any share is held; null if none is. */
  get lastUntil(): UnixMilliseconds | null {
    const all = [...this.#held.keys()].flatMap((caseId) => this.until(caseId) ?? [])
    return all.length === 0 ? null : Math.max(...all)
  }

  /**
   * Lends the share of a case to `use` and wipes it when `use` settles well: it is released once. After a failure it
   * stays held, so that the release can be tried again.
   *
   * @returns null if none is held.
   */
  async release<Result>(caseId: Digest, use: (share: Uint8Array) => Promise<Result>): Promise<Result | null> {
    this.sweep()
    const held = this.#held.get(caseId)
    if (!held) return null
    // A copy, since a lock in the middle wipes the share: half wiped, it would be sealed as if it were whole.
    const lent = Uint8Array.from(held.share)
    try {
      const result = await use(lent)
      if (this.#held.get(caseId) === held) this.drop(caseId)
      return result
    } finally {
      wipe(lent)
    }
  }

  /** The case ended, or its share was released. */
  drop(caseId: Digest): void {
    const held = this.#held.get(caseId)
    if (held) wipe(held.share)
    this.#held.delete(caseId)
  }

  /** Wipes what was held too long. Reading does it too; a timer calls it so that nothing lingers unread. */
  sweep(): void {
    const now = this.#clock()
    for (const [caseId, { since }] of this.#held) if (elapsed(since, now) >= HELD_SHARE_LIMIT) this.drop(caseId)
  }

  /** The vault was locked: only an idle lock lets shares live on. */
  locked(reason: LockReason): void {
    if (reason === 'idle') this.sweep()
    else for (const caseId of this.#held.keys()) this.drop(caseId)
  }
}
