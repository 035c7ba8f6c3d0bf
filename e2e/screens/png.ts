import { deflateSync, inflateSync } from 'node:zlib'

/** The signature and the fixed length of what comes before and after a chunk's data. */
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const COLOURS = 128

interface Pixels {
  readonly width: number
  readonly height: number
  /** One number a pixel: red, green, blue, from the highest byte. */
  readonly colours: Uint32Array
}

/**
 * The same picture in a third of the bytes: with a palette of its 128 most frequent colours, so that every surface keeps
 * its exact colour; a rare shade at the edge of a letter becomes the nearest of them.
 *
 * @param png - 8 bits a channel, with or without alpha, not interlaced: as browsers write it.
 * @throws {Error} if it is another kind of PNG.
 */
export function packed(png: Buffer): Buffer {
  const { width, height, colours } = decode(png)
  const counts = countsOf(colours)
  const palette = [...counts]
    .sort(([a, often], [b, seldom]) => seldom - often || a - b)
    .slice(0, COLOURS)
    .map(([colour]) => colour)
  const places = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]))
  const rows = Buffer.alloc((width + 1) * height)
  let last = -1
  let place = 0
  for (let at = 0; at < colours.length; at++) {
    const colour = colours[at] ?? 0
    if (colour !== last) place = places.get(colour) ?? 0
    last = colour
    rows[at + Math.floor(at / width) + 1] = place
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(channels))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** How many pixels have each colour. Neighbours are mostly alike, so whole runs are counted at once. */
function countsOf(colours: Uint32Array): Map<number, number> {
  const counts = new Map<number, number>()
  for (let at = 0, start = 0; at < colours.length; at++) {
    const colour = colours[at] ?? 0
    if (colours[at + 1] === colour) continue
    counts.set(colour, (counts.get(colour) ?? 0) + at + 1 - start)
    start = at + 1
  }
  return counts
}

const channels = (colour: number): [number, number, number] => [colour >> 16, (colour >> 8) & 255, colour & 255]

function nearest(palette: readonly number[], colour: number): number {
  const wanted = channels(colour)
  let place = 0
  let least = Number.POSITIVE_INFINITY
  for (const [at, each] of palette.entries()) {
    const away = channels(each).reduce((sum, value, channel) => sum + (value - (wanted[channel] ?? 0)) ** 2, 0)
    if (away < least) [place, least] = [at, away]
  }
  return place
}

function decode(png: Buffer): Pixels {
  const parts: Buffer[] = []
  let header = Buffer.alloc(13)
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const kind = png.toString('latin1', at + 4, at + 8)
    const data = png.subarray(at + 8, at + 8 + length)
    if (kind === 'IHDR') header = Buffer.from(data)
    if (kind === 'IDAT') parts.push(data)
    at += 12 + length
  }
  const [depth, kind, , , interlaced] = header.subarray(8)
  if (depth !== 8 || (kind !== 2 && kind !== 6) || interlaced !== 0) throw new Error('another kind of PNG')
  const width = header.readUInt32BE(0)
  const height = header.readUInt32BE(4)
  const bytes = kind === 6 ? 4 : 3
  const raw = unfiltered(inflateSync(Buffer.concat(parts)), width * bytes, bytes)
  const colours = new Uint32Array(width * height)
  for (let at = 0; at < colours.length; at++) colours[at] = raw.readUIntBE(at * bytes, 3)
  return { width, height, colours }
}

/** Undoes the filters of PNG's section 9: each byte was stored as the difference to one guessed from its neighbours. */
function unfiltered(filtered: Buffer, stride: number, bytes: number): Buffer {
  const height = filtered.length / (stride + 1)
  const raw = Buffer.alloc(stride * height)
  for (let row = 0; row < height; row++) {
    const filter = filtered[row * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const at = row * stride + x
      const left = x < bytes ? 0 : (raw[at - bytes] ?? 0)
      const above = row === 0 ? 0 : (raw[at - stride] ?? 0)
      const corner = x < bytes || row === 0 ? 0 : (raw[at - stride - bytes] ?? 0)
      raw[at] = (filtered[row * (stride + 1) + 1 + x] ?? 0) + guess(filter, left, above, corner)
    }
  }
  return raw
}

function guess(filter: number | undefined, left: number, above: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return above
  if (filter === 3) return (left + above) >> 1
  if (filter !== 4) return 0
  const sum = left + above - corner
  const [toLeft, toAbove, toCorner] = [Math.abs(sum - left), Math.abs(sum - above), Math.abs(sum - corner)]
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

/** A part of a PNG: its length, its kind, the data, and the checksum of both. */
export function chunk(kind: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const around = Buffer.alloc(8)
  around.writeUInt32BE(data.length, 0)
  around.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)])
}

/** ISO 3309's, as PNG wants it; Node has one of its own only since 22.2. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
