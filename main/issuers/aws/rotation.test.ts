import { describe, expect, it } from 'vitest'
import { askedAgain, type ListedKey, NO_PROGRESS, nextStep, type Progress, type RotationFacts } from './rotation.ts'

const at = 1_795_434_300_000
const listed = (accessKeyId: string, isActive = true, created = at - 86_400_000): ListedKey => ({
  accessKeyId,
  isActive,
  created,
})
const old = listed('old')
const fresh = listed('new', true, at)
const record: RotationFacts = {
  old: 'old',
  named: ['old'],
  sound: ['old'],
  next: [],
  isHeld: false,
  isOldNeeded: false,
  mayDelete: false,
}
/** A deposit names it that is not sound. */
const named: RotationFacts = { ...record, named: ['old', 'new'] }
/** A sound generation has it that cannot take the old one's place. */
const elsewhere: RotationFacts = { ...named, sound: ['old', 'new'] }
const dealt: RotationFacts = { ...elsewhere, next: ['new'] }
const held: RotationFacts = { ...dealt, isHeld: true }
const SEEN: Progress = { ...NO_PROGRESS, sawOld: true }
const asked: Progress = { ...SEEN, asked: { at, last: at + 60_000, before: ['old'] } }
const made: Progress = { ...SEEN, made: 'new' }
const tested: Progress = { ...made, isTested: true }
const retested: Progress = { ...tested, isRetested: true }

describe('the next step', () => {
  it.each<[string, RotationFacts, Progress, ListedKey[], boolean, object]>([
    ['creates a key beside the old one', record, SEEN, [old], false, { do: 'create' }],
    ['creates one where the old one is off', record, SEEN, [listed('old', false)], false, { do: 'create' }],
    ['creates one where there is none any more', record, SEEN, [], false, { do: 'create' }],
    ['creates one when no answer came and none was made', record, asked, [old], false, { do: 'create' }],
    ['discards what was made unheard', record, asked, [old, fresh], false, { do: 'discard', accessKeyId: 'new' }],
    ['tries the new one', record, made, [old, fresh], true, { do: 'test' }],
    ['tries the new one although it is not listed yet', record, made, [old], true, { do: 'test' }],
    [
      'discards the new one if its secret was lost',
      record,
      made,
      [old, fresh],
      false,
      { do: 'discard', accessKeyId: 'new' },
    ],
    [
      'discards it even if it had been tried',
      record,
      tested,
      [old, fresh],
      false,
      { do: 'discard', accessKeyId: 'new' },
    ],
    ['keeps one that was dealt, secret or not', dealt, tested, [old, fresh], false, { do: 'wait', for: 'custody' }],
    ['waits for custody of one that works', record, tested, [old, fresh], true, { do: 'wait', for: 'custody' }],
    ['tries one that is held and was never tried', held, made, [old, fresh], true, { do: 'test' }],
    [
      'turns the old one off once the new one works and is held',
      held,
      tested,
      [old, fresh],
      true,
      { do: 'deactivate' },
    ],
    ['tries again without the old one', held, tested, [listed('old', false), fresh], true, { do: 'retest' }],
    [
      'leaves the old one off for a while',
      held,
      retested,
      [listed('old', false), fresh],
      true,
      { do: 'wait', for: 'delay' },
    ],
    [
      'deletes the old one',
      { ...held, mayDelete: true },
      retested,
      [listed('old', false), fresh],
      true,
      { do: 'delete' },
    ],
    [
      'turns it off again if somebody turned it on',
      { ...held, mayDelete: true },
      retested,
      [old, fresh],
      true,
      { do: 'deactivate' },
    ],
    ['is done when the old one is gone', held, tested, [fresh], true, { do: 'done' }],
    ['is done when somebody else has replaced it', dealt, SEEN, [fresh], false, { do: 'done' }],
    [
      'turns the old one on again if the new one is gone',
      held,
      tested,
      [listed('old', false)],
      true,
      { do: 'reactivate' },
    ],
    [
      'turns it on again if the new one is off',
      held,
      tested,
      [listed('old', false), listed('new', false)],
      true,
      { do: 'reactivate' },
    ],
    [
      'turns the old one on again if too few hold the new one any more',
      { ...dealt, isOldNeeded: true },
      retested,
      [listed('old', false), fresh],
      true,
      { do: 'reactivate' },
    ],
    [
      'turns it on again also where another device had turned it off',
      { ...dealt, isOldNeeded: true },
      SEEN,
      [listed('old', false), fresh],
      false,
      { do: 'reactivate' },
    ],
    [
      'waits for custody then',
      { ...dealt, isOldNeeded: true },
      retested,
      [old, fresh],
      true,
      { do: 'wait', for: 'custody' },
    ],
    [
      'stops where another generation takes the room',
      dealt,
      SEEN,
      [old, fresh],
      false,
      { do: 'stuck', why: 'room-taken' },
    ],
    [
      'stops where a key takes the room that is of another credential, or older',
      elsewhere,
      SEEN,
      [old, fresh],
      false,
      { do: 'stuck', why: 'room-taken' },
    ],
    ['makes one beside one that was dealt and is off', dealt, SEEN, [listed('new', false)], false, { do: 'create' }],
    ['makes one beside such a key once the old one is gone', elsewhere, SEEN, [fresh], false, { do: 'create' }],
  ])('%s', (_, facts, progress, keys, hasSecret, step) => {
    expect(nextStep(facts, progress, keys, hasSecret)).toMatchObject({ step, alarms: [] })
  })
  it.each<[string, Progress, ListedKey]>([
    ['when none was ever asked for', SEEN, fresh],
    ['that was there before', { ...SEEN, asked: { at, last: at, before: ['old', 'new'] } }, fresh],
    ['that is older than the question', asked, listed('new', true, at - 5001)],
    ['that came when the last question was over', asked, listed('new', true, at + 75_001)],
    ['that is off', SEEN, listed('new', false, at)],
  ])('leaves a key that nobody accounts for to people: one %s', (_, progress, stranger) => {
    expect(nextStep(record, progress, [old, stranger], false)).toEqual({
      step: { do: 'stuck', why: 'no-room' },
      alarms: ['new'],
      unusable: null,
    })
  })
  it.each<[string, Progress, ListedKey[], boolean, object]>([
    ['makes another one if the new one is gone', tested, [old], true, { do: 'create' }],
    ['makes another one if it was never tried and cannot be', made, [old], false, { do: 'create' }],
    ['turns the old one on first', retested, [listed('old', false)], false, { do: 'reactivate' }],
    ['stops while it is off', tested, [old, listed('new', false)], true, { do: 'stuck', why: 'new-key-off' }],
    ['stops while the room is taken', tested, [old, listed('eve')], true, { do: 'stuck', why: 'no-room' }],
  ])('%s, and says that what people hold does not work', (_, progress, keys, hasSecret, step) => {
    expect(nextStep(held, progress, keys, hasSecret)).toMatchObject({ step, unusable: 'new' })
    expect(nextStep(dealt, progress, keys, hasSecret)).toMatchObject({ step, unusable: null })
  })
  it('goes on when the new one is on again', () => {
    expect(nextStep(held, tested, [old, fresh], false)).toMatchObject({ step: { do: 'deactivate' }, unusable: null })
  })
  it.each<[string, RotationFacts, Progress, ListedKey[]]>([
    ['nothing is there', record, NO_PROGRESS, []],
    ['somebody else has replaced it', dealt, NO_PROGRESS, [fresh]],
    ['the new one works and is held', held, { ...retested, sawOld: false }, [fresh]],
    ['one was lost', dealt, { ...asked, sawOld: false }, [fresh, listed('lost', true, at)]],
  ])('does nothing where the old key was never one of the user’s, although %s', (_, facts, progress, keys) => {
    expect(nextStep(facts, progress, keys, true).step).toEqual({ do: 'stuck', why: 'old-not-listed' })
    expect(nextStep(facts, { ...progress, sawOld: true }, keys, true).step.do).not.toBe('stuck')
    expect(nextStep(facts, progress, [...keys, old], true).step.do).not.toBe('done')
  })
  it('discards nothing while no other key that a deposit names is on, makes one beside it, and tells of it', () => {
    const off = listed('old', false)
    for (const [progress, keys] of [
      [asked, [off, fresh]],
      [made, [off, fresh]],
      [asked, [listed('eve', true), fresh]],
    ] as const)
      expect(nextStep(record, progress, keys, false)).toMatchObject({
        step: { do: 'stuck', why: 'no-room' },
        alarms: expect.arrayContaining(['new']) as unknown,
      })
    expect(nextStep(record, asked, [fresh], false)).toMatchObject({ step: { do: 'create' }, alarms: ['new'] })
    expect(nextStep(record, asked, [old, listed('new', true, at + 75_000)], false).step).toMatchObject({
      do: 'discard',
    })
  })
  it.each<[string, Progress, ListedKey[], boolean, object]>([
    ['it takes the room', SEEN, [old, fresh], false, { do: 'stuck', why: 'no-room' }],
    ['it may have been made unheard', asked, [old, fresh], false, { do: 'stuck', why: 'no-room' }],
    ['its secret was lost here', tested, [old, fresh], false, { do: 'stuck', why: 'no-room' }],
    ['the old one is gone', SEEN, [fresh], false, { do: 'create' }],
  ])(
    'tells of a key that only a deposit names that is not sound, and leaves it alone: %s',
    (_, progress, keys, has, step) => {
      expect(nextStep(named, progress, keys, has)).toEqual({ step, alarms: ['new'], unusable: null })
    },
  )
  it('takes no such key for another one that works', () => {
    const facts = { ...record, named: ['old', 'eve'] }
    const keys = [listed('old', false), listed('eve'), fresh]
    expect(nextStep(facts, asked, keys, false)).toMatchObject({ step: { do: 'stuck' }, alarms: ['eve', 'new'] })
  })
  it('tells of a stranger also while it goes on', () => {
    expect(nextStep(held, tested, [listed('eve'), fresh], true)).toMatchObject({
      step: { do: 'done' },
      alarms: ['eve'],
    })
  })
})

describe('a question that is put again', () => {
  it('keeps when it was put first, and counts what came meanwhile, but what it may have made, to what was there before', () => {
    const later = at + 86_400_000
    expect(askedAgain(NO_PROGRESS, [old], at)).toEqual({ at, last: at, before: ['old'] })
    const eve = listed('eve', true, at + 80_000)
    const again = askedAgain(asked, [fresh, eve], later)
    expect(again).toEqual({ at, last: later, before: ['old', 'eve'] })
    expect(nextStep(record, { ...asked, asked: again }, [old, eve], false)).toMatchObject({ alarms: ['eve'] })
  })
})
