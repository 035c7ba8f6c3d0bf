import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { snapshotSchema } from '../shared/views/views.ts'
import { go } from './store/view-store.ts'
import { appWith } from './testing/app.ts'
import { askedCase, MAY_DECIDE } from './testing/cases.ts'
import { button, field, fill, freshPages, show } from './testing/page.tsx'
import { digestId } from './testing/people.ts'
import { closedSnapshot, memberSnapshot, plan } from './testing/snapshots.ts'
import { stories } from './testing/stories-list.ts'

freshPages()

describe('the window', () => {
  it.each(Object.keys(stories))('has a story of the contract’s shape: %s', (name) => {
    expect(snapshotSchema.safeParse(stories[name]?.snapshot()).success).toBe(true)
  })

  it('says the consequence in the button, and asks main for that very decision', async () => {
    const { app, main } = await appWith(memberSnapshot('raj', { cases: [askedCase(Date.now(), { mine: MAY_DECIDE })] }))
    await show(app)
    await act(async () => button('Approve 30 min of prod-root for Ana Costa')?.click())
    const request = { request: digestId('case ana'), verdict: 'approve', reason: '' }
    expect(main.calls.at(-1)).toEqual({ channel: 'cases.decide', request })
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain('Everything that is signed')
  })

  it('shows nothing of a case after the vault is locked', async () => {
    const { app, main } = await appWith(memberSnapshot('raj', { cases: [askedCase(Date.now(), { mine: MAY_DECIDE })] }))
    await show(app)
    expect(document.body.textContent).toContain('Okta has not answered')
    const { number: _, ...locked } = closedSnapshot('locked')
    await act(async () => main.show(locked))
    expect(document.body.textContent).toContain('Lockbox is locked')
    expect(document.body.innerHTML).not.toMatch(/Okta|prod-root/)
  })

  it('keeps a typed secret for one call alone: afterwards it is neither in the page nor in a store', async () => {
    const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
    const { app, main } = await appWith(memberSnapshot('ana'))
    go(app.view, { screen: 'deposit', plan: digestId('plan prod-root') })
    await show(app)
    await fill('Access key id', 'AKIAIOSFODNN7EXAMPLE')
    await fill('Secret access key', secret)
    await act(async () => button('Review and deposit with my key')?.click())
    const call = main.calls.find(({ channel }) => channel === 'credentials.deposit')
    expect(call?.request).toMatchObject({ key: { secretAccessKey: new TextEncoder().encode(secret) } })
    expect(field('Secret access key').value).toBe('')
    expect(document.documentElement.outerHTML).not.toContain(secret)
    expect(JSON.stringify([app.view.getState(), app.shown.getState(), app.desk.store.getState()])).not.toContain(secret)
  })

  it('sends the seed of the MFA device that the plan names, once, and sends nothing without it', async () => {
    const seed = 'gezd gnbv gy3t qojq'
    const mfa = 'arn:aws:iam::123456789012:mfa/emergency'
    const { app, main } = await appWith(memberSnapshot('ana', { plans: [plan('ana', { mfa })] }))
    go(app.view, { screen: 'deposit', plan: digestId('plan prod-root') })
    await show(app)
    await fill('Access key id', 'AKIAIOSFODNN7EXAMPLE')
    await fill('Secret access key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')
    await act(async () => button('Review and deposit with my key')?.click())
    expect(document.querySelector('.wrong-line')?.textContent).toContain('seed of the MFA device')
    expect(main.calls.filter(({ channel }) => channel === 'credentials.deposit')).toEqual([])
    await fill('Seed of the MFA device', seed)
    await act(async () => button('Review and deposit with my key')?.click())
    const call = main.calls.find(({ channel }) => channel === 'credentials.deposit')
    expect(call?.request).toMatchObject({ key: { mfaSeed: new TextEncoder().encode(seed) } })
    expect(document.documentElement.outerHTML).not.toContain(seed)
    expect(field('Seed of the MFA device').value).toBe('')
  })

  it.each(['none', 'locked'] as const)(
    'says before a key is asked for that it cannot ask for a PIN: %s',
    async (status) => {
      const says = 'npm start -- --shell=browser'
      const { app, main } = await appWith({ ...closedSnapshot(status), browserModeCommand: says })
      await show(app)
      expect(document.querySelector('.note code')?.textContent).toBe(says)
      expect(main.calls.filter(({ channel }) => channel.startsWith('vault.'))).toEqual([])
      await act(async () => main.show({ browserModeCommand: null }))
      expect(document.querySelector('.note code')).toBeNull()
    },
  )

  it('does not let a denial pass without a second look', async () => {
    const { app, main } = await appWith(memberSnapshot('raj', { cases: [askedCase(Date.now(), { mine: MAY_DECIDE })] }))
    await show(app)
    await act(async () => button('Deny…')?.click())
    expect(main.calls.some(({ channel }) => channel === 'cases.decide')).toBe(false)
    await act(async () => button('Deny 30 min of prod-root for Ana Costa')?.click())
    expect(main.calls.at(-1)).toMatchObject({ channel: 'cases.decide', request: { verdict: 'deny' } })
  })
})
