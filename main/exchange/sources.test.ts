import { expect, it } from 'vitest'
import { DEFAULT_LIMITS } from './limits.ts'
import { Sources } from './sources.ts'

const LIMITS = {
  ...DEFAULT_LIMITS,
  strangersBurst: 2,
  strangersPerSecond: 0.001,
  newcomersBurst: 2,
  newcomersPerSecond: 0.001,
}

it('are newcomers until one of their connections is taken, and again ten seconds later', () => {
  let now = 0
  const sources = new Sources(LIMITS, () => now)
  // The first two are what all strangers share.
  expect(['a', 'b', 'a', 'c', 'c'].map((source) => sources.take(source))).toEqual([true, true, false, true, false])
  now = 9_999
  expect(sources.take('a')).toBe(false)
  now = 10_000
  expect(['a', 'b'].map((source) => sources.take(source))).toEqual([true, false])
})

it('that were let in are no strangers until one of theirs is not', () => {
  const sources = new Sources({ ...LIMITS, strangersBurst: 0, newcomersBurst: 0 }, () => 0)
  expect(sources.take('a')).toBe(false)
  sources.onJudged('a', true)
  expect(['a', 'b'].map((source) => sources.take(source))).toEqual([true, false])
  sources.onJudged('a', false)
  expect(sources.take('a')).toBe(false)
})
