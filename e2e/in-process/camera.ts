import { drawn } from '../../renderer/codes/draw.ts'
import { codesOf } from '../../shared/carriers/codes.ts'
import { createScan } from '../../shared/carriers/scan.ts'
import { codesSeen } from '../code-reader.ts'
import { type Sight, seen } from '../seen-codes.ts'

/** How screens stand before cameras, one picture after the other: each alone, and all of it at once. */
const SIGHTS: readonly Sight[] = [
  {},
  { mirrored: true },
  { degrees: 17 },
  { leans: 30 },
  { light: [24, 62, 38] },
  { mirrored: true, degrees: -20, leans: -35, light: [20, 40, 28] },
]

let pictures = 0

/**
 * What one screen shows and a camera reads that misses every third picture: drawn as the window draws it, stood somehow before
 * the camera, and searched by the window's own program. Each that is taken has to be read.
 */
export async function filmed(pack: Uint8Array): Promise<Uint8Array> {
  const { code } = codesOf(pack)
  const scan = createScan()
  for (let frame = 1; scan.complete.length === 0; frame++) {
    if (frame % 3 === 1 && frame > 1) continue
    const sight = SIGHTS[pictures++ % SIGHTS.length]
    const texts = await codesSeen(seen(drawn(code(frame)), sight))
    if (texts.length !== 1)
      throw new Error(`${texts.length} codes were read of a screen that stands ${JSON.stringify(sight)}`)
    for (const text of texts) scan.take(text)
  }
  return scan.complete[0] as Uint8Array
}
