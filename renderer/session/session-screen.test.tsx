import { act } from 'react'
import { describe, expect, it } from 'vitest'
import type { SessionView } from '../../shared/views/session-views.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { grantedCase } from '../testing/cases.ts'
import { button, freshPages, press, show } from '../testing/page.tsx'
import { digestId } from '../testing/people.ts'
import { memberSnapshot, session } from '../testing/snapshots.ts'

freshPages()

const FIRST = digestId('case ana')
const SECOND = digestId('case billing')

async function shown(sessions: readonly SessionView[]) {
  const billing = grantedCase(Date.now(), { id: SECOND, credential: 'billing-admin', what: 'Payments are stuck' })
  const { app, main } = await appWith(
    memberSnapshot('ana', { cases: [grantedCase(Date.now()), billing], sessions: [...sessions] }),
  )
  go(app.view, { screen: 'session', id: FIRST })
  await show(app)
  return main
}
const text = () => document.body.textContent ?? ''
const copies = (main: { calls: readonly { channel: string; request: unknown }[] }) =>
  main.calls.filter(({ channel }) => channel === 'sessions.copy').map(({ request }) => request)

describe('a session’s screen', () => {
  it.each([
    ['Copy as environment', 'environment'],
    ['Copy AWS CLI profile', 'profile'],
    ['Copy console link', 'console'],
  ])('%s: main puts it on the clipboard, of this case', async (name, as) => {
    const main = await shown([session(600_000)])
    await press(name)
    expect(copies(main)).toEqual([{ case: FIRST, as }])
  })

  it('says of a console link what clearing the clipboard does not take back, and of nothing else', async () => {
    await shown([session(600_000)])
    const says = 'Whoever has it can sign in with it for at most 15 minutes, and be there until the session ends.'
    await press('Copy as environment')
    expect(text()).not.toContain(says)
    await press('Copy console link')
    expect(text()).toContain(`Console link copied. ${says}`)
  })

  it('promises the clipboard no longer than it is kept', async () => {
    await shown([session(600_000, { clipboardUntil: Date.now() + 60_900 })])
    expect(text()).toContain('It is cleared in 60 s.')
  })

  it('shows the profile whole, and counts the programs that were given the session', async () => {
    const one = session(600_000)
    const main = await shown([one])
    expect(document.querySelector('pre')?.textContent).toBe(one.profile?.text)
    expect(text()).toContain('Not given to any program since Lockbox started.')
    const handedOut = { times: 3, last: Date.now() }
    await act(async () => main.show({ sessions: [{ ...one, handedOut }] }))
    expect(text()).toContain('Given to programs 3 times since Lockbox started, last at')
  })

  it('offers no profile where no program could be served', async () => {
    await shown([session(600_000, { profile: null })])
    expect(button('Copy AWS CLI profile')).toBeUndefined()
    expect(text()).toContain('No program can be given this session here.')
  })

  it('says which of several it is, leads to the others, and copies each of its own case', async () => {
    const other = session(300_000, { case: SECOND, accessKeyId: 'ASIAQ3EXAMPLE9R4TUVW' })
    const main = await shown([session(600_000), other])
    expect(text()).toContain('Another session is live')
    expect(text()).toContain('What you copy here is of prod-root')
    await press('Open billing-admin: Payments are stuck')
    expect(text()).toContain('What you copy here is of billing-admin: Payments are stuck')
    await press('Copy as environment')
    expect(copies(main)).toEqual([{ case: SECOND, as: 'environment' }])
  })

  it('never says of one that has not come yet that it was lost, nor offers it', async () => {
    const says = 'It opens by itself when it has come: keep Ana’s and Mia’s apps open and unlocked.'
    await shown([session(600_000, { state: 'coming', here: false, says })])
    expect(text()).toContain('Your session was issued, and is not here yet')
    expect(text()).toContain(says)
    expect(text()).not.toContain('cannot be confirmed')
    expect(button('Copy as environment')).toBeUndefined()
  })

  it('says nothing of sessions that are not live here', async () => {
    await shown([session(600_000), session(0, { case: SECOND, state: 'ended', here: false })])
    expect(text()).not.toContain('Another session is live')
  })
})
