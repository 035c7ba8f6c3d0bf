import { describe, expect, it } from 'vitest'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Route } from '../store/view-store.ts'
import { approvedCase, askedCase, MAY_DECIDE } from '../testing/cases.ts'
import { freshPages, open, part, press } from '../testing/page.tsx'
import { digestId } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'

freshPages()

const route: Route = { screen: 'case', id: digestId('case ana') }
const NOT_ACCEPTED: CaseView['mine']['withheld'] = {
  why: 'plan-not-accepted',
  of: digestId('plan prod-root'),
  says: 'You have not accepted this version of the plan.',
}

describe('an approval that brings no share', () => {
  it('is not called ready, and its plan is accepted from there', async () => {
    const mine = { ...MAY_DECIDE, decided: 'approve' as const, holdsShareUntil: Date.now() + 60_000 }
    await open(memberSnapshot('raj', { cases: [approvedCase(Date.now(), { mine })] }), route)
    expect(part('What is asked')).toContain('Your share is ready to release')

    const cases = [approvedCase(Date.now(), { mine: { ...mine, withheld: NOT_ACCEPTED } })]
    const { calls } = await open(memberSnapshot('raj', { cases }), route)
    expect(part('What is asked')).not.toContain('ready to release')
    expect(part('What is asked')).toContain(NOT_ACCEPTED?.says)
    await press('Accept the plan Identity provider down')
    expect(calls.find(({ channel }) => channel === 'endorse.draft')?.request).toEqual({
      of: digestId('plan prod-root'),
      compared: false,
    })
  })

  it('is told before it is given', async () => {
    const withheld = {
      why: 'share-not-proven',
      of: digestId('deposit 2'),
      says: 'You have not accepted your share of this key.',
    } as const
    const cases = [askedCase(Date.now(), { mine: { ...MAY_DECIDE, withheld } })]
    await open(memberSnapshot('raj', { cases }), { screen: 'now' })
    expect(document.body.textContent).toContain(withheld.says)
    await press('Accept it under Credentials')
    expect(document.querySelector('h1')?.textContent).toBe('1 plan is in effect')
  })

  it('makes approvals that are enough in number none that are enough', async () => {
    const quorum = { have: 3, need: 3, still: '1 more', met: true }
    await open(memberSnapshot('ana', { cases: [approvedCase(Date.now(), { quorum })] }), route)
    expect(part('Approvers')).toContain('approved, still needed: 1 more')
    expect(part('Approvers')).not.toContain('enough')
  })
})
