import type { Digest } from '../../shared/bytes.ts'
import { rosterWords } from '../../shared/org/words.ts'
import { bulkChecks } from '../bulk-checks.ts'
import { scrypt } from '../scrypt.ts'
import { digestOf, sha256 } from '../sha256.ts'

const wordsOf = (roster: Digest) => rosterWords(roster, scrypt)

/** How the command line verifies: with OpenSSL, which is many times faster than what runs everywhere. */
export const tools = { checks: bulkChecks, sha256, digestOf, wordsOf }
