import type { Drawing } from '../renderer/codes/draw.ts'

// What a camera makes of somebody else's screen.

/** What a camera is asked for. */
export const [WIDTH, HEIGHT] = [1280, 720]
/** How far a camera stands away, in points of its picture: close, so that what leans is seen to. */
const DISTANCE = 1100

/** How a screen stands before the camera. */
export interface Sight {
  readonly mirrored?: boolean
  /** Turned in the picture's own plane. */
  readonly degrees?: number
  /** Turned away on one side, so that this side is smaller: degrees too. */
  readonly leans?: number
  /** Light of the wall, of what is light on the screen, and of what is dark. */
  readonly light?: readonly [number, number, number]
}

/** A wall, in its middle a screen with a code, as it is seen: the light of each point. */
export function seen(
  { size, path }: Drawing,
  { mirrored = false, degrees = 0, leans = 0, light = [200, 235, 30] }: Sight = {},
): Uint8Array {
  const dark = Array.from({ length: size }, () => new Uint8Array(size))
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    dark[Number(y)]?.fill(1, Number(x), Number(x) + Number(length))
  const points = new Uint8Array(WIDTH * HEIGHT)
  const side = degrees === 0 && leans === 0 ? Math.floor(660 / size) : 520 / size
  const [cos, sin] = turn(degrees)
  const [cosAway, sinAway] = turn(leans)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const [u, v] = [x + 0.5 - WIDTH / 2, y + 0.5 - HEIGHT / 2]
      const right = leans === 0 ? u : (u * DISTANCE) / (DISTANCE * cosAway - u * sinAway)
      const down = leans === 0 ? v : (v * (DISTANCE + right * sinAway)) / DISTANCE
      const column = Math.floor((cos * right + sin * down) / side + size / 2)
      const row = Math.floor((cos * down - sin * right) / side + size / 2)
      const square = dark[row]?.[mirrored ? size - 1 - column : column]
      points[y * WIDTH + x] = square === undefined ? light[0] : square === 0 ? light[1] : light[2]
    }
  return points
}

function turn(degrees: number): readonly [number, number] {
  const angle = (degrees * Math.PI) / 180
  return [Math.cos(angle), Math.sin(angle)]
}
