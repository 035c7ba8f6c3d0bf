import { describe, expect, it } from 'vitest'
import { monthsBefore, utcWords } from './utc.ts'

describe('a time in words', () => {
  it.each([
    [Date.UTC(2026, 10, 2, 3, 4, 5, 999), '2026-11-02 03:04:05 UTC'],
    [8.64e15 + 1, '8640000000000001 ms after 1970'],
    [Number.NaN, 'NaN ms after 1970'],
  ])('of %d is “%s”', (ms, words) => {
    expect(utcWords(ms)).toBe(words)
  })
})

describe('months before a time', () => {
  it.each([
    ['2026-05-31T10:20:30.400Z', 3, '2026-02-28T10:20:30.400Z'],
    ['2028-02-29T00:00:00.000Z', 12, '2027-02-28T00:00:00.000Z'],
    ['2026-01-31T23:59:59.999Z', 2, '2025-11-30T23:59:59.999Z'],
    ['2026-11-28T14:00:00.000Z', 72, '2020-11-28T14:00:00.000Z'],
  ])('%s, %i of them, are %s', (now, months, then) => {
    expect(new Date(monthsBefore(Date.parse(now), months)).toISOString()).toBe(then)
  })
})
