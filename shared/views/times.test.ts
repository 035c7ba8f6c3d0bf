import { describe, expect, it } from 'vitest'
import { lengthWords, stepsOf, type TimesView } from './times.ts'

const at = (ms: number, name = 'Ana') => ({ at: ms, by: { member: '', name } })
const times: TimesView = { asked: at(1000), quorum: null, access: null, end: null }

describe('lengths in words', () => {
  it.each([
    [0, 'under 1 s'],
    [999, 'under 1 s'],
    [40_999, '40 s'],
    [131_000, '2 min 11 s'],
    [120_000, '2 min'],
    [3_780_000, '1 h 3 min'],
    [47 * 3_600_000, '47 h'],
    [52 * 3_600_000, '2 days 4 h'],
  ])('%i ms: %s', (length, words) => {
    expect(lengthWords(length)).toBe(words)
  })
})

describe('the steps of a case', () => {
  it('are those that were taken, each with what it took since the one before', () => {
    expect(stepsOf(times)).toEqual([{ name: 'Asked', at: 1000, by: 'Ana', took: null }])
    const all = { ...times, quorum: at(41_000, 'Raj'), end: { ...at(101_000), known: 'said' as const } }
    expect(stepsOf(all).map(({ name, by, took }) => [name, by, took])).toEqual([
      ['Asked', 'Ana', null],
      ['Approved', 'Raj', 'after 40 s'],
      ['End', 'Ana', 'after 1 min'],
    ])
  })

  it('never took less than nothing: that the clocks do not agree is said', () => {
    expect(stepsOf({ ...times, quorum: at(-59_000) })[1]?.took).toBe('1 min earlier, since the clocks do not agree')
  })
})
