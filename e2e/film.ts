import type { Pixels } from './screens/png.ts'
import { HEIGHT, WIDTH } from './seen-codes.ts'

// Films that a browser plays to its page as what its camera sees.

/** How a screen stands before the camera that films it. */
export interface Stand {
  readonly mirrored?: boolean
  /** Turned in the picture's own plane, in degrees. */
  readonly turned?: number
  /** How much of the picture's width it fills. */
  readonly fills?: number
  /** Light of the wall, of what is white on the screen, and of what is black. */
  readonly light?: readonly [number, number, number]
}

/**
 * A whole screen as a camera sees it: the light of each point of its picture, with a wall around. What lies between points of
 * the screen is mixed of the four next to it.
 */
export function filmedScreen(
  { width, height, colours }: Pixels,
  { mirrored = false, turned = 0, fills = 1, light: [wall, white, black] = [200, 235, 30] }: Stand = {},
): Uint8Array {
  const shine = Float32Array.from(colours, (colour) => {
    const bright = 0.299 * (colour >> 16) + 0.587 * ((colour >> 8) & 255) + 0.114 * (colour & 255)
    return black + (bright / 255) * (white - black)
  })
  const angle = (turned * Math.PI) / 180
  const step = width / (fills * WIDTH)
  const [cos, sin] = [Math.cos(angle) * step, Math.sin(angle) * step]
  const points = new Uint8Array(WIDTH * HEIGHT).fill(wall)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const [u, v] = [(x + 0.5 - WIDTH / 2) * (mirrored ? -1 : 1), y + 0.5 - HEIGHT / 2]
      const across = cos * u + sin * v + width / 2 - 0.5
      const down = cos * v - sin * u + height / 2 - 0.5
      const [left, top] = [Math.floor(across), Math.floor(down)]
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue
      const at = top * width + left
      const [right, below] = [across - left, down - top]
      const above = mix(shine[at] ?? 0, shine[at + 1] ?? 0, right)
      const under = mix(shine[at + width] ?? 0, shine[at + width + 1] ?? 0, right)
      points[y * WIDTH + x] = mix(above, under, below)
    }
  return points
}

const mix = (one: number, other: number, share: number): number => one + (other - one) * share

/**
 * YUV4MPEG2 without colour, which the browser plays again and again.
 *
 * @param pictures - the light of each point.
 */
export function filmOf(pictures: readonly Uint8Array[], perSecond = 12): Uint8Array {
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${perSecond}:1 Ip A1:1 C420jpeg\n`)
  const colourless = Buffer.alloc((WIDTH * HEIGHT) / 2, 128)
  return Buffer.concat([head, ...pictures.flatMap((picture) => [Buffer.from('FRAME\n'), picture, colourless])])
}
