import { describe, expect, it } from 'vitest'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Route } from '../store/view-store.ts'
import { MAY_DECIDE } from '../testing/cases.ts'
import { button, freshPages, open, part, press } from '../testing/page.tsx'
import { digestId, ref } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'
import { endedCase } from '../testing/stories-cases.ts'
import { NOBODY, replacingCase, rotationCase } from '../testing/stories-replacing.ts'

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
  it('is said to wait for a rotation where nobody has what may replace it, which whoever may ask asks for', async () => {
    const { calls } = await screen(replacingCase(now, NOBODY))
    expect(part('Replacing the key')).toContain('Nobody has what may replace the key.')
    await press('Ask for a rotation of prod-root…')
    expect(calls.filter(({ channel }) => channel === 'cases.askToRotate')).toMatchObject([
      { request: { request: digestId('case ana') } },
    ])
  })
  it('says to others who may ask for a rotation, or which case is about to bring one', async () => {
    const asks = { may: false, why: 'No plan lets you ask.', who: [ref('ana')], onItsWay: null, asked: null }
    await screen(replacingCase(now, { ...NOBODY, asks }))
    expect(part('Replacing the key')).toContain('No plan lets you ask. These may ask: Ana Costa.')
    expect(button('Ask for a rotation of prod-root…')).toBeUndefined()
    await screen(replacingCase(now, { ...NOBODY, asks: { ...asks, onItsWay: digestId('case rotation') } }))
    expect(part('Replacing the key')).toContain('Another case is about to bring it.')
    await press('Open that case')
    expect(part('Replacing the key')).toBe('')
  })
  it('says that a rotation was asked for and is not approved, which takes the offer from nobody', async () => {
    const asks = { may: true, why: null, who: [ref('raj')], onItsWay: null, asked: digestId('case rotation') }
    await screen(replacingCase(now, { ...NOBODY, asks }))
    expect(part('Replacing the key')).toContain('Nobody has what may replace the key.')
    expect(part('Replacing the key')).toContain('A rotation was asked for; it is not approved yet.')
    expect(button('Ask for a rotation of prod-root…')).toBeDefined()
    await press('Open that case')
    expect(part('Replacing the key')).toBe('')
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
  it('is said to be replaced on another device too: since when, until when, and who is to be asked before anything is deleted', async () => {
    const alarms = ['AKIAQ3EXAMPLERUTHS01']
    const also = { person: ref('ruth'), at: now - 60_000, until: now + 3_600_000, key: 'none' as const }
    await screen(
      replacingCase(now, { at: 'make', may: null, also, begun: { person: ref('ruth'), at: also.at }, alarms }),
    )
    expect(part('Replacing the key')).toMatch(/Ruth Díaz’s device began at .*, and can go on until/)
    expect(part('Replacing the key')).not.toContain('Begun by')
    expect(part('Replacing the key')).toContain('Ask Ruth Díaz first, whose device began to replace the key as well')
    // What it made is deposited, so this is another.
    await screen(replacingCase(now, { at: 'custody', may: null, also: { ...also, key: 'other' }, alarms }))
    expect(part('Replacing the key')).toContain('Find out who made it')
    expect(part('Replacing the key')).not.toContain('first, whose device')
    const begun = { person: ref('raj'), at: now }
    await screen(replacingCase(now, { at: 'make', may: null, also, begun }))
    expect(part('Replacing the key')).toMatch(/Ruth Díaz’s device began at .*Begun by Raj Patel at/)
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
    await screen(replacingCase(now, { at: 'switch' }), { screen: 'now' })
    expect(part('Still owed')).toContain('Go on replacing the key')
  })
  it('waits for a rotation under Now, where nobody has what may replace it', async () => {
    await screen(replacingCase(now, NOBODY), { screen: 'now' })
    expect(document.querySelector('h1')?.textContent).toBe('Nobody has what may replace the key that was used')
    expect(part('Still owed')).toContain('Ask for a rotation')
  })
})

describe('a rotation', () => {
  const facts = () => document.querySelector('.request')?.textContent ?? ''
  it('is shown to whoever decides as no access, with what it gives and for which cases', async () => {
    await screen(rotationCase(now, { mine: MAY_DECIDE }), { screen: 'case', id: digestId('case rotation') })
    expect(facts()).toContain('No access · rotation')
    expect(facts()).toContain('for admins. No access.Not for Ana Costa.')
    expect(facts()).toContain('goes to nobody')
    expect(facts()).toMatch(/It is for the key used in Ana Costa’s case of/)
    expect(button('Approve a rotation of prod-root, without access')).toBeDefined()
  })
  it('that is not needed as this app sees it is to be asked about', async () => {
    const decide = async (already: CaseView['already'], changes: Partial<CaseView> = {}) => {
      const one = rotationCase(now, { mine: MAY_DECIDE, already, ...changes })
      await screen(one, { screen: 'case', id: one.id })
      return [...document.querySelectorAll('.request strong')].map(({ textContent }) => textContent).slice(1)
    }
    const rajHasIt = { by: [ref('raj')], onItsWay: null }
    expect(await decide({ by: [], onItsWay: null })).toEqual([])
    expect(await decide(rajHasIt)).toEqual([' Raj Patel already has what may replace it: ask why.'])
    expect(await decide({ by: [], onItsWay: digestId('case other') })).toEqual([
      ' Another case is about to bring what may replace it: ask why.',
    ])
    expect(await decide(rajHasIt, { state: 'granted' })).toEqual([])
  })
  it('whose session was handed over is told of as the access that it is', async () => {
    const shown = async (forNobody: boolean) => {
      const one = rotationCase(now, { state: 'granted', outcome: 'granted', forNobody })
      await screen(one, { screen: 'case', id: one.id })
      return document.body.textContent
    }
    expect(await shown(true)).toContain('Issued, no access')
    expect(await shown(false)).toContain('Session live')
    expect(document.body.textContent).not.toContain('Issued, no access')
    expect(facts()).not.toMatch(/No access|goes to nobody/)
    expect(facts()).toContain('15 min · rotation')
  })
  it('that would replace no key as this app sees it is to be asked about', async () => {
    await screen(rotationCase(now, { mine: MAY_DECIDE, replaces: [] }), {
      screen: 'case',
      id: digestId('case rotation'),
    })
    expect(facts()).toContain('No case here has a used key to replace with it: ask why.')
  })
})
