import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { within } from './within.ts'

/** Until it is given up; says why. */
const forever = (both: AbortSignal) =>
  new Promise<string>((resolve) =>
    both.addEventListener('abort', () => resolve((both.reason as Error).name), { once: true }),
  )

describe('within', () => {
  // As a busy app collects: what nothing holds is gone before its time.
  let collecting: NodeJS.Timeout
  beforeEach(() => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collecting = setInterval(collect, 10)
  })
  afterEach(() => clearInterval(collecting))

  it('gives up after its time, however often memory is collected meanwhile', async () => {
    expect(await within(new AbortController().signal, 200, forever)).toBe('TimeoutError')
  })

  it('gives up when it is told to', async () => {
    const stop = new AbortController()
    const done = within(stop.signal, 60_000, forever)
    stop.abort()
    expect(await done).toBe('AbortError')
  })

  it('begins given up, where that was said before', async () => {
    const seen = await within(AbortSignal.abort(), 60_000, async (both) => both.aborted)
    expect(seen).toBe(true)
  })

  it('leaves nothing behind on the signal that outlives it', async () => {
    const { signal } = new AbortController()
    const taken = vi.spyOn(signal, 'removeEventListener')
    expect(await within(signal, 60_000, async () => 'done')).toBe('done')
    await expect(within(signal, 60_000, () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError)
    expect(taken).toHaveBeenCalledTimes(2)
  })
})
