import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Pictures } from './pictures.ts'

const fail = (error: unknown): void => {
  throw error
}

describe('pictures for the window', () => {
  it('come again after one that could not be drawn, which is told', async () => {
    let drawn = 0
    const told: unknown[] = []
    const pictures = new Pictures(
      () => {
        if (++drawn === 1) throw new TypeError('too much')
      },
      (error) => told.push(error),
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
    const pictures = new Pictures(() => {
      drawn++
      seen = change
    }, fail)
    const began = performance.now()
    change++
    pictures.changed()
    await vi.waitFor(() => expect(drawn).toBeGreaterThan(0))
    while (performance.now() - began < 400) {
      change++
      pictures.changed()
      await setTimeout(1)
    }
    expect(drawn).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - began) / 50))
    await vi.waitFor(() => expect(seen).toBe(change))
    pictures.close()
  })

  it('take at most a tenth of the time, however long one takes', async () => {
    let [drawing, drawn] = [0, 0]
    const pictures = new Pictures(() => {
      const from = performance.now()
      while (performance.now() - from < 20);
      drawing += performance.now() - from
      drawn++
    }, fail)
    const began = performance.now()
    await vi.waitFor(
      () => {
        pictures.changed()
        expect(drawn).toBeGreaterThanOrEqual(3)
      },
      { timeout: 5000, interval: 1 },
    )
    pictures.close()
    // The last one has still its pause before it.
    expect(drawing * (2 / 3)).toBeLessThan((performance.now() - began) / 8)
  })

  it('do not come any more once they are over', async () => {
    let drawn = 0
    const pictures = new Pictures(() => void drawn++, fail)
    pictures.changed()
    pictures.close()
    await setTimeout(100)
    expect(drawn).toBe(0)
  })
})
