import type { Digest } from '../../shared/bytes.ts'
import { rosterWords } from '../../shared/org/words.ts'
import { scrypt } from '../scrypt.ts'

// About half a second each, on another thread (scrypt): once for each roster, not once for each unlock. They are no secret.
const computed = new Map<Digest, Promise<string[]>>()

/** The 12 words of a roster, computed at most once while this process runs. */
export function wordsOf(roster: Digest): Promise<readonly string[]> {
  const known = computed.get(roster) ?? rosterWords(roster, scrypt)
  computed.set(roster, known)
  return known
}
