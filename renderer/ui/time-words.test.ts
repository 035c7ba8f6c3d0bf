import { describe, expect, it } from 'vitest'
import { durationWords, fullUtc, relative } from './time-words.ts'

const NOW = Date.UTC(2026, 10, 23, 14, 32, 8)
const MINUTE = 60_000

describe('times in words', () => {
  it.each([
    [NOW - 4 * MINUTE, '4 min ago'],
    [NOW - 30_000, 'just now'],
    [NOW + 30_000, 'in less than a minute'],
    [NOW + 12 * MINUTE, 'in 12 min'],
    [NOW + 90 * MINUTE, 'in 1 h 30 min'],
    [NOW + 26 * 60 * MINUTE, 'in 26 h'],
    [NOW - 12 * 24 * 60 * MINUTE, '12 days ago'],
  ])('%i reads %s', (at, words) => {
    expect(relative(at, NOW)).toBe(words)
  })

  it('are full UTC on hover', () => {
    expect(fullUtc(NOW)).toBe('2026-11-23 14:32:08 UTC')
  })

  it.each([
    [900, '15 min'],
    [3600, '1 h'],
    [5400, '1 h 30 min'],
  ])('%i s of access read %s', (seconds, words) => {
    expect(durationWords(seconds)).toBe(words)
  })
})
