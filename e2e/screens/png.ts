import { deflateSync, inflateSync } from 'node:zlib'

/** The signature and the fixed length of what comes before and after a chunk's data. */
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const COLOURS = 128

/** A picture as browsers take them of a window. */
export interface Pixels {
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

/** How many bytes a pixel has in a PNG of 8 bits: red, green and blue, a place in a palette, or colours and alpha. */
const BYTES = new Map([
  [2, 3],
  [3, 1],
  [6, 4],
])

/** From where on Playwright's comparison counts a pixel as different, with its threshold of 0.2: 35215 × 0.2². */
const DIFFERENT = 1408

/**
 * Whether two pictures, in which nothing is transparent, are surely alike for Playwright: of the same size, and with no more
 * pixels that differ as much as it counts. It counts fewer still, not those that it takes for the edges of letters, and shows
 * the difference, in five times as long.
 *
 * @param pixels - how many may differ.
 * @throws {Error} if either is another kind of PNG than browsers and `packed` write.
 */
export function surelyAlike(one: Buffer, other: Buffer, pixels: number): boolean {
  const [a, b] = [decode(one), decode(other)]
  if (a.width !== b.width || a.height !== b.height) return false
  let different = 0
  for (let at = 0; at < a.colours.length; at++) {
    const [colour = 0, wanted = 0] = [a.colours[at], b.colours[at]]
    if (colour !== wanted && distance(colour, wanted) > DIFFERENT) different++
  }
  return different <= pixels
}

/** How different two colours look, as Playwright weighs it: in brightness first, in hue after that (YIQ). */
function distance(colour: number, other: number): number {
  const red = (colour >> 16) - (other >> 16)
  const green = ((colour >> 8) & 255) - ((other >> 8) & 255)
  const blue = (colour & 255) - (other & 255)
  const y = red * 0.29889531 + green * 0.58662247 + blue * 0.11448223
  const i = red * 0.59597799 - green * 0.2741761 - blue * 0.32180189
  const q = red * 0.21147017 - green * 0.52261711 + blue * 0.31114694
  return 0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q
}

/** What is on a picture. @throws {Error} if it is another kind of PNG than browsers and `packed` write. */
export function decode(png: Buffer): Pixels {
  const parts: Buffer[] = []
  let header = Buffer.alloc(13)
  let palette = Buffer.alloc(0)
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const kind = png.toString('latin1', at + 4, at + 8)
    const data = png.subarray(at + 8, at + 8 + length)
    if (kind === 'IHDR') header = Buffer.from(data)
    if (kind === 'PLTE') palette = Buffer.from(data)
    if (kind === 'IDAT') parts.push(data)
    at += 12 + length
  }
  const [depth, kind, , , interlaced] = header.subarray(8)
  const bytes = BYTES.get(kind ?? 0)
  if (depth !== 8 || bytes === undefined || interlaced !== 0) throw new Error('another kind of PNG')
  const width = header.readUInt32BE(0)
  const height = header.readUInt32BE(4)
  const raw = unfiltered(inflateSync(Buffer.concat(parts)), width * bytes, bytes)
  const colours = new Uint32Array(width * height)
  const colourAt = (from: Buffer, at: number) =>
    ((from[at] ?? 0) << 16) | ((from[at + 1] ?? 0) << 8) | (from[at + 2] ?? 0)
  const known = Uint32Array.from({ length: palette.length / 3 }, (_, place) => colourAt(palette, place * 3))
  if (kind === 3) for (let at = 0; at < colours.length; at++) colours[at] = known[raw[at] ?? 0] ?? 0
  else for (let at = 0; at < colours.length; at++) colours[at] = colourAt(raw, at * bytes)
  return { width, height, colours }
}

/** Undoes the filters of PNG's section 9: each byte was stored as the difference to one guessed from its neighbours. */
function unfiltered(filtered: Buffer, stride: number, bytes: number): Buffer {
  const height = filtered.length / (stride + 1)
  const raw = Buffer.alloc(stride * height)
  for (let row = 0; row < height; row++) {
    const filter = filtered[row * (stride + 1)]
    const from = row * (stride + 1) + 1
    if (filter === 0) {
      raw.set(filtered.subarray(from, from + stride), row * stride)
      continue
    }
    for (let x = 0; x < stride; x++) {
      const at = row * stride + x
      const left = x < bytes ? 0 : (raw[at - bytes] ?? 0)
      const above = row === 0 ? 0 : (raw[at - stride] ?? 0)
      const corner = x < bytes || row === 0 ? 0 : (raw[at - stride - bytes] ?? 0)
      raw[at] = (filtered[from + x] ?? 0) + guess(filter, left, above, corner)
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
