import { describe, expect, it } from 'vitest'
import type { CaseView } from '../../shared/views/views.ts'
import type { Route } from '../store/view-store.ts'
import { freshPages, open, part, press } from '../testing/page.tsx'
import { digestId } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'
import { endedCase } from '../testing/stories-cases.ts'
import { replacingCase } from '../testing/stories-replacing.ts'

freshPages()

const route: Route = { screen: 'case', id: digestId('case ana') }
const screen = (one: CaseView, at: Route = route) => open(memberSnapshot('raj', { cases: [one] }), at)
const now = Date.now()

describe('the key that a case used', () => {
  it('is replaced by a touch of whoever has what may replace it', async () => {
    const { calls } = await screen(replacingCase(now))
    expect(part('Replacing the key')).toContain('The key that was used still works.')
    await press('Replace the key now')
    expect(calls.filter(({ channel }) => channel === 'cases.replaceKey')).toMatchObject([
      { request: { request: digestId('case ana') } },
    ])
  })
  it('is deposited by a second one', async () => {
    const { calls } = await screen(replacingCase(now, { at: 'deposit', may: 'deposit' }))
    await press('Deposit the new key')
    expect(calls.map(({ channel }) => channel)).toContain('cases.depositNewKey')
  })
  it('offers others no touch, and says who has what may replace it', async () => {
    await screen(replacingCase(now, { may: null }))
    expect(part('Replacing the key')).toContain('These have what may replace it: Raj Patel, Ruth Díaz')
    expect(document.body.textContent).not.toContain('Replace the key now')
  })
  it('is not said to be gone while it is only off', async () => {
    const offAt = now - 60_000
    await screen(replacingCase(now, { at: 'delete', may: null, offAt, deletesAt: offAt + 3_600_000 }))
    const steps = [...document.querySelectorAll('ol[aria-label=Steps] li')].map(({ textContent }) => textContent ?? '')
    expect(steps.map((step) => /^(Done|Now|Later)/.exec(step)?.[0])).toEqual(['Done', 'Done', 'Done', 'Now'])
    expect(steps[3]).toMatch(/switched off.*then deleted/)
  })
  it('names a key that nobody accounts for', async () => {
    await screen(replacingCase(now, { alarms: ['AKIAQ3EXAMPLEALIEN01'] }))
    expect(part('Replacing the key')).toContain('AWS has a key that nobody accounts for: AKIAQ3EXAMPLEALIEN01.')
  })
  it('is replaced by hand where the plan names no role for it, which is said step by step', async () => {
    await screen(endedCase(now, { rotation: null }))
    expect(part('Replacing the key')).toContain('In AWS, switch the old key off')
    await screen(endedCase(now, { rotation: null, obligations: [] }))
    expect(document.body.textContent).not.toContain('Replacing the key')
  })
  it('waits under Now for whoever may do it', async () => {
    await screen(replacingCase(now), { screen: 'now' })
    expect(document.querySelector('h1')?.textContent).toBe('The key that was used is to be replaced')
    expect(part('Still owed')).toContain('Replace the key now')
  })
})
