import type { Digest } from '../../shared/bytes.ts'
import { rosterWords } from '../../shared/org/words.ts'

// About half a second each, in slices (scrypt): once for each roster, not once for each unlock. They are no secret.
const computed = new Map<Digest, Promise<string[]>>()

/** The 12 words of a roster, computed at most once while this process runs. */
export function wordsOf(roster: Digest): Promise<readonly string[]> {
  const known = computed.get(roster) ?? rosterWords(roster)
  computed.set(roster, known)
  return known
}
