import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { icnsOf, icoOf } from './containers.mjs'

const here = import.meta.dirname
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024]
const pictures = new Map(SIZES.map((size) => [size, readFileSync(join(here, `${size}x${size}.png`))]))

it('has a PNG of each size, and each is of the size that it is called by', () => {
  expect(readdirSync(here).filter((name) => name.endsWith('.png'))).toHaveLength(SIZES.length)
  for (const [size, picture] of pictures) {
    expect(picture.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([size, size])
  }
})

it('has a Windows icon of the same pictures', () => {
  const icon = readFileSync(join(here, 'icon.ico'))
  expect(icon).toEqual(icoOf(pictures))
  const count = icon.readUInt16LE(4)
  const entries = Array.from({ length: count }, (_, index) => 6 + 16 * index).map((at) => ({
    size: icon.readUInt8(at) || 256,
    picture: icon.subarray(icon.readUInt32LE(at + 12), icon.readUInt32LE(at + 12) + icon.readUInt32LE(at + 8)),
  }))
  expect(entries.map(({ size }) => size)).toEqual([16, 24, 32, 48, 64, 128, 256])
  for (const { size, picture } of entries) expect(picture).toEqual(pictures.get(size))
})

it('has a macOS icon of the same pictures', () => {
  const icon = readFileSync(join(here, 'icon.icns'))
  expect(icon).toEqual(icnsOf(pictures))
  expect([icon.toString('latin1', 0, 4), icon.readUInt32BE(4)]).toEqual(['icns', icon.length])
  const sizes = []
  for (let at = 8; at < icon.length; at += icon.readUInt32BE(at + 4)) sizes.push(icon.readUInt32BE(at + 8 + 16))
  expect(sizes).toEqual([128, 256, 512, 1024, 32, 64, 256, 512])
})
