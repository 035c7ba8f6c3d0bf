import * as fc from 'fast-check'
import type { Share, Threshold } from '../sharing.ts'
import { dealt } from './setup.ts'

/** Every M of N. */
export const thresholds: fc.Arbitrary<Threshold> = fc
  .integer({ min: 2, max: 15 })
  .chain((members) => fc.record({ threshold: fc.integer({ min: 2, max: members }), members: fc.constant(members) }))

/** A dealing with M of its shares, chosen and ordered at random. */
export const quorums = thresholds.chain((threshold) =>
  fc.record({
    made: fc.string().map((seed) => dealt(threshold, seed)),
    chosen: fc.shuffledSubarray(
      Array.from({ length: threshold.members }, (_, at) => at + 1),
      { minLength: threshold.threshold, maxLength: threshold.threshold },
    ),
  }),
)

/** The shares of these indexes, in this order. */
export function pick(shares: readonly Share[], chosen: readonly number[]): Share[] {
  return chosen.flatMap((index) => shares.filter((share) => share.index === index))
}

/** The first of the chosen shares, and the others. */
export function apart(shares: readonly Share[], chosen: readonly number[]): [Share, Share[]] {
  const [first, ...others] = pick(shares, chosen)
  if (first === undefined) throw new TypeError('expected a share')
  return [first, others]
}
