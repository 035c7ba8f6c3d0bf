import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromBase64Url, utf8 } from '../bytes.ts'
import { generateBoxKey } from './box-key.ts'
import { pairKey } from './pair.ts'
import { hex, named, refused, seeded } from './testing/setup.ts'

const [ana, raj, eve] = ['ana', 'raj', 'eve'].map((name) => generateBoxKey(seeded(name))) as [
  ReturnType<typeof generateBoxKey>,
  ReturnType<typeof generateBoxKey>,
  ReturnType<typeof generateBoxKey>,
]
const organization = named('organization')

describe('what a pair of devices knows', () => {
  it('is the same on both sides', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        fc.pre(one !== other)
        const [a, b] = [generateBoxKey(seeded(one)), generateBoxKey(seeded(other))]
        expect(pairKey(organization, a, b.publicKey)).toEqual(pairKey(organization, b, a.publicKey))
      }),
      { numRuns: 20 },
    )
  })

  it('is another for each pair, and in each organization', () => {
    const all = [
      pairKey(organization, ana, raj.publicKey),
      pairKey(organization, ana, eve.publicKey),
      pairKey(organization, raj, eve.publicKey),
      pairKey(named('another organization'), ana, raj.publicKey),
    ]
    expect(new Set(all.map(String)).size).toBe(all.length)
  })

  it('is what docs/formats/relay.md says, by OpenSSL', () => {
    const der = (head: string, key: Uint8Array) => Buffer.from(concat(hex(head), key))
    const secret = diffieHellman({
      privateKey: createPrivateKey({
        key: der('302e020100300506032b656e04220420', ana.privateKey),
        format: 'der',
        type: 'pkcs8',
      }),
      publicKey: createPublicKey({ key: der('302a300506032b656e032100', raj.publicKey), format: 'der', type: 'spki' }),
    })
    const keys = [ana.publicKey, raj.publicKey].toSorted((a, b) => Buffer.compare(a, b))
    const info = concat(utf8('lockbox/relay-pair/v1'), Uint8Array.of(0), ...keys)
    const expected = new Uint8Array(hkdfSync('sha256', secret, fromBase64Url(organization), info, 32))
    expect(pairKey(organization, ana, raj.publicKey)).toEqual(expected)
  })

  it('is nothing with a key of low order', () => {
    expect(refused(() => pairKey(organization, ana, new Uint8Array(32)))).toEqual({ code: 'box-key-refused' })
  })
})
