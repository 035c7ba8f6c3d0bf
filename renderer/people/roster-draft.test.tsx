import { describe, expect, it } from 'vitest'
import type { RosterDraftView } from '../../shared/views/people-views.ts'
import { freshPages, open, part } from '../testing/page.tsx'
import { aloneSnapshot, founding } from '../testing/snapshots.ts'

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
