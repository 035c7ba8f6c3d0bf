import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Pictures } from './pictures.ts'

const fail = (error: unknown): void => {
  throw error
}
/** Of which only that they come is looked at. */
const drawing = (draw: () => void, onFault = fail) =>
  new Pictures({ draw, underWay: () => null, show: () => undefined, isSame: () => false, onFault })

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

  describe('while the app does something about a change', () => {
    function withApp() {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
      const app: { doing: Promise<void> | null; done: () => void } = { doing: null, done: () => undefined }
      const does = () => {
        app.doing = new Promise((resolve) => {
          app.done = () => {
            app.doing = null
            resolve()
          }
        })
      }
      let drawn = 0
      const draw = () => void drawn++
      const pictures = new Pictures({
        draw,
        underWay: () => app.doing,
        show: () => undefined,
        isSame: () => false,
        onFault: fail,
      })
      return { app, does, pictures, drawn: () => drawn }
    }
    afterEach(() => {
      vi.useRealTimers()
    })

    it('come once it is done, and what it asked for as well', async () => {
      const { app, does, pictures, drawn } = withApp()
      does()
      pictures.changed()
      await vi.advanceTimersByTimeAsync(50)
      app.done()
      does()
      await vi.advanceTimersByTimeAsync(50)
      expect(drawn()).toBe(0)
      app.done()
      await vi.advanceTimersByTimeAsync(2)
      expect(drawn()).toBe(1)
      await vi.advanceTimersByTimeAsync(1000)
      expect(drawn()).toBe(1)
      pictures.close()
    })

    it('come after a quarter of a second at the latest, of changes that came meanwhile too', async () => {
      const { does, pictures, drawn } = withApp()
      does()
      pictures.changed()
      await vi.advanceTimersByTimeAsync(200)
      pictures.changed()
      expect(drawn()).toBe(0)
      await vi.advanceTimersByTimeAsync(52)
      expect(drawn()).toBe(1)
      pictures.changed()
      await vi.advanceTimersByTimeAsync(400)
      expect(drawn()).toBe(2)
      pictures.close()
    })

    it('come at once when it was given up, as by a lock', async () => {
      const { app, does, pictures, drawn } = withApp()
      does()
      pictures.changed()
      await vi.advanceTimersByTimeAsync(20)
      app.doing = null
      pictures.changed()
      await vi.advanceTimersByTimeAsync(2)
      expect(drawn()).toBe(1)
      pictures.close()
    })

    it('do not come any more once they are over', async () => {
      const { app, does, pictures, drawn } = withApp()
      does()
      pictures.changed()
      await vi.advanceTimersByTimeAsync(20)
      pictures.close()
      app.done()
      await vi.advanceTimersByTimeAsync(1000)
      expect(drawn()).toBe(0)
    })
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
      underWay: () => null,
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
