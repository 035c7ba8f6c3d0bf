import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../shared/bytes.ts'
import { signatureChecks } from '../checks.ts'
import { signerOf, signingKey } from '../vault/sodium.ts'
import { rememberingGood, verifyOnNote } from './note-checks.ts'

type Triple = readonly [key: Uint8Array, message: Uint8Array, signature: Uint8Array]

/** The check, and how often its work was done. */
function counted(most: number) {
  let count = 0
  const verify = rememberingGood((...triple) => {
    count++
    return signatureChecks.ed25519(...triple)
  }, most)
  return { verify, count: () => count }
}

function signed(text: string): Triple {
  const { seed, publicKey } = signingKey()
  return [publicKey, utf8(text), signerOf(seed).sign(utf8(text))]
}

describe('a signature on a note', () => {
  it('that was good is not worked out again, and one that was not is', async () => {
    const { verify, count } = counted(10)
    const [key, message, signature] = signed('head')
    for (let time = 0; time < 3; time++) expect(await verify(key, message, signature)).toBe(true)
    expect(count()).toBe(1)
    for (let time = 0; time < 3; time++) expect(await verify(key, utf8('Head'), signature)).toBe(false)
    expect(count()).toBe(4)
  })

  it.each<[string, (given: Triple, other: Triple) => Triple]>([
    ['another key', ([, message, signature], [key]) => [key, message, signature]],
    ['another message', ([key, , signature]) => [key, utf8('heap'), signature]],
    ['another signature', ([key, message], [, , signature]) => [key, message, signature]],
    ['a longer key', ([key, m, s]) => [concat(key, s.subarray(0, 1)), m, s.subarray(1)]],
    ['a longer signature', ([key, m, s]) => [key, m.subarray(1), concat(s, m.subarray(0, 1))]],
    ['a shorter key', ([key, m, s]) => [key.subarray(0, 31), m, concat(key.subarray(31), s)]],
    ['a shorter signature', ([key, m, s]) => [key, concat(s.subarray(63), m), s.subarray(0, 63)]],
  ])('is not good because it is like a good one but for %s', async (_, change) => {
    const { verify } = counted(10)
    const [given, other] = [signed('head'), signed('head')]
    expect([await verify(...given), await verify(...other)]).toEqual([true, true])
    expect(await verify(...change(given, other))).toBe(false)
  })

  it('is judged as everywhere, the first time and the second, for every published edge case', async () => {
    const file = new URL('../../shared/statements/vectors/ed25519/cctv.json', import.meta.url)
    const hex = (text = '') => Uint8Array.from(Buffer.from(text, 'hex'))
    const cases = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>[]
    const edges = cases.map(({ key, msg = '', sig }): Triple => [hex(key), utf8(msg), hex(sig)])
    const rule = edges.map((edge) => signatureChecks.ed25519(...edge))
    for (let time = 0; time < 2; time++)
      expect(await Promise.all(edges.map((edge) => verifyOnNote(...edge)))).toEqual(rule)
  })

  it('is worked out again when too many others came between', async () => {
    const { verify, count } = counted(2)
    const three = ['a', 'b', 'c'].map(signed)
    for (const one of [...three, ...three]) expect(await verify(...one)).toBe(true)
    expect(count()).toBeGreaterThan(3)
  })
})
