import { describe, expect, it } from 'vitest'
import type { Cast } from '../../shared/terminal/asciicast.ts'
import { endWords, stepsOf, timeText } from './player.ts'

const header = { env: { SHELL: '/bin/sh', TERM: 'xterm' }, height: 24, timestamp: 1, version: 2, width: 80 } as const
const cast = (events: Cast['events']): Cast => ({ header, events })

describe('playing a recording', () => {
  it('waits as long as it took, but never longer than people do', () => {
    const events = [0, 300, 900_000].map((at) => ({ at, type: 'output' as const, text: 'x' }))
    expect(stepsOf(cast(events)).map(({ wait, at }) => [wait, at])).toEqual([
      [0, 0],
      [300, 300],
      [2000, 900_000],
    ])
  })

  it('says of one without an end that it was cut off, and of others how they ended', () => {
    const shown = { at: 1, type: 'output' as const, text: 'x' }
    expect(endWords(cast([shown]))).toMatch(/^It was cut off/)
    expect(endWords(cast([]))).toMatch(/^It was cut off/)
    expect(endWords(cast([shown, { at: 2, type: 'end', why: 'exited' }]))).toBe('The shell ended by itself.')
  })

  it('says times in minutes and seconds', () => {
    expect([timeText(0), timeText(61_999), timeText(3_600_000)]).toEqual(['0:00', '1:01', '60:00'])
  })
})
