import type { Digest } from '../../shared/bytes.ts'
import type { BadShare } from '../issuers/worker/protocol.ts'
import type { Release } from './ground.ts'

/**
 * Checks shares as they come, each once and one after the other: when there are enough, the last is all that is left to check.
 * The worker keeps and combines nothing of them.
 */
export class ShareChecks {
  readonly #check: (release: Release) => Promise<BadShare | null>
  readonly #checked = new Map<Digest, Promise<BadShare | null>>()
  #last: Promise<unknown> = Promise.resolve()

  /** @param check - what is wrong with the share of a release; null if it is good. */
  constructor(check: (release: Release) => Promise<BadShare | null>) {
    this.#check = check
  }

  /** Whether a release was given to be checked. */
  has(release: Digest): boolean {
    return this.#checked.has(release)
  }

  /** Has the share of a release checked, if it was not yet. */
  begin(release: Release): void {
    void this.#checkedOf(release)
  }

  #checkedOf(release: Release): Promise<BadShare | null> {
    const before = this.#checked.get(release.statement.id)
    if (before !== undefined) return before
    const checked = this.#last.then(() => this.#check(release))
    // A failure is told to whoever asks for it.
    this.#last = checked.catch(() => undefined)
    this.#checked.set(release.statement.id, checked)
    return checked
  }

  /** What is wrong with the shares of these releases; none of those that are good. @throws what checking threw. */
  async badOf(releases: readonly Release[]): Promise<readonly BadShare[]> {
    const checked = await Promise.all(releases.map((release) => this.#checkedOf(release)))
    return checked.flatMap((bad) => bad ?? [])
  }
}
