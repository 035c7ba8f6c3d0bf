import { hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { concat, equalBytes, utf8 } from '../../shared/bytes.ts'
import { checkEd25519Key } from '../../shared/statements/keys.ts'
import { exchangeKey, openRecord, SEAL_OVERHEAD, sealRecord, signerOf, signingKey, verify, wipe } from './sodium.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const vectorFile = (name: string) =>
  JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8')) as unknown

const aeadVectors = z
  .object({
    testGroups: z.array(
      z.object({
        ivSize: z.number(),
        tests: z.array(
          z.object({
            tcId: z.number(),
            comment: z.string(),
            key: z.string(),
            iv: z.string(),
            aad: z.string(),
            msg: z.string(),
            ct: z.string(),
            tag: z.string(),
            result: z.enum(['valid', 'invalid']),
          }),
        ),
      }),
    ),
  })
  .parse(vectorFile('xchacha20_poly1305_test.json'))
  .testGroups.flatMap((group) => group.tests)

const hkdfVectors = z
  .object({
    testGroups: z.array(
      z.object({
        tests: z.array(
          z.object({
            tcId: z.number(),
            ikm: z.string(),
            salt: z.string(),
            info: z.string(),
            size: z.number(),
            okm: z.string(),
            result: z.enum(['valid', 'invalid']),
          }),
        ),
      }),
    ),
  })
  .parse(vectorFile('hkdf_sha256_test.json'))
  .testGroups.flatMap((group) => group.tests)

const opens = (key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Uint8Array | null => {
  try {
    return openRecord(key, sealed, context)
  } catch {
    return null
  }
}

describe('sealed records', () => {
  it('open exactly the valid cases of Wycheproof', () => {
    expect(aeadVectors.length).toBeGreaterThan(200)
    for (const test of aeadVectors) {
      const sealed = concat(hex(test.iv), hex(test.ct), hex(test.tag))
      const plain = opens(hex(test.key), sealed, hex(test.aad))
      expect(plain && Buffer.from(plain).toString('hex'), `case ${test.tcId}: ${test.comment}`).toBe(
        test.result === 'valid' ? test.msg : null,
      )
    }
  })

  it('give back what was sealed, and nothing when one bit of record, context or key differs', () => {
    const bytes = (min = 0) => fc.uint8Array({ minLength: min, maxLength: 64 })
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        bytes(),
        bytes(1),
        fc.nat(),
        (key, plain, context, at) => {
          const sealed = sealRecord(key, plain, context)
          expect(sealed).toHaveLength(plain.length + SEAL_OVERHEAD)
          expect(openRecord(key, sealed, context)).toEqual(plain)
          const flip = (original: Uint8Array) => {
            const copy = Uint8Array.from(original)
            const place = at % copy.length
            copy[place] = (copy[place] ?? 0) ^ (1 << (at % 8))
            return copy
          }
          expect(opens(key, flip(sealed), context)).toBeNull()
          expect(opens(key, sealed, flip(context))).toBeNull()
          expect(opens(flip(key), sealed, context)).toBeNull()
        },
      ),
    )
  })

  it('never use a nonce twice', () => {
    const key = new Uint8Array(32)
    const nonces = Array.from({ length: 1000 }, () =>
      Buffer.from(sealRecord(key, key, key).subarray(0, 24)).toString('hex'),
    )
    expect(new Set(nonces).size).toBe(1000)
  })
})

describe('key derivation', () => {
  it('agrees with Wycheproof on HKDF-SHA-256', () => {
    for (const test of hkdfVectors.filter((each) => each.result === 'valid')) {
      const output = hkdfSync('sha256', hex(test.ikm), hex(test.salt), hex(test.info), test.size)
      expect(Buffer.from(output).toString('hex'), `case ${test.tcId}`).toBe(test.okm)
    }
  })
})

describe('the one rule for Ed25519', () => {
  const key = signingKey(new Uint8Array(32).fill(7))
  const message = utf8('approve')
  const good = signerOf(key.seed).sign(message)

  it('signs as RFC 8032 test 2 says', () => {
    const seed = hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
    const pair = signingKey(seed)
    expect(Buffer.from(pair.publicKey).toString('hex')).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    )
    expect(Buffer.from(signerOf(seed).sign(hex('72'))).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
  })

  it('refuses S that is not below the group order', () => {
    expect(verify(key.publicKey, message, good)).toBe(true)
    const L = ed25519.Point.Fn.ORDER
    const s = good.subarray(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) + L
    const malleated = Uint8Array.from(good)
    for (let at = 0; at < 32; at++) malleated[32 + at] = Number((s >> BigInt(8 * at)) & 255n)
    expect(verify(key.publicKey, message, malleated)).toBe(false)
  })

  // The eight points of small order in their canonical encodings, from the torsion subgroup itself.
  const torsion = ed25519.Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
  const smallOrder = Array.from({ length: 8 }, (_, times) =>
    times === 0 ? ed25519.Point.ZERO : torsion.multiplyUnsafe(BigInt(times)),
  )

  it('refuses a public key of small order, even with a signature that fits', () => {
    for (const point of smallOrder) {
      const publicKey = point.toBytes()
      // S = 0, R = identity fits any message with A = identity, and one in eight with the others.
      const forged = concat(ed25519.Point.ZERO.toBytes(), new Uint8Array(32))
      expect(verify(publicKey, message, forged)).toBe(false)
      expect(checkEd25519Key(publicKey)).toBe(false)
    }
  })

  it('refuses R of small order', () => {
    for (const point of smallOrder)
      expect(verify(key.publicKey, message, concat(point.toBytes(), good.subarray(32)))).toBe(false)
  })

  it('refuses a public key that is not canonical', () => {
    const p = 2n ** 255n - 19n
    // y = p + 3 encodes the same point as y = 3 wherever that is on the curve; libsodium must refuse by encoding.
    for (let y = 0n; y < 19n; y++) {
      const encoded = Uint8Array.from({ length: 32 }, (_, at) => Number(((p + y) >> BigInt(8 * at)) & 255n))
      expect(verify(encoded, message, good)).toBe(false)
    }
  })

  it('takes wrong lengths for no signature', () => {
    expect(verify(key.publicKey, message, good.subarray(1))).toBe(false)
    expect(verify(key.publicKey.subarray(1), message, good)).toBe(false)
  })
})

describe('keys', () => {
  it('agree with another implementation of X25519', () => {
    const { privateKey, publicKey } = exchangeKey()
    expect(equalBytes(publicKey, x25519.getPublicKey(privateKey))).toBe(true)
  })

  it('are zeros after a wipe', () => {
    const secret = signingKey().seed
    wipe(secret)
    expect(secret).toEqual(new Uint8Array(32))
  })
})
