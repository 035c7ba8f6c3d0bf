import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { checkBoxKey, generateBoxKey, isBoxKey } from './box-key.ts'
import { hex, refused, seeded } from './testing/setup.ts'

const LOW_ORDER = [
  ['the point of order 2', '0000000000000000000000000000000000000000000000000000000000000000'],
  ['a point of order 4', '0100000000000000000000000000000000000000000000000000000000000000'],
  ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
  ['the other point of order 8', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
  ['the point of order 4 on the twist', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
] as const

describe('a box key', () => {
  it('has a public half that may be sealed to', () => {
    const { publicKey, privateKey } = generateBoxKey(seeded('box key'))
    expect(publicKey).toEqual(x25519.getPublicKey(privateKey))
    expect(isBoxKey(publicKey)).toBe(true)
  })

  it('is not made from fewer bytes than it needs', () => {
    expect(() => generateBoxKey((length) => new Uint8Array(length - 1).fill(1))).toThrow(TypeError)
  })

  it.each(LOW_ORDER)('is not %s, with which every secret is zero', (_, key) => {
    expect(() => x25519.getSharedSecret(new Uint8Array(32).fill(1), hex(key))).toThrow('invalid private or public key')
    expect(isBoxKey(hex(key))).toBe(false)
  })

  it.each([
    ['p + 9, another spelling of the base point', 'f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['the base point with the top bit set', '0900000000000000000000000000000000000000000000000000000000000080'],
    ['31 bytes', '09000000000000000000000000000000000000000000000000000000000000'],
    ['33 bytes', '090000000000000000000000000000000000000000000000000000000000000000'],
  ])('is not %s', (_, key) => {
    expect(isBoxKey(hex(key))).toBe(false)
    expect(refused(() => checkBoxKey(hex(key)))).toEqual({ code: 'box-key-refused' })
  })
})
