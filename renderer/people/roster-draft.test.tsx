import { describe, expect, it } from 'vitest'
import type { RosterDraftView } from '../../shared/views/people-views.ts'
import { rostersToEndorse, waiting } from '../store/needs.ts'
import { freshPages, open, part } from '../testing/page.tsx'
import { everybody } from '../testing/people.ts'
import { aloneSnapshot, founding, memberSnapshot } from '../testing/snapshots.ts'

freshPages()

const NOBODY = { by: [], need: 3, met: false, mine: false }

async function shown(changes: Partial<RosterDraftView>): Promise<string> {
  const draft = founding('raj', { before: NOBODY, after: NOBODY, ...changes })
  await open(aloneSnapshot({ drafts: [draft] }), { screen: 'people' })
  return part(draft.genesis ? 'Founding of Northwind Trading' : 'Joining Northwind Trading')
}

describe('a draft in an app that belongs to no organization', () => {
  it.each([true, false])(
    'does not say that nobody endorsed it where that is not known (genesis: %s)',
    async (genesis) => {
      const text = await shown({ genesis, endorsersKnown: false })
      expect(text).toContain('Not known here who endorsed it')
      expect(text).toContain('it cannot check who endorsed it')
      expect(text).not.toMatch(/\d of \d/)
    },
  )

  it('says how many endorsed it where that is known', async () => {
    const text = await shown({ endorsersKnown: true })
    expect(text).toContain('Endorsed by 0 of 3 needed')
    expect(text).not.toContain('known here')
  })
})

describe('a draft beside another that follows the same list', () => {
  const change = (changes: Partial<RosterDraftView>) =>
    founding('raj', { before: NOBODY, after: NOBODY, genesis: false, ...changes })
  const see = async (changes: Partial<RosterDraftView>) => {
    await open(memberSnapshot('raj', { drafts: [change(changes)] }), { screen: 'people' })
    return part('Change of the people of Northwind Trading')
  }

  it('that was overtaken says so, and has nothing to endorse or hand over; nothing waits for its reader', async () => {
    const text = await see({ overtaken: true })
    expect(text).toContain('Another change came into force, and this one can no longer be endorsed here.')
    expect(text).toContain('Endorse it nowhere.')
    expect(text).not.toMatch(/Endorse this change|compared these aloud|read aloud|Save the draft/)
    const snapshot = memberSnapshot('raj', { drafts: [change({ overtaken: true })] })
    expect([waiting(snapshot)['people'], rostersToEndorse(snapshot)]).toEqual([0, []])
    expect(waiting(memberSnapshot('raj', { drafts: [change({})] }))['people']).toBe(1)
  })

  it('that its reader endorsed says what both together do, before this one is endorsed', async () => {
    const text = await see({ endorsedBeside: true })
    expect(text).toContain('You endorsed another change of the same list.')
    expect(text).toContain('the organization splits, and nobody can change people any more')
    expect(await see({ endorsedBeside: false })).not.toContain('another change')
  })
})

describe('a change of people', () => {
  it('asks nobody to endorse it whose endorsement counts nowhere, and says whose do', async () => {
    const draft = founding('kim', { before: NOBODY, after: NOBODY, genesis: false })
    const snapshot = memberSnapshot('kim', { drafts: [draft] })
    await open(snapshot, { screen: 'people' })
    const text = part('Change of the people of Northwind Trading')
    expect(text).toContain('Its admins of now and those to come endorse it. Nothing is wanted of you.')
    expect(text).not.toMatch(/Endorse this change|compared these aloud/)
    expect(waiting(snapshot)['people']).toBe(0)
  })

  it('asks whoever becomes an admin by it', async () => {
    const people = everybody('kim').map((one) => (one.me ? { ...one, roles: ['admin' as const] } : one))
    const snapshot = memberSnapshot('kim', {
      drafts: [founding('kim', { before: NOBODY, after: NOBODY, genesis: false, people })],
    })
    await open(snapshot, { screen: 'people' })
    expect(part('Change of the people of Northwind Trading')).toContain('Endorse this change')
    expect(waiting(snapshot)['people']).toBe(1)
  })
})
