import { scryptAsync } from '@noble/hashes/scrypt.js'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { type Digest, fromBase64Url, utf8 } from '../bytes.ts'

/** Words that people compare aloud. */
const WORD_COUNT = 12

/**
 * The 12 words of a roster: the first 132 bits of scrypt (RFC 7914; N = 2^17, r = 8, p = 1, salt `lockbox/words/v1`)
 * of the roster id's 32 bytes, 11 bits a word, in the BIP-39 English list. scrypt makes it dear to search for a second
 * roster whose words sound the same: about half a second and 128 MiB for each try.
 */
export async function rosterWords(roster: Digest): Promise<string[]> {
  const bytes = await scryptAsync(fromBase64Url(roster), utf8('lockbox/words/v1'), {
    N: 2 ** 17,
    r: 8,
    p: 1,
    dkLen: 17,
  })
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from(
    { length: WORD_COUNT },
    (_, at) => wordlist[Number.parseInt(bits.slice(at * 11, at * 11 + 11), 2)] as string,
  )
}
