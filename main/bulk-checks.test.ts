import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../shared/bytes.ts'
import { strictEd25519 } from '../shared/testing/checks.ts'
import { bulkChecks, checksBeside } from './bulk-checks.ts'
import { signatureChecks } from './checks.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../shared/statements/vectors/ed25519/${file}`, import.meta.url), 'utf8')) as Record<
    string,
    string
  >[]

const edges = [
  ...read('cctv.json').map(({ key = '', msg = '', sig = '' }) => [hex(key), utf8(msg), hex(sig)] as const),
  ...read('speccheck.json').map(
    ({ pub_key = '', message = '', signature = '' }) => [hex(pub_key), hex(message), hex(signature)] as const,
  ),
]

describe('checking very many signatures', () => {
  it('goes by the one rule for Ed25519, as main and the window do, for every published edge case', () => {
    expect(edges.length).toBeGreaterThan(900)
    const verdicts = edges.map((edge) => bulkChecks.ed25519(...edge))
    expect(verdicts).toEqual(edges.map((edge) => signatureChecks.ed25519(...edge)))
    expect(verdicts).toEqual(edges.map((edge) => strictEd25519(...edge)))
    expect(new Set(verdicts)).toEqual(new Set([true, false]))
  })

  it('goes by the same rule on other threads', async () => {
    const verdicts = await Promise.all(edges.map(async (edge) => checksBeside.ed25519(...edge)))
    expect(verdicts).toEqual(edges.map((edge) => strictEd25519(...edge)))
  })

  it('goes by the same rule for assertions of EdDSA keys', () => {
    const byAssertion = edges.map(([key, message, signature]) =>
      bulkChecks.assertion({ algorithm: 'EdDSA', key }, message, signature),
    )
    expect(byAssertion).toEqual(edges.map((edge) => strictEd25519(...edge)))
  })

  it('goes by the same rule for assertions on other threads', async () => {
    const byAssertion = edges.map(async ([key, message, signature]) =>
      checksBeside.assertion({ algorithm: 'EdDSA', key }, message, signature),
    )
    expect(await Promise.all(byAssertion)).toEqual(edges.map((edge) => strictEd25519(...edge)))
  })

  it.each([
    ['takes its own', (signature: Uint8Array) => signature, true],
    ['refuses one that was changed', (signature: Uint8Array) => signature.with(8, (signature[8] ?? 0) ^ 1), false],
    ['refuses what is no DER', (signature: Uint8Array) => signature.with(0, 0x31), false],
    ['refuses one that was cut off', (signature: Uint8Array) => signature.subarray(0, -1), false],
    ['refuses one with something behind it', (signature: Uint8Array) => Uint8Array.of(...signature, 0), false],
    ['refuses none at all', () => new Uint8Array(), false],
  ])('%s for ES256, here and on other threads', async (_, change, isGood) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const point = Uint8Array.of(4, ...Buffer.from(x, 'base64url'), ...Buffer.from(y, 'base64url'))
    const signature = change(new Uint8Array(sign('sha256', utf8('touched'), privateKey)))
    for (const checks of [signatureChecks, bulkChecks, checksBeside])
      expect(await checks.assertion({ algorithm: 'ES256', point }, utf8('touched'), signature)).toBe(isGood)
    expect(await checksBeside.assertion({ algorithm: 'ES256', point }, utf8('other'), signature)).toBe(false)
  })

  it.each([
    ['a key that is too short', new Uint8Array(31), new Uint8Array(64)],
    ['a signature that is too long', new Uint8Array(32).fill(1), new Uint8Array(65)],
  ])('refuses %s', (_, key, signature) => {
    expect(bulkChecks.ed25519(key, utf8('x'), signature)).toBe(false)
  })
})
