import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { READER_OPTIONS } from '../renderer/codes/reader-options.ts'
import { HEIGHT, WIDTH } from './seen-codes.ts'

// The program by which the window's worker searches pictures, in Node.

/** Loads the program. By itself the library would ask a server of others. */
export async function loadReader(): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  const { buffer } = Uint8Array.from(await readFile(wasm))
  await prepareZXingModule({ overrides: { wasmBinary: buffer }, fireImmediately: true })
}

/** A picture of a camera, as the program takes one: Node has no class for it. @param data - four bytes a point, row by row. */
export function pictureOf(data: Uint8ClampedArray): ImageData {
  return { data, width: WIDTH, height: HEIGHT, colorSpace: 'srgb', pixelFormat: 'rgba-unorm8' } as unknown as ImageData
}

/** The texts of the codes in a picture without colour, as the window finds them. @param light - of each point. */
export async function codesSeen(light: Uint8Array): Promise<string[]> {
  loading ??= loadReader()
  await loading
  const data = new Uint8ClampedArray(4 * light.length).fill(255)
  for (const [at, one] of light.entries()) data.fill(one, 4 * at, 4 * at + 3)
  return codesIn(pictureOf(data))
}

let loading: Promise<void> | null = null

/** The texts of the codes in a picture, as the window finds them. */
export async function codesIn(picture: ImageData): Promise<string[]> {
  const found = await readBarcodes(picture, READER_OPTIONS)
  return found.filter(({ isValid }) => isValid).map(({ text }) => text)
}
