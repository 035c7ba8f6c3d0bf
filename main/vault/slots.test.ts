import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { deriveKey } from './derive.ts'
import { type SlotHeader, unwrapWithKey, wrapForKey } from './slots.ts'
import { openRecord } from './sodium.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const vector = z
  .object({
    prfOutput: z.string(),
    header: z.object({
      purpose: z.literal('unlock'),
      vaultId: z.string(),
      label: z.string(),
      model: z.string(),
      credential: z.string(),
      publicKey: z.string(),
      salt: z.string(),
    }),
    info: z.string(),
    wrappingKey: z.string(),
    associatedData: z.string(),
    vaultKey: z.string(),
    sealed: z.string(),
  })
  .parse(JSON.parse(readFileSync(new URL('vectors/slot-v1.json', import.meta.url), 'utf8')))

const prf = hex(vector.prfOutput)

describe('a slot', () => {
  it('opens the vector of docs/formats/vault.md, step by step as it is written there', () => {
    const info = JSON.parse(vector.info) as Record<string, string>
    const key = deriveKey(prf, fromBase64Url(vector.header.vaultId), info)
    expect(Buffer.from(key).toString('hex')).toBe(vector.wrappingKey)
    const opened = openRecord(key, fromBase64Url(vector.sealed), Buffer.from(vector.associatedData))
    expect(Buffer.from(opened).toString('hex')).toBe(vector.vaultKey)
    expect(unwrapWithKey(prf, vector.header, vector.sealed)).toEqual(hex(vector.vaultKey))
  })

  const otherBytes = (length: number) => toBase64Url(new Uint8Array(length).fill(0x11))
  it.each<[string, Partial<SlotHeader>]>([
    ['purpose', { purpose: 'sign' }],
    ['vault', { vaultId: otherBytes(32) }],
    ['label', { label: 'Spare' }],
    ['model', { model: '0'.repeat(32) }],
    ['credential', { credential: otherBytes(16) }],
    ['public key', { publicKey: otherBytes(42) }],
    ['salt', { salt: otherBytes(32) }],
  ])('does not open with another %s', (_, change) => {
    expect(() => unwrapWithKey(prf, { ...vector.header, ...change }, vector.sealed)).toThrow('sealed under this key')
  })

  it('does not open with the secret of another key', () => {
    expect(() => unwrapWithKey(new Uint8Array(32), vector.header, vector.sealed)).toThrow('sealed under this key')
  })

  it('takes nothing but 32 bytes for a secret', () => {
    expect(() => wrapForKey(new Uint8Array(31), vector.header, prf)).toThrow('32 bytes')
  })
})
