import { scryptSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { describe, expect, it } from 'vitest'
import { digest, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts'
import { rosterWords } from './words.ts'

interface Vector {
  readonly roster: string
  /** What scrypt gives, in hexadecimal. */
  readonly stretched: string
  /** Places in the list, the first being 0. */
  readonly numbers: readonly number[]
  readonly words: readonly string[]
}

const file = new URL('vectors/words.json', import.meta.url)
const ROSTERS = [toBase64Url(new Uint8Array(32)), 'p_HPW_WlC_EFozzy4NpH57a12RCUFPVLbu9JVc5zzxU']

/** The words as docs/formats/joining.md has them, with Node's scrypt and big integers. */
function vectorOf(roster: string): Vector {
  const options = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 }
  const stretched = scryptSync(fromBase64Url(roster), 'lockbox/words/v1', 17, options)
  const bits = BigInt(`0x${stretched.toString('hex')}`) >> 4n
  const numbers = Array.from({ length: 12 }, (_, at) => Number((bits >> BigInt(11 * (11 - at))) & 2047n))
  return { roster, stretched: stretched.toString('hex'), numbers, words: numbers.map((at) => wordlist[at] ?? '') }
}

if (process.env['WRITE_VECTORS']) writeFileSync(file, `${JSON.stringify(ROSTERS.map(vectorOf), null, 2)}\n`)

describe('the 12 words of a roster', () => {
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[]

  it.each(vectors)('$roster', async (vector) => {
    expect(vectorOf(vector.roster)).toEqual(vector)
    expect(await rosterWords(vector.roster)).toEqual(vector.words)
  })

  it('come from the list of BIP-39, word for word', () => {
    const list = wordlist.map((word) => `${word}\n`).join('')
    expect(Buffer.from(fromBase64Url(digest(utf8(list)))).toString('hex')).toBe(
      '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda',
    )
  })
})
