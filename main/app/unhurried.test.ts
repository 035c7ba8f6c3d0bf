import { describe, expect, it } from 'vitest'
import { unhurried } from './unhurried.ts'

describe('what takes long', () => {
  it('is all there in the end, and others had their turns in between', async () => {
    let turns = 0
    const turn = () => {
      turns += 1
      waiting = setImmediate(turn)
    }
    let waiting = setImmediate(turn)
    const seen: number[] = []
    const slow = function* () {
      for (let at = 0; at < 10; at++) {
        for (const began = performance.now(); performance.now() - began < 10; );
        seen.push(turns)
        yield at
      }
    }
    expect(await unhurried(slow())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    clearImmediate(waiting)
    expect(seen[0]).toBe(0)
    expect(seen.at(-1)).toBeGreaterThanOrEqual(3)
  })
})
