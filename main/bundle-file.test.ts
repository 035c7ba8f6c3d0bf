import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { concat } from '../shared/bytes.ts'
import { BUNDLE_LIMITS } from '../shared/ledger/bundle.ts'
import { readBundle } from '../shared/ledger/bundle-read.ts'
import { compressedAsItComes, decompressed, fileChunks } from './bundle-file.ts'

const whole = new Uint8Array(
  readFileSync(fileURLToPath(new URL('../docs/formats/examples/whole.bundle', import.meta.url))),
)
const folder = mkdtempSync(join(tmpdir(), 'lockbox-bundle-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}

async function read(bytes: Uint8Array, size?: number): Promise<{ entries: number; bytes: number }> {
  let entries = 0
  let length = 0
  const counted = (async function* () {
    for await (const chunk of decompressed(pieces(bytes, size))) {
      length += chunk.length
      yield chunk
    }
  })()
  for await (const items of readBundle(counted)) entries += items.filter(({ what }) => what === 'entry').length
  return { entries, bytes: length }
}

describe('a bundle as a file', () => {
  it.each([1, 7, 4096, 1 << 20])('comes out the same in pieces of %d bytes', async (size) => {
    expect(await read(whole, size)).toEqual({ entries: 29, bytes: gunzipSync(whole).length })
  })

  it('is written as its lines come, while other things go on', async () => {
    const lines = Array.from({ length: 5000 }, (_, at) => new TextEncoder().encode(`${at} ${'line '.repeat(20)}\n`))
    let asked = 0
    const seen = new Set<number>()
    const watch = setInterval(() => seen.add(asked), 0)
    const written = await compressedAsItComes(
      (function* () {
        for (const line of lines) {
          asked++
          yield line
        }
      })(),
    )
    clearInterval(watch)
    expect(gunzipSync(written)).toEqual(Buffer.from(concat(...lines)))
    expect([...seen].filter((count) => count > 0 && count < lines.length)).not.toEqual([])
  })

  it('is read from disk', async () => {
    const path = join(folder, 'whole.bundle')
    writeFileSync(path, whole)
    const chunks: Uint8Array[] = []
    for await (const chunk of fileChunks(path)) chunks.push(chunk)
    expect(concat(...chunks)).toEqual(whole)
  })

  it.each([
    ['an empty file', new Uint8Array(), 'truncated'],
    ['its head alone', whole.slice(0, 10), 'truncated'],
    ['a cut', whole.slice(0, 2000), 'truncated'],
    ['a cut before its checksum', whole.slice(0, -8), 'truncated'],
    ['a cut in its length', whole.slice(0, -1), 'truncated'],
    ['a byte behind it', concat(whole, Uint8Array.of(0)), 'malformed'],
    ['a mebibyte behind it', concat(whole, new Uint8Array(1 << 20)), 'malformed'],
    ['an empty second member', concat(whole, gzipSync('')), 'malformed'],
    ['a second member', concat(whole, whole), 'malformed'],
    ['a first member before it', concat(gzipSync(''), whole), 'malformed'],
    ['another checksum', whole.with(whole.length - 8, (whole.at(-8) ?? 0) ^ 1), 'malformed'],
    ['a length of 10 GB', concat(whole.slice(0, -4), Uint8Array.of(0, 0, 0x80, 0xff)), 'malformed'],
    [
      'a name in it',
      concat(whole.slice(0, 3), Uint8Array.of(8), whole.slice(4, 10), Uint8Array.of(97, 0), whole.slice(10)),
      'malformed',
    ],
    ['lines that are not compressed', new Uint8Array(gunzipSync(whole)), 'malformed'],
    ['a ZIP file', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0, 0), 'malformed'],
  ])('with %s is refused', async (_, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code })
  })

  it('that decompresses to very much is refused at its first line, and no more of it comes out', async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(256 * 1024 * 1024, '{')))
    expect(bomb.length).toBeLessThan(1024 * 1024)
    let out = 0
    const counted = (async function* () {
      for await (const chunk of decompressed(pieces(bomb, 4096))) {
        out += chunk.length
        yield chunk
      }
    })()
    const reading = async () => {
      for await (const items of readBundle(counted)) expect(items).toEqual([])
    }
    await expect(reading()).rejects.toMatchObject({ code: 'too-large', line: 1 })
    expect(out).toBeLessThan(4 * BUNDLE_LIMITS.lineBytes)
  })
})
