import { describe, expect, it, vi } from 'vitest'
import type { Endpoint } from './client.ts'
import { type Answered, askRegions } from './failover.ts'
import type { Failure } from './failure.ts'

const regions: readonly Endpoint[] = ['one', 'two', 'three'].map((region) => ({
  region,
  endpoint: `https://${region}`,
}))
const good = { good: 'session', skewMs: null }
const fails = (failure: Partial<Failure> = {}): Answered<string> => ({
  failure: { code: 'unreachable', mayExist: false, elsewhere: true, words: '', ...failure },
  skewMs: null,
})
/** An answer of each region after so many milliseconds; null for one that says nothing until it is given up. */
function scene(answers: Readonly<Record<string, readonly [number, Answered<string>] | null>>) {
  const begun: [string, number][] = []
  const started = Date.now()
  const run = askRegions<string>(
    regions.filter(({ region }) => region in answers),
    ({ region }, signal) => {
      begun.push([region, Date.now() - started])
      const [ms, answer] = answers[region] ?? [60_000, fails({ code: 'timed-out', mayExist: true })]
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(answer), ms)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve(fails({ code: 'timed-out', mayExist: true }))
        })
      })
    },
    1800,
  )
  return { begun, run }
}

async function timed<Result>(run: Promise<Result>): Promise<{ result: Result; tookMs: number }> {
  const started = Date.now()
  const done = run.then((result) => ({ result, tookMs: Date.now() - started }))
  await vi.runAllTimersAsync()
  return done
}

describe('asking several regions', () => {
  it('costs 1.8 s when the first is dead without a word', async () => {
    vi.useFakeTimers()
    const { run } = scene({ one: null, two: [300, good] })
    const { result, tookMs } = await timed(run)
    vi.useRealTimers()
    expect(tookMs).toBe(2100)
    expect(result.got?.at.region).toBe('two')
    expect(result.attempted).toMatchObject([{ region: 'one', outcome: 'timed-out', mayExist: true }])
  })
  it('still takes the answer of a region that is only slow', async () => {
    vi.useFakeTimers()
    const { run, begun } = scene({ one: [2500, good], two: [4000, good] })
    const { result, tookMs } = await timed(run)
    vi.useRealTimers()
    expect([tookMs, result.got?.at.region]).toEqual([2500, 'one'])
    expect(begun.map(([region]) => region)).toEqual(['one', 'two'])
  })
  it('goes on at once when a region fails, and does not wait for patience', async () => {
    vi.useFakeTimers()
    const { run } = scene({ one: [10, fails()], two: [10, fails({ code: 'throttled' })], three: [10, good] })
    const { result, tookMs } = await timed(run)
    vi.useRealTimers()
    expect(tookMs).toBe(30)
    expect(result.attempted.map(({ outcome }) => outcome)).toEqual(['unreachable', 'throttled'])
  })
  it('ends with a refusal that would be the same everywhere, and names who said nothing', async () => {
    vi.useFakeTimers()
    const { run, begun } = scene({
      one: null,
      two: [100, fails({ code: 'denied', elsewhere: false })],
      three: [1, good],
    })
    const { result } = await timed(run)
    vi.useRealTimers()
    expect(result).toMatchObject({ got: null, failure: { code: 'denied' } })
    expect(result.attempted).toMatchObject([
      { region: 'one', mayExist: true },
      { region: 'two', outcome: 'denied', mayExist: false },
    ])
    expect(begun).toHaveLength(2)
  })
  it('asks nobody before patience is over', async () => {
    vi.useFakeTimers()
    const { run, begun } = scene({ one: [1700, good], two: [1, good] })
    const { result } = await timed(run)
    vi.useRealTimers()
    expect(result.attempted).toEqual([])
    expect(begun).toHaveLength(1)
  })
})
