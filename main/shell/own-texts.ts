import { createHash } from 'node:crypto'

/** What of ours the clipboard may hold, by its hashes: that, and nothing else, is taken away again. */
export class OwnTexts {
  /** The number of the last copy of each: one that is copied again is another. */
  readonly #copies = new Map<string, number>()
  #number = 0

  /**
   * Writes a text, which counts as there from before it is until it is cleared. After a write that failed it may be there, or
   * what was there before.
   */
  async write(text: string, write: () => Promise<unknown>): Promise<void> {
    const before = [...this.#copies.keys()]
    const hash = hashOf(text)
    this.#note(hash)
    try {
      await write()
      for (const one of before) this.#copies.delete(one)
    } finally {
      // Whoever cleared meanwhile looked before it was there.
      this.#note(hash)
    }
  }

  /**
   * Clears what of ours is there; looks at nothing while nothing can be.
   *
   * @param clear - clears it if it has one of these hashes (SHA-256 of its UTF-8 in Base64), and says whether it did.
   * @returns whether it was cleared.
   */
  async clear(clear: (hashes: readonly string[]) => Promise<boolean>): Promise<boolean> {
    const seen = [...this.#copies]
    if (seen.length === 0) return false
    const isCleared = await clear(seen.map(([hash]) => hash))
    // What was copied again meanwhile may have come after the look.
    for (const [hash, number] of seen) if (this.#copies.get(hash) === number) this.#copies.delete(hash)
    return isCleared
  }

  #note(hash: string): void {
    this.#copies.set(hash, ++this.#number)
  }
}

/** A text as {@link OwnTexts} knows it. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
