import { expect, it } from 'vitest'
import { tellOf } from './rotation-notes.ts'

const NOTHING = { alarms: [], unusable: null }

function told(before: Parameters<typeof tellOf>[1], now: Parameters<typeof tellOf>[2]): string[] {
  const whats: string[] = []
  tellOf({ add: (level, what) => whats.push(`${level}: ${what}`) }, before, now)
  return whats
}

it('says loudly, and once while it lasts, that what the custodians hold does not work', () => {
  const broken = { alarms: [], unusable: 'AKIAEXAMPLEEXAMPLE02' }
  expect(told(NOTHING, broken)).toEqual([
    'danger: Emergencies would fail now: the key AKIAEXAMPLEEXAMPLE02 was deleted or turned off at AWS',
  ])
  expect([told(broken, broken), told(broken, NOTHING)]).toEqual([[], []])
})

it('names each key that nobody accounts for once', () => {
  const one = { ...NOTHING, alarms: ['AKIAEXAMPLEEXAMPLE07'] }
  const two = { ...NOTHING, alarms: ['AKIAEXAMPLEEXAMPLE07', 'AKIAEXAMPLEEXAMPLE08'] }
  expect(told(one, two)).toEqual(['danger: AWS has a key that nobody accounts for: AKIAEXAMPLEEXAMPLE08'])
  expect(told(two, one)).toEqual([])
})
