import { createHash } from 'node:crypto'

/** What of ours the clipboard may hold, by its hashes: that, and nothing else, is taken away again. */
export class OwnTexts {
  readonly #hashes = new Set<string>()

  /**
   * Writes a text, which counts as there from before it is until it is cleared. After a write that failed it may be there, or
   * what was there before.
   */
  async write(text: string, write: () => Promise<unknown>): Promise<void> {
    const before = [...this.#hashes]
    const hash = hashOf(text)
    this.#hashes.add(hash)
    try {
      await write()
      for (const one of before) this.#hashes.delete(one)
    } finally {
      // Whoever cleared meanwhile looked before it was there.
      this.#hashes.add(hash)
    }
  }

  /**
   * Clears what of ours is there; looks at nothing while nothing can be.
   *
   * @param clear - clears it if it has one of these hashes (SHA-256 of its UTF-8 in Base64), and says whether it did.
   * @returns whether it was cleared.
   */
  async clear(clear: (hashes: readonly string[]) => Promise<boolean>): Promise<boolean> {
    const hashes = [...this.#hashes]
    if (hashes.length === 0) return false
    const isCleared = await clear(hashes)
    for (const one of hashes) this.#hashes.delete(one)
    return isCleared
  }
}

/** A text as {@link OwnTexts} knows it. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
