import { createRequire } from 'node:module'
import { deflateSync, inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { chunk, packed, surelyAlike } from './png.ts'

type Compare = (one: Buffer, other: Buffer, options: { threshold: number; maxDiffPixels: number }) => object | null

/** Playwright's own comparison of pictures; what it finds different, or null. */
const { utils } = createRequire(import.meta.url)('playwright-core/lib/coreBundle') as {
  utils: { getComparator(type: string): Compare }
}
const compare = utils.getComparator('image/png')

/** The data of a picture's chunks of one kind, put together. */
function dataOf(png: Buffer, kind: string): Buffer {
  const found: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === kind) found.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  return Buffer.concat(found)
}

/** A picture of 8 bits a channel from rows that are filtered already. */
function pictureOf(width: number, rows: readonly (readonly number[])[], kind = 2): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(rows.length, 4)
  header.set([8, kind, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The pixels of a packed picture, row by row, as hexadecimal colours. */
function pixelsOf(png: Buffer, width: number): string[] {
  const palette = dataOf(png, 'PLTE')
  const rows = inflateSync(dataOf(png, 'IDAT'))
  return [...rows].flatMap((place, at) =>
    at % (width + 1) === 0 ? [] : [palette.subarray(place * 3, place * 3 + 3).toString('hex')],
  )
}

describe('a packed picture', () => {
  it('has the pixels of the picture, whichever of the five filters a row has', () => {
    const rows = [
      [0, 10, 20, 30, 40, 50, 60],
      [1, 1, 2, 3, 4, 5, 6],
      [2, 1, 1, 1, 1, 1, 1],
      [3, 1, 1, 1, 255, 0, 0],
      [4, 2, 2, 2, 3, 3, 3],
    ]
    // Worked out by hand from section 9.2 of the PNG specification.
    expect(pixelsOf(packed(pictureOf(2, rows)), 2)).toEqual([
      '0a141e',
      '28323c',
      '010203',
      '050709',
      '020304',
      '06080a',
      '020203',
      '030506',
      '040405',
      '070809',
    ])
  })

  it('drops the alpha of a picture that has it', () => {
    expect(pixelsOf(packed(pictureOf(1, [[0, 1, 2, 3, 255]], 6)), 1)).toEqual(['010203'])
  })

  it('keeps the most frequent colours exactly, and gives a rare one the nearest of them', () => {
    const often = Array.from({ length: 128 }, (_, at) => [at * 2, 0, 0])
    const row = [0, ...often.flat(), ...often.flat(), 7, 1, 0]
    const pixels = pixelsOf(packed(pictureOf(257, [row])), 257)
    expect(pixels.slice(0, 128)).toEqual(often.map(([red = 0]) => `${red.toString(16).padStart(2, '0')}0000`))
    expect(pixels.at(-1)).toMatch(/^0[68]0000$/)
  })

  it('is refused where it is not what a browser writes', () => {
    expect(() => packed(pictureOf(1, [[0, 1]], 0))).toThrow('another kind of PNG')
  })
})

describe('two pictures', () => {
  const white = [255, 255, 255]
  const grey = (value: number) => [value, value, value]
  const rowOf = (...pixels: number[][]) => pictureOf(pixels.length, [[0, ...pixels.flat()]])

  it('are surely alike where they are packed and unpacked, whatever the filters', () => {
    const png = pictureOf(2, [
      [1, 10, 20, 30, 40, 50, 60],
      [4, 2, 2, 2, 3, 3, 3],
    ])
    expect(surelyAlike(png, packed(png), 0)).toBe(true)
    expect(surelyAlike(pictureOf(1, [[0, 1, 2, 3, 255]], 6), rowOf([1, 2, 3]), 0)).toBe(true)
  })

  it.each([
    { what: 'brightness', from: white, alike: grey(203), different: grey(202) },
    { what: 'red', from: grey(0), alike: [93, 0, 0], different: [94, 0, 0] },
    { what: 'blue', from: grey(0), alike: [0, 0, 157], different: [0, 0, 158] },
  ])('differ from where on Playwright counts $what as different', ({ from, alike, different }) => {
    expect(surelyAlike(rowOf(from), rowOf(alike), 0)).toBe(true)
    expect(surelyAlike(rowOf(from), rowOf(different), 0)).toBe(false)
    const counts = (other: number[]) =>
      compare(rowOf(from), rowOf(other), { threshold: 0.2, maxDiffPixels: 0 }) !== null
    expect([counts(alike), counts(different)]).toEqual([false, true])
  })

  it('may differ in as many pixels as are allowed', () => {
    const [one, other] = [rowOf(white, white, white), rowOf(white, grey(0), grey(0))]
    expect([1, 2].map((pixels) => surelyAlike(one, other, pixels))).toEqual([false, true])
  })

  it('differ where one is larger', () => {
    expect(surelyAlike(rowOf(white), rowOf(white, white), 9)).toBe(false)
    expect(
      surelyAlike(
        pictureOf(2, [[0, ...white, ...white]]),
        pictureOf(1, [
          [0, ...white],
          [0, ...white],
        ]),
        9,
      ),
    ).toBe(false)
  })
})
