import { act } from 'react'
import { describe, expect, it } from 'vitest'
import type { StandingView } from '../../shared/views/device-views.ts'
import { appWith } from '../testing/app.ts'
import { button, freshPages, press, show } from '../testing/page.tsx'
import { memberSnapshot } from '../testing/snapshots.ts'
import { errorWords } from './error-words.ts'

freshPages()

const GO_ON = 'No other copy runs: go on with this folder'

async function shown(state: StandingView['state'], met: boolean, more: Partial<StandingView> = {}) {
  const standing = { state, met, logBroken: false, unread: null, ...more }
  const { app, main } = await appWith(memberSnapshot('raj', { standing }))
  await show(app)
  return { main, text: () => document.body.textContent ?? '' }
}

describe('a folder that may not be all that its device wrote', () => {
  it.each(['copied', 'older', 'forked', 'twin'] as const)('is named (%s), with what to do', async (state) => {
    const { text } = await shown(state, false)
    const { what, means, todo } = errorWords(state)
    for (const part of [what, means, todo]) expect(text()).toContain(part)
    expect(button(GO_ON)).toBeUndefined()
  })

  it.each(['copied', 'older'] as const)('waits for the others, then for its owner’s decision (%s)', async (state) => {
    const { main, text } = await shown(state, false)
    expect(text()).toContain('Waiting for another member’s device.')
    await act(async () => main.show({ standing: { state, met: true, logBroken: false, unread: null } }))
    await press(GO_ON)
    expect(main.calls.at(-1)?.channel).toBe('vault.goOn')
  })

  it.each(['forked', 'twin'] as const)('cannot be gone on with by a click (%s)', async (state) => {
    await shown(state, true)
    expect(button(GO_ON)).toBeUndefined()
  })

  it('says nothing while all is well, and who is asked after unlocking', async () => {
    const { main, text } = await shown('meeting', false)
    expect(text()).toContain('Asking the other devices whether they have anything newer')
    await act(async () => main.show({ standing: { state: 'current', met: true, logBroken: false, unread: null } }))
    expect(text()).not.toContain('Asking the other devices')
    expect(document.querySelectorAll('[role="alert"]')).toHaveLength(0)
  })

  it('keeps saying that its log does not go on from the one that others acknowledged', async () => {
    const { text } = await shown('current', true, { logBroken: true })
    expect(text()).toContain(errorWords('log-broken').what)
  })

  it('says nothing of its own while damage waits for a decision: that is asked where the damage is named', async () => {
    const { text } = await shown('damaged', false)
    expect(text()).not.toContain('Asking the other devices')
  })
})

describe('a log of which this version does not accept some entries', () => {
  const GO_WITHOUT = 'Go on without these entries'
  const unread = { entries: 2, because: 'expected a kind that is known', mayGoOn: true }

  it('is named with how many, why and what to do, and waits for its owner’s decision', async () => {
    const { main, text } = await shown('unread', true, { unread })
    const { what, means, todo } = errorWords('unread')
    for (const part of [what, means, todo, '2 entries', unread.because]) expect(text()).toContain(part)
    await press(GO_WITHOUT)
    expect(main.calls.at(-1)?.channel).toBe('vault.goOn')
    await act(async () => main.show({ standing: { state: 'current', met: true, logBroken: false, unread } }))
    expect(button(GO_WITHOUT)).toBeUndefined()
    // Decided, it stays in sight.
    for (const part of [errorWords('unread-left-out').what, '2 entries', unread.because]) expect(text()).toContain(part)
  })

  it('cannot be gone on with where a list of people may be among them', async () => {
    const { text } = await shown('unread', true, { unread: { ...unread, mayGoOn: false } })
    expect(text()).toContain('cannot go on without them')
    expect(button(GO_WITHOUT)).toBeUndefined()
  })
})
