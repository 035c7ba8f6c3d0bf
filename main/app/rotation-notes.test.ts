import { expect, it } from 'vitest'
import type { Notes } from './notes.ts'
import { tellOf } from './rotation-notes.ts'

const NOTHING = { alarms: [], unusable: null }

type Told = Parameters<typeof tellOf>[1]

function told(before: Told, now: Told): string[] {
  const whats: string[] = []
  tellOf({ add: (level, what) => whats.push(`${level}: ${what}`) }, before, now, () => [])
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

it('says of such a key whom to ask first, where another device may have made it', () => {
  const todos = ([[], ['Leo'], ['Leo', 'Mia']] as const).map((makers) => {
    let said = ''
    const notes: Pick<Notes, 'add'> = { add: (_level, _what, _means, todo) => void (said = todo) }
    tellOf(notes, NOTHING, { ...NOTHING, alarms: ['AKIAEXAMPLEEXAMPLE07'] }, () => makers)
    return /^.*?(?=,|\.)/.exec(said)?.[0]
  })
  expect(todos).toEqual(['Find out who made it', 'Ask Leo first', 'Ask Leo or Mia first'])
})
