import { encodeQR } from 'qr'
import { codesOf } from '../../../shared/carriers/codes.ts'
import { createScan } from '../../../shared/carriers/scan.ts'
import { codesIn, loadReader, pictureOf } from '../../code-reader.ts'
import { HEIGHT, WIDTH } from '../../seen-codes.ts'
import type { BenchCase } from '../case.ts'
import { lineOf } from '../line.ts'
import { interleaved, type Round, timed } from '../measure.ts'

const BYTES = 4096
const LOSS = 0.3
const BARE = 'as many frames as get all its fragments across, were each as good as any other'

/**
 * How many frames an animated code shows until it is read, which is the same on every machine; and how long a picture of a
 * camera is searched, with a code in it and without.
 */
export const qr: BenchCase = {
  name: 'qr',
  async run({ effort }) {
    const seeds = Array.from({ length: effort.rounds(200) }, (_, at) => at + 1)
    const line = (what: string, times: number, lost: number, from: (random: () => number) => number) =>
      lineOf(
        { name: 'qr', what, bareIs: BARE, unit: 'frames', targets: [{ times }] },
        seeds.map((seed) => shown(seed, lost, from)),
      )
    await loadReader()
    const rounds = effort.rounds(60)
    return [
      line('4 KB from the first frame on, 30 % lost', 1.5, LOSS, () => 1),
      line('4 KB joined mid-stream, 30 % lost', 2, LOSS, (random) => 2 + Math.floor(random() * 1000)),
      await searched(
        'a frame of 1280 × 720 searched, with a code',
        noisy(codesOf(new Uint8Array(4096)).code(12)),
        rounds,
      ),
      await searched('a frame of 1280 × 720 searched, without one', noisy(null), rounds),
    ]
  },
}

/** As the window's worker searches it. Bare: each point of it looked at once. */
async function searched(what: string, picture: ImageData, rounds: number) {
  const texts = await codesIn(picture)
  if (what.endsWith('with a code') !== (texts.length === 1)) throw new Error(`${what}: read ${texts.length} codes`)
  const measured = await interleaved(rounds, {
    ours: () => timed(() => codesIn(picture)),
    bare: () => timed(() => sumOf(picture.data)),
  })
  const bareIs = 'the sum of all its bytes'
  return lineOf({ name: 'qr', what, bareIs, unit: 'ms', targets: [{ most: 60 }] }, measured)
}

function sumOf(bytes: Uint8ClampedArray): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at++) sum += bytes[at] as number
  return sum
}

/** A grey wall with noise, and on it a screen with a code, 600 points high. */
function noisy(text: string | null): ImageData {
  const random = seeded(7)
  const data = Uint8ClampedArray.from({ length: WIDTH * HEIGHT * 4 }, (_, at) =>
    at % 4 === 3 ? 255 : 140 + 20 * random(),
  )
  if (text !== null) {
    const rows = encodeQR(text, 'raw', { ecc: 'low', encoding: 'alphanumeric', border: 4 })
    const scale = Math.floor(600 / rows.length)
    for (let y = 0; y < rows.length * scale; y++)
      for (let x = 0; x < rows.length * scale; x++) {
        const light = rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true ? 40 : 210
        const at = 4 * ((y + 50) * WIDTH + x + 300)
        data.fill(light + 20 * random(), at, at + 3)
      }
  }
  return pictureOf(data)
}

/** Shows one message to a scan that misses frames at random. */
function shown(seed: number, lost: number, from: (random: () => number) => number): Round {
  const random = seeded(seed)
  const { count, code } = codesOf(Uint8Array.from({ length: BYTES }, () => Math.floor(random() * 256)))
  const scan = createScan()
  const first = from(random)
  let [read, bare] = [0, 0]
  for (let frames = 1; ; frames++) {
    if (random() < lost) continue
    if (++read === count) bare = frames
    if (scan.take(code(first + frames - 1)).is === 'complete') return { ours: frames, bare }
  }
}

/** Numbers in [0, 1): mulberry32, for the same runs everywhere. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
