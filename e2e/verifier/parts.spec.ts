import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { decompressed } from '../../main/bundle-file.ts'
import { signatureChecks } from '../../main/checks.ts'
import { concat } from '../../shared/bytes.ts'
import { BundleError } from '../../shared/ledger/bundle.ts'
import { expect, pageWithParts, test } from './fixture.ts'
import type { Parts } from './parts.ts'

const root = resolve(import.meta.dirname, '../..')
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const read = (path: string): unknown => JSON.parse(readFileSync(resolve(root, path), 'utf8'))

type Triple = [key: Uint8Array, message: Uint8Array, signature: Uint8Array]

function ask(page: Page, what: 'ed25519' | 'es256', triples: readonly Triple[]): Promise<boolean[]> {
  const crossing = triples.map(
    ([key, message, signature]) => [base64(key), base64(message), base64(signature)] as const,
  )
  return page.evaluate(([what, crossing]) => (globalThis as unknown as { parts: Parts }).parts[what](crossing), [
    what,
    crossing,
  ] as const)
}

test('a real browser judges the 926 published edge cases of Ed25519 as libsodium does in main', async ({
  chromium,
}) => {
  const vectors = 'shared/statements/vectors/ed25519'
  const cctv = read(`${vectors}/cctv.json`) as { key: string; sig: string; msg: string }[]
  const speccheck = read(`${vectors}/speccheck.json`) as { message: string; pub_key: string; signature: string }[]
  const edges: Triple[] = [
    ...cctv.map(({ key, sig, msg }): Triple => [hex(key), new Uint8Array(Buffer.from(msg)), hex(sig)]),
    ...speccheck.map(({ pub_key, message, signature }): Triple => [hex(pub_key), hex(message), hex(signature)]),
  ]
  const page = await pageWithParts(chromium)
  const byMain = edges.map((edge) => signatureChecks.ed25519(...edge))
  expect(edges.length).toBe(926)
  expect(new Set(byMain).size).toBe(2)
  expect(await ask(page, 'ed25519', edges)).toEqual(byMain)
  expect(await page.evaluate(() => (globalThis as unknown as { parts: Parts }).parts.by())).toBe('browser')
  await page.close()
})

test('where the browser has no Ed25519, or judges an edge case otherwise, the page checks by itself', async ({
  chromium,
}) => {
  const page = await pageWithParts(chromium)
  const by = (verify: string) =>
    page.evaluate(`{ const { verify } = SubtleCrypto.prototype; SubtleCrypto.prototype.verify = ${verify};
      parts.by().finally(() => { SubtleCrypto.prototype.verify = verify }) }`)
  expect(await by('() => Promise.reject(new DOMException("", "NotSupportedError"))')).toBe('page')
  expect(await by('() => Promise.resolve(true)')).toBe('page')
  expect(await by('() => Promise.resolve(false)')).toBe('page')
  expect(await by('verify')).toBe('browser')
  await page.close()
})

test('a real browser takes and refuses the same ES256 signatures as OpenSSL in main', async ({ chromium }) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const point = concat(
    Uint8Array.of(4),
    new Uint8Array(Buffer.from(x, 'base64url')),
    new Uint8Array(Buffer.from(y, 'base64url')),
  )
  const triples: Triple[] = []
  for (let at = 0; at < 20; at++) {
    const message = new Uint8Array(createHash('sha256').update(`${at}`).digest())
    const good = new Uint8Array(sign('sha256', message, privateKey))
    triples.push([point, message, good], ...spoiled(good).map((bad): Triple => [point, message, bad]))
  }
  const byMain = await Promise.all(
    triples.map(async ([point, message, signature]) =>
      signatureChecks.assertion({ algorithm: 'ES256', point }, message, signature),
    ),
  )
  expect(byMain.filter(Boolean).length).toBeGreaterThanOrEqual(20)
  const page = await pageWithParts(chromium)
  const byPage = await ask(page, 'es256', triples)
  const differing = triples
    .filter((_, at) => byMain[at] !== byPage[at])
    .map(([, , signature]) => Buffer.from(signature).toString('hex'))
  expect(differing).toEqual([])
  await page.close()
})

const N = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

/** A DER signature with one thing about it changed. */
function spoiled(good: Uint8Array): Uint8Array[] {
  const r = good.slice(4, 4 + (good[3] as number))
  const s = good.slice(6 + r.length)
  const whole = (...numbers: Uint8Array[]) => {
    const body = concat(...numbers.flatMap((number) => [Uint8Array.of(2, number.length), number]))
    return concat(Uint8Array.of(0x30, body.length), body)
  }
  const value = BigInt(`0x${Buffer.from(s).toString('hex')}`)
  const number = (of: bigint) => {
    const text = of.toString(16)
    const bytes = hex(text.padStart(text.length + (text.length % 2), '0'))
    return (bytes[0] ?? 0) > 127 ? concat(Uint8Array.of(0), bytes) : bytes
  }
  return [
    // The other s of the same signature: both are good.
    whole(r, number(N - value)),
    whole(r, number(value + N)),
    whole(Uint8Array.of(0), s),
    whole(r, Uint8Array.of(0)),
    whole(number(N), s),
    whole(concat(Uint8Array.of(0), r), s),
    whole(r, concat(Uint8Array.of(0), s)),
    whole(r, s, Uint8Array.of(1)),
    concat(good, Uint8Array.of(0)),
    concat(Uint8Array.of(0x30, 0x81, good.length - 2), good.slice(2)),
    concat(Uint8Array.of(0x30, 0x80), good.slice(2), Uint8Array.of(0, 0)),
    good.slice(0, -1),
    new Uint8Array(),
    ...Array.from(good, (byte, at) => good.with(at, byte ^ (1 << (at % 8)))),
  ]
}

const whole = new Uint8Array(readFileSync(resolve(root, 'docs/formats/examples/whole.bundle')))

/** What decompressing comes to in Node, as `Parts` says it. */
async function inNode(bytes: Uint8Array): Promise<string | null> {
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += 1000) yield await Promise.resolve(bytes.subarray(at, at + 1000))
  })()
  try {
    for await (const chunk of decompressed(chunks)) expect(chunk.length).toBeGreaterThan(0)
    return null
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    return `${error.code}: ${error.message}`
  }
}

const decompress = (page: Page, bytes: Uint8Array, most: number) =>
  page.evaluate(([text, most]) => (globalThis as unknown as { parts: Parts }).parts.decompress(text, 1000, most), [
    base64(bytes),
    most,
  ] as const)

test('a browser says of a compressed file exactly what Node does', async ({ chromium }) => {
  const page = await pageWithParts(chromium)
  const files = [
    whole,
    new Uint8Array(gzipSync('')),
    new Uint8Array(),
    whole.slice(0, 4),
    whole.slice(0, 10),
    whole.slice(0, 17),
    whole.slice(0, 2000),
    ...[1, 2, 7, 8, 9, 10, 11].map((cut) => whole.slice(0, -cut)),
    ...[1, 7, 8, 9, 1 << 20].map((more) => concat(whole, new Uint8Array(more))),
    concat(whole, gzipSync('')),
    concat(whole, whole),
    concat(gzipSync(''), whole),
    whole.with(whole.length - 8, (whole.at(-8) ?? 0) ^ 1),
    concat(whole.slice(0, -4), Uint8Array.of(0, 0, 0x80, 0xff)),
    concat(whole.slice(0, 3), Uint8Array.of(8), whole.slice(4, 10), Uint8Array.of(97, 0), whole.slice(10)),
    new Uint8Array(gunzipSync(whole)),
    Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0, 0),
    // Anywhere in the file, the same ones in every run.
    ...Array.from({ length: 120 }, (_, run) => {
      const number = createHash('sha256').update(`${run}`).digest().readUInt32BE()
      const at = number % whole.length
      return whole.with(at, (whole[at] as number) ^ (1 << ((number >>> 24) % 8)))
    }),
  ]
  for (const [at, file] of files.entries()) {
    const { fault } = await decompress(page, file, Number.MAX_SAFE_INTEGER)
    expect(fault, `file ${at}, ${base64(file.slice(-64))}`).toBe(await inNode(file))
  }
  await page.close()
})

test('of what decompresses to very much no more comes out than is read', async ({ chromium }) => {
  const page = await pageWithParts(chromium)
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(256 * 1024 * 1024, '{')))
  const { out, fault } = await decompress(page, bomb, 128 * 1024)
  expect(fault).toBeNull()
  expect(out).toBeLessThan(4 * 1024 * 1024)
  await page.close()
})
