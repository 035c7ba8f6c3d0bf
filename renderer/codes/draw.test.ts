import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { codesOf, STILL_BYTES } from '../../shared/carriers/codes.ts'
import { type Drawing, drawn } from './draw.ts'

const dir = mkdtempSync(join(tmpdir(), 'lockbox-codes-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** The squares that a path fills, each drawn as so many points of a picture. */
function bitmapOf({ size, path }: Drawing, scale: number): string {
  const rows = Array.from({ length: size }, () => new Uint8Array(size))
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    rows[Number(y)]?.fill(1, Number(x), Number(x) + Number(length))
  const lines = rows.flatMap((row) => {
    const line = [...row].flatMap((square) => Array.from({ length: scale }, () => square)).join(' ')
    return Array.from({ length: scale }, () => line)
  })
  return `P1\n${size * scale} ${size * scale}\n${lines.join('\n')}\n`
}

/** What Debian's zbarimg, which shares no code with us, reads in a drawing. */
function readByZbar(drawing: Drawing): string {
  const file = join(dir, 'code.pbm')
  writeFileSync(file, bitmapOf(drawing, 4))
  const read = execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file], {
    encoding: 'utf8',
    // It complains of a desktop bus that it could tell of the code.
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return read.trimEnd()
}

const message = (size: number) => Uint8Array.from({ length: size }, (_, at) => (at * at + 7 * at + (at >> 4)) % 253)
/** Squares along one side without the quiet zone: version 1 has 21, each further one four more. */
const versionOf = ({ size }: Drawing) => (size - 8 - 17) / 4

describe('a drawn code', () => {
  it.each([1, 100, 424, 511, 754, STILL_BYTES])('of %i bytes is read by another decoder', (size) => {
    const text = codesOf(message(size)).code(1)
    expect(readByZbar(drawn(text))).toBe(text)
  })

  it('of a sequence is read by another decoder, at its beginning and far behind it', () => {
    const { code } = codesOf(message(4096))
    for (const number of [1, 9, 10, 99_999]) expect(readByZbar(drawn(code(number)))).toBe(code(number))
  })

  it('is of version 24 at most when it stands still, and 18 when it moves', () => {
    expect(versionOf(drawn(codesOf(message(STILL_BYTES)).code(1)))).toBe(24)
    const { count, code } = codesOf(message(128 * 1024))
    expect(versionOf(drawn(code(count)))).toBeLessThanOrEqual(18)
    expect(versionOf(drawn(code(99_999)))).toBeLessThanOrEqual(18)
  })

  it('has four light squares around it', () => {
    const { size, path } = drawn(codesOf(message(100)).code(1))
    for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      for (const edge of [Number(x), Number(y)]) expect(edge).toBeGreaterThanOrEqual(4)
      for (const edge of [Number(x) + Number(length), Number(y) + 1]) expect(edge).toBeLessThanOrEqual(size - 4)
    }
  })
})
