import type { Digest } from '../bytes.ts'

/** The 12 words of rosters, by the roster's id; see `rosterWords`. */
export type KnownWords = Map<Digest, readonly string[]>

/**
 * The same words, each roster's made once: they follow from its id alone, and take half a second and 128 MiB.
 *
 * @param known - what is known already; what is made is added.
 */
export function rememberedWords(
  wordsOf: (roster: Digest) => Promise<readonly string[]>,
  known: KnownWords,
): (roster: Digest) => Promise<readonly string[]> {
  return async (roster) => {
    const words = known.get(roster) ?? (await wordsOf(roster))
    known.set(roster, words)
    return words
  }
}
