import { deflateSync, inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { chunk, packed } from './png.ts'

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
    expect(() => packed(pictureOf(1, [[0, 1]], 3))).toThrow('another kind of PNG')
  })
})
