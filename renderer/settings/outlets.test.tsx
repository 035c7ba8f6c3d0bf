import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { outletForm } from '../../shared/outlets/settings.ts'
import type { OutletView } from '../../shared/views/outlets.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { outletView, someOutlets } from '../testing/outlets.ts'
import { button, fill, freshPages, open, part, press, show, tick } from '../testing/page.tsx'
import { memberSnapshot } from '../testing/snapshots.ts'
import { formatsFor, formOf, NEW_OUTLET, withVia } from './outlet-model.ts'
import { nextTryWords, progressWords } from './outlet-words.ts'

freshPages()

const settings = { screen: 'settings' } as const
const FAILING = { state: 'waiting', trouble: 'it answered 400', delivered: 204 } as const
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

describe('outlets in Settings', () => {
  it('each says how far it is, and why it waits', async () => {
    await open(memberSnapshot('ana', { outlets: someOutlets() }), settings)
    const list = part('Outlets')
    expect(list).toMatch(/Delivered 1,204 of 1,210 · last at [^·]+ · waiting: connection refused/)
    expect(list).toContain('Nothing is lost meanwhile.')
    expect(list).toContain('OCSF to https://lake.northwind.example/lockbox')
  })

  it('nobody claims that a datagram was delivered', () => {
    const now = Date.now()
    expect(progressWords(outletView({ via: 'udp', lastAt: null }), now)).toBe('Sent 214 of 214')
    expect(progressWords(outletView({ via: 'tcp', lastAt: null }), now)).toBe('Delivered 214 of 214')
  })

  it('does not count what never went out as delivered', () => {
    const now = Date.now()
    const words = (changes: Partial<OutletView>) => progressWords(outletView({ lastAt: null, ...changes }), now)
    expect(words({ delivered: 211, gone: 3 })).toBe(
      'Delivered 211 of 214 · 3 removed from this device before they went out',
    )
    expect(words({ delivered: 0, total: 0 })).toBe('Nothing has come since it was added')
  })

  it.each([
    [null, null, ''],
    ['connection refused', 42_000, 'Tries again by itself in 42 s. Nothing is lost meanwhile.'],
    ['connection refused', 150_000, 'Tries again by itself in 3 min. Nothing is lost meanwhile.'],
    ['connection refused', null, 'Trying again now.'],
  ])('says when it is tried again: %s, %s', (trouble, inMs, says) => {
    const since = trouble === null ? null : 0
    expect(nextTryWords(outletView({ trouble, since, nextTryAt: inMs }), 0)).toBe(says)
    expect(nextTryWords(outletView({ trouble }), 0)).toBe('')
  })

  it('adds what was typed', async () => {
    const main = await open(memberSnapshot('ana'), settings)
    await press('Add an outlet')
    await fill('Name of the outlet', ' SIEM ')
    await fill('Address of the receiver', 'siem.example:6514')
    await tick('what comes from now on')
    await press('Send the log there')
    const request = {
      name: 'SIEM',
      format: 'syslog',
      from: 'now',
      to: { via: 'tls', address: 'siem.example:6514', ca: null },
    }
    expect(main.calls.at(-1)).toEqual({ channel: 'outlets.add', request })
    expect(button('Add an outlet')).toBeDefined()
  })

  it('asks for nothing while a field is wrong, and says which', async () => {
    const main = await open(memberSnapshot('ana'), settings)
    await press('Add an outlet')
    await press('Send the log there')
    expect(main.calls.some(({ channel }) => channel === 'outlets.add')).toBe(false)
    expect(part('New outlet')).toContain('This is needed.')
  })

  it('shows a webhook’s secret once, and has it nowhere afterwards', async () => {
    const answers = { 'outlets.add': () => ({ id: outletView().id, secret: SECRET }) }
    const { app } = await appWith(memberSnapshot('ana'), answers)
    go(app.view, settings)
    await show(app)
    await press('Add an outlet')
    await fill('Way out', 'webhook')
    await fill('Name of the outlet', 'Lake')
    await fill('Address of the webhook', 'https://lake.example/')
    await press('Send the log there')
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain(SECRET)
    await press('I have stored it with the receiver')
    expect(document.documentElement.outerHTML).not.toContain(SECRET)
    expect(JSON.stringify([app.view.getState(), app.shown.getState()])).not.toContain(SECRET)
  })

  it('one that fails for long is told in Now and on the rail, and not one that just began to', async () => {
    const failing = (ms: number) =>
      memberSnapshot('ana', { outlets: [outletView({ ...FAILING, since: Date.now() - ms })] })
    await open(failing(20_000), { screen: 'now' })
    expect(document.body.textContent).not.toContain('The log does not get out')
    await open(failing(90_000), { screen: 'now' })
    expect(part('Main')).toContain('Settings1')
    expect(document.body.textContent).toMatch(/Nothing gets through since [\d:]+: it answered 400\. 10 entries wait/)
    await press('Open Settings')
    expect(part('Outlets')).toContain('Delivered 204 of 214')
  })

  it('tests one, and removes one after a second look', async () => {
    const main = await open(memberSnapshot('ana', { outlets: [outletView()] }), settings)
    await press('Test SIEM now')
    expect(main.calls.at(-1)).toEqual({ channel: 'outlets.tryNow', request: { id: outletView().id } })
    await press('Remove SIEM…')
    expect(main.calls.at(-1)?.channel).toBe('outlets.tryNow')
    await act(async () => button('Remove SIEM')?.click())
    expect(main.calls.at(-1)).toEqual({ channel: 'outlets.remove', request: { id: outletView().id } })
  })
})

describe('the form', () => {
  it.each(['udp', 'tcp', 'tls', 'webhook'] as const)('asks for what the contract takes: %s', (via) => {
    const draft = { ...withVia(NEW_OUTLET, via), name: 'x', address: via === 'webhook' ? 'https://a.example/' : 'a:1' }
    for (const [format] of formatsFor(via))
      expect(outletForm.safeParse(formOf({ ...draft, format })).success).toBe(true)
  })

  it('keeps a format that still travels, and changes one that does not', () => {
    expect(withVia({ ...NEW_OUTLET, format: 'cef' }, 'udp').format).toBe('cef')
    expect(withVia({ ...NEW_OUTLET, format: 'ocsf' }, 'udp').format).toBe('syslog')
    expect(withVia({ ...NEW_OUTLET, format: 'syslog' }, 'webhook').format).toBe('jsonl')
  })
})
