import { describe, expect, it } from 'vitest'
import { atHandSince } from './case-log.ts'

describe('what is at hand', () => {
  it.each([
    ['2026-11-28T14:00:00Z', '2026-08-28'],
    ['2026-02-10T00:00:00Z', '2025-11-10'],
    ['2026-05-31T23:59:59Z', '2026-02-28'],
    ['2028-05-31T12:00:00Z', '2028-02-29'],
    ['2026-03-31T12:00:00Z', '2025-12-31'],
  ])('at %s begins on %s', (now, since) => {
    expect(new Date(atHandSince(Date.parse(now))).toISOString()).toBe(`${since}T00:00:00.000Z`)
  })
})
