import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from '../bytes.ts'
import { bigEndian } from './ur-bytewords.ts'

const MASK = (1n << 64n) - 1n

/**
 * Which fragments of a message are mixed into one of its parts (BCR-2020-005). The first parts are the fragments
 * themselves, in order; each later one is the exclusive or of some, drawn so that sender and receiver draw the same.
 *
 * @param sequence - the part's number, from 1.
 * @param count - of fragments.
 * @param checksum - CRC-32 of the message.
 * @returns their numbers from 0, ascending.
 */
export function fragmentsIn(sequence: number, count: number, checksum: number): readonly number[] {
  if (sequence <= count) return [sequence - 1]
  const random = xoshiro(sha256(concat(bigEndian(sequence), bigEndian(checksum))))
  const degree = 1 + sample(degrees(count), random)
  return shuffled(count, random)
    .slice(0, degree)
    .sort((a, b) => a - b)
}

/** Numbers in [0, 1), as Xoshiro256** (Blackman, Vigna) gives them from 32 bytes of seed. */
function xoshiro(seed: Uint8Array): () => number {
  const view = new DataView(seed.buffer, seed.byteOffset)
  let [a, b, c, d] = [0, 8, 16, 24].map((at) => view.getBigUint64(at)) as [bigint, bigint, bigint, bigint]
  return () => {
    const drawn = (turned((b * 5n) & MASK, 7n) * 9n) & MASK
    const shifted = (b << 17n) & MASK
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = turned(d, 45n)
    return Number(drawn) / 2 ** 64
  }
}

function turned(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK
}

interface Sampler {
  readonly probabilities: readonly number[]
  readonly aliases: readonly number[]
}

// A sequence asks for the same one with every frame.
let last: { readonly count: number; readonly sampler: Sampler } | null = null

/** How many fragments a part mixes, less one: the more the rarer, as 1 to 1/2 to 1/3 and so on. */
function degrees(count: number): Sampler {
  if (last?.count !== count)
    last = { count, sampler: samplerOf(Array.from({ length: count }, (_, at) => 1 / (at + 1))) }
  return last.sampler
}

/** Walker's alias method as Vose builds it. The order of each step decides what is drawn, so it is the reference's. */
function samplerOf(weights: readonly number[]): Sampler {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const scaled = weights.map((weight) => (weight * weights.length) / sum)
  const probabilities = scaled.map(() => 1)
  const aliases = scaled.map(() => 0)
  const small: number[] = []
  const large: number[] = []
  const sort = (at: number) => ((scaled[at] as number) < 1 ? small : large).push(at)
  for (let at = weights.length - 1; at >= 0; at--) sort(at)
  while (small.length > 0 && large.length > 0) {
    const [low, high] = [small.pop() as number, large.pop() as number]
    probabilities[low] = scaled[low] as number
    aliases[low] = high
    scaled[high] = (scaled[high] as number) + (scaled[low] as number) - 1
    sort(high)
  }
  return { probabilities, aliases }
}

function sample({ probabilities, aliases }: Sampler, random: () => number): number {
  const [first, second] = [random(), random()]
  const at = Math.floor(probabilities.length * first)
  return second < (probabilities[at] as number) ? at : (aliases[at] as number)
}

/** The numbers below `count`, each drawn from what is left. */
function shuffled(count: number, random: () => number): number[] {
  const left = Array.from({ length: count }, (_, at) => at)
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0] as number)
}
