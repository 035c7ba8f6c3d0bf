import { describe, expect, it } from 'vitest'
import { skewFrom } from './skew.ts'

const SENT = Date.UTC(2026, 10, 2, 3)

describe('the difference between the service’s clock and ours', () => {
  it.each([
    ['the middle of the round trip, half a second on', 'Mon, 02 Nov 2026 03:00:10 GMT', 10_000],
    ['no header', undefined, null],
    ['no date', 'soon', null],
    ['a date that no clock shows, and that no grant could carry', '+012000-01-01T00:00:00Z', null],
  ])('of %s', (_, date, expected) => {
    expect(skewFrom(date, SENT, SENT + 1000)).toBe(expected)
  })
})
