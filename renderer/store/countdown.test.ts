import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { session } from '../testing/snapshots.ts'
import { clockText, leftOf, tightened } from './countdown.ts'

describe('what is left of a session', () => {
  it('is never lengthened by a later snapshot (property)', () => {
    const steps = fc.array(
      fc.record({ after: fc.integer({ min: 0, max: 60_000 }), leftMs: fc.integer({ min: 0, max: 3_600_000 }) }),
    )
    fc.assert(
      fc.property(steps, (told) => {
        const ends = Number.MAX_SAFE_INTEGER
        let deadlines = tightened(new Map(), [session(3_600_000)], 0)
        let monotonic = 0
        let before = 3_600_000
        for (const { after, leftMs } of told) {
          monotonic += after
          const shown = session(leftMs, { ends })
          deadlines = tightened(deadlines, [shown], monotonic)
          const left = leftOf(deadlines, shown, monotonic, 0)
          expect(left).toBeLessThanOrEqual(Math.max(0, before - after))
          before = left
        }
      }),
    )
  })

  it('is the smaller of both clocks: the monotonic one stands still while the machine sleeps', () => {
    const shown = session(600_000, { ends: 1_000_000 })
    const deadlines = tightened(new Map(), [shown], 0)
    expect(leftOf(deadlines, shown, 1000, 900_000)).toBe(100_000)
  })

  it('does not grow when somebody sets the wall clock back', () => {
    const shown = session(600_000, { ends: 1_000_000 })
    const deadlines = tightened(new Map(), [shown], 0)
    expect(leftOf(deadlines, shown, 60_000, 0)).toBe(540_000)
  })

  it('belongs to one session of one case', () => {
    const first = session(1000, { ends: 1e12 })
    const second = session(9000, { accessKeyId: 'ASIAOTHER', ends: 1e12 })
    const deadlines = tightened(tightened(new Map(), [first], 0), [second], 0)
    expect(leftOf(deadlines, second, 0, 0)).toBe(9000)
    expect(deadlines.size).toBe(1)
  })

  it.each([
    [0, '00:00'],
    [1, '00:01'],
    [59_001, '01:00'],
    [24 * 60_000 + 7000, '24:07'],
    [3_729_000, '1:02:09'],
  ])('%i ms read %s', (milliseconds, text) => {
    expect(clockText(milliseconds)).toBe(text)
  })
})
