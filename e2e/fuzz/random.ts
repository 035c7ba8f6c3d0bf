/** Whole numbers from 0 up to but without a bound. */
export type Random = (below: number) => number

/** Numbers that a seed says everything about (mulberry32): a failure repeats. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** One of several. */
export function oneOf<Item>(items: readonly Item[], random: Random): Item {
  if (items.length === 0) throw new TypeError('expected something to choose from')
  return items[random(items.length)] as Item
}
