import { scryptAsync } from '@noble/hashes/scrypt.js'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { type Digest, fromBase64Url, utf8 } from '../bytes.ts'

/** Words that people compare aloud. */
const WORD_COUNT = 12

/** So many bytes of scrypt (RFC 7914) with {@link WORDS_COST}. A platform's own is faster than the pure one. */
export type Scrypt = (password: Uint8Array, salt: Uint8Array, bytes: number) => Promise<Uint8Array>

/** What scrypt costs here: half a second and 128 MiB. */
export const WORDS_COST = { N: 2 ** 17, r: 8, p: 1 } as const

const pureScrypt: Scrypt = (password, salt, dkLen) => scryptAsync(password, salt, { ...WORDS_COST, dkLen })

/**
 * The 12 words of a roster: the first 132 bits of scrypt (N = 2^17, r = 8, p = 1, salt `lockbox/words/v1`)
 * of the roster id's 32 bytes, 11 bits a word, in the BIP-39 English list. scrypt makes it dear to search for a second
 * roster whose words sound the same: about half a second and 128 MiB for each try.
 */
export async function rosterWords(roster: Digest, scrypt: Scrypt = pureScrypt): Promise<string[]> {
  const bytes = await scrypt(fromBase64Url(roster), utf8('lockbox/words/v1'), 17)
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from(
    { length: WORD_COUNT },
    (_, at) => wordlist[Number.parseInt(bits.slice(at * 11, at * 11 + 11), 2)] as string,
  )
}
