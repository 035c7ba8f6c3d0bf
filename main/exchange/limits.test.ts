import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './limits.ts'

describe('a rate', () => {
  it('allows its burst at once, and then so many a second', () => {
    let now = 0
    const bucket = new TokenBucket(3, 2, () => now)
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false])
    now = 500
    expect([bucket.take(), bucket.take()]).toEqual([true, false])
  })

  it('never gives more than burst and rate together, whenever it is asked', () => {
    const step = fc.record({ waitMs: fc.nat(400), count: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        let now = 0
        let given = 0
        const bucket = new TokenBucket(10, 4, () => now)
        for (const { waitMs, count } of steps) {
          now += waitMs
          if (bucket.take(count)) given += count
          expect(given).toBeLessThanOrEqual(10 + (now / 1000) * 4 + 1e-6)
        }
      }),
    )
  })

  it('says how long a debt takes to be paid', () => {
    let now = 0
    const bucket = new TokenBucket(10, 100, () => now)
    expect([bucket.spend(10), bucket.spend(50)]).toEqual([0, 500])
    now = 500
    expect(bucket.spend(0)).toBe(0)
  })
})
