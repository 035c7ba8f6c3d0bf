import { codesOf } from '../../../shared/carriers/codes.ts'
import { createScan } from '../../../shared/carriers/scan.ts'
import type { BenchCase } from '../case.ts'
import { lineOf } from '../line.ts'
import type { Round } from '../measure.ts'

const BYTES = 4096
const LOSS = 0.3
const BARE = 'as many frames as get all its fragments across, were each as good as any other'

/** Frames, not time: how many an animated code shows until it is read. The same on every machine. */
export const qr: BenchCase = {
  name: 'qr',
  run({ effort }) {
    const seeds = Array.from({ length: effort.rounds(200) }, (_, at) => at + 1)
    const line = (what: string, times: number, lost: number, from: (random: () => number) => number) =>
      lineOf(
        { name: 'qr', what, bareIs: BARE, unit: 'frames', targets: [{ times }] },
        seeds.map((seed) => shown(seed, lost, from)),
      )
    return Promise.resolve([
      line('4 KB from the first frame on, 30 % lost', 1.5, LOSS, () => 1),
      line('4 KB joined mid-stream, 30 % lost', 2, LOSS, (random) => 2 + Math.floor(random() * 1000)),
    ])
  },
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
