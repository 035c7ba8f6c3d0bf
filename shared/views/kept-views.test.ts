import { beforeEach, describe, expect, it } from 'vitest'
import type { CaseRefusalCode } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { grantedCase, type Setup, setup } from '../testing/setup.ts'
import { KeptViews } from './kept-views.ts'
import { namesIn } from './people.ts'
import { timelineEntry, timelineOf } from './timeline.ts'
import { timesViewOf } from './times.ts'

let told: Setup
let request: VerifiedOf<'request'>
let kept: KeptViews
/** As an app has it, which makes it anew only where it has to. */
let org: Organization

beforeEach(async () => {
  told = await setup('alice', 'bob', 'carol', 'dave')
  ;({ request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob'))
  org = told.story.org()
  kept = new KeptViews()
})

/** A line as the next picture has it; it says what one says that is made anew. */
function line(stands = 'in no checkpoint', refused: CaseRefusalCode | null = null) {
  const context = { org, names: namesIn(org), stands: () => stands, came: () => null }
  const next = kept.lineOf(request, context, refused)
  expect(next).toEqual(timelineEntry(request, context, refused))
  return next
}

/** Another roster is in force from now on: it calls alice by another name. */
async function renameAlice(): Promise<void> {
  const { story } = told
  const { members } = org.head.roster
  const renamed = members.map((one) => (one.name === 'alice' ? { ...one, name: 'Alice B.' } : one))
  const draft = await story.draftRoster('alice', told.people, { members: renamed })
  for (const admin of ['alice', 'bob']) await story.endorse(admin, draft)
  org = story.org()
  expect(org.head.id).toBe(draft.id)
}

describe('a line of a timeline', () => {
  it('is the same in the next picture', () => {
    expect(line()).toBe(line())
    expect(line('in checkpoints of 2 devices')).toBe(line('in checkpoints of 2 devices'))
    expect(line('', 'not-active')).toBe(line('', 'not-active'))
  })

  it('is made anew once other devices vouch for its statement, each time', () => {
    const [none, one, two] = ['in no checkpoint', 'in a checkpoint of 1 device', 'in checkpoints of 2 devices'].map(
      (stands) => line(stands),
    )
    expect([none, one, two].map((each) => each?.proof.split(', ').at(-1))).toEqual([
      'in no checkpoint',
      'in a checkpoint of 1 device',
      'in checkpoints of 2 devices',
    ])
    expect(line('in no checkpoint').proof).toBe(none?.proof)
  })

  it('is made anew once the case refuses its statement, and once it does not any more', () => {
    expect(line('', null).refused).toBeNull()
    expect(line('', 'not-active').refused).toContain('no')
    expect(line('', 'own-request').refused).toContain('own request')
    expect(line('', null).refused).toBeNull()
  })

  it('is made anew once people are called otherwise', async () => {
    expect(line().person.name).toBe('alice')
    await renameAlice()
    expect(line().person.name).toBe('Alice B.')
  })
})

describe('the lines of a whole case', () => {
  it('are those that are made anew, and all of them the same in the next picture', () => {
    const one = told.story.case(request)
    const context = { org, names: namesIn(org), stands: (id: string) => `in ${id}`, came: () => null }
    const lines = () => timelineOf(one, one.timeline, { ...context, lineOf: kept.lineOf })
    const first = lines()
    expect(first).toEqual(timelineOf(one, one.timeline, context))
    expect(first.length).toBeGreaterThan(6)
    for (const [at, next] of lines().entries()) expect(next).toBe(first[at])
  })
})

describe('the times of a case', () => {
  it('are measured once, and anew where it or the people are others', async () => {
    const { story } = told
    let measured = 0
    const times = (one = story.case(request)) =>
      kept.timesOf(one, org, () => {
        measured++
        return timesViewOf(one, org.head.roster, namesIn(org))
      })
    const one = story.case(request)
    expect(times(one)).toBe(times(one))
    expect(measured).toBe(1)
    expect(times(one).end).toBeNull()
    await story.end('alice', one.grant?.statement as VerifiedOf<'grant'>, { how: 'done' })
    expect(times().end?.known).toBe('said')
    expect(times(one).asked.by.name).toBe('alice')
    await renameAlice()
    expect(times(one).asked.by.name).toBe('Alice B.')
  })
})
