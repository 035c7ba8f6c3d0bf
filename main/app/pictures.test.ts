import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Pictures } from './pictures.ts'

const fail = (error: unknown): void => {
  throw error
}
/** Of which only that they come is looked at. */
const drawing = (draw: () => void, onFault = fail) =>
  new Pictures({ draw, show: () => undefined, isSame: () => false, onFault })

describe('pictures for the window', () => {
  it('come again after one that could not be drawn, which is told', async () => {
    let drawn = 0
    const told: unknown[] = []
    const pictures = drawing(
      () => {
        if (++drawn === 1) throw new TypeError('too much')
      },
      (error) => void told.push(error),
    )
    pictures.changed()
    await vi.waitFor(() => expect(drawn).toBe(1))
    pictures.changed()
    await vi.waitFor(() => expect(drawn).toBe(2))
    expect(told).toEqual([new TypeError('too much')])
    pictures.close()
  })

  it('come soon after a change, and are few while changes pour in; the last change is always seen', async () => {
    let [drawn, change, seen] = [0, 0, 0]
    const pictures = drawing(() => {
      drawn++
      seen = change
    })
    const began = performance.now()
    change++
    pictures.changed()
    await vi.waitFor(() => expect(drawn).toBeGreaterThan(0))
    while (performance.now() - began < 400) {
      change++
      pictures.changed()
      await setTimeout(1)
    }
    expect(drawn).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - began) / 100))
    await vi.waitFor(() => expect(seen).toBe(change))
    pictures.close()
  })

  it('come within 2 ms of a change after a quiet time, once the round that it asked for has begun', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
    const seen: string[] = []
    const pictures = drawing(() => void seen.push('picture'))
    pictures.changed()
    globalThis.setImmediate(() => void seen.push('round'))
    await vi.advanceTimersByTimeAsync(2)
    vi.useRealTimers()
    pictures.close()
    expect(seen).toEqual(['round', 'picture'])
  })

  it('take at most a twentieth of the time, however long one takes', async () => {
    let drawn = 0
    /** What all but the last have taken: that one has still its pause before it. */
    let [spent, last] = [0, 0]
    const pictures = drawing(() => {
      const from = performance.now()
      while (performance.now() - from < 20);
      spent += last
      last = performance.now() - from
      drawn++
    })
    const began = performance.now()
    await vi.waitFor(
      () => {
        pictures.changed()
        expect(drawn).toBeGreaterThanOrEqual(3)
      },
      { timeout: 5000, interval: 1 },
    )
    pictures.close()
    expect(spent).toBeLessThan((performance.now() - began) / 16)
  })

  it('come of what time alone has changed, and of nothing else that nobody did', async () => {
    let [minute, drawn] = [0, 0]
    const shown: number[] = []
    const pictures = new Pictures({
      draw: () => ({ minute, number: ++drawn }),
      show: (picture) => void shown.push(picture.minute),
      isSame: (one, other) => one.minute === other.minute,
      onFault: fail,
    })
    /** As a timer does, until it was looked once more. */
    const passes = async () => {
      const before = drawn
      await vi.waitFor(() => {
        pictures.timePassed()
        expect(drawn).toBeGreaterThan(before)
      })
    }
    pictures.changed()
    await vi.waitFor(() => expect(shown).toEqual([0]))
    await passes()
    expect(shown).toEqual([0])
    minute = 1
    await passes()
    expect(shown).toEqual([0, 1])
    await passes()
    expect(shown).toEqual([0, 1])
    pictures.changed()
    await vi.waitFor(() => expect(shown).toEqual([0, 1, 1]))
    pictures.close()
  })

  it('do not come any more once they are over', async () => {
    let drawn = 0
    const pictures = drawing(() => void drawn++)
    pictures.changed()
    pictures.close()
    await setTimeout(100)
    expect(drawn).toBe(0)
  })
})
