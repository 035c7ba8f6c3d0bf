import { describe, expect, it } from 'vitest'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { grantedCase } from '../testing/cases.ts'
import { button, freshPages, press, show } from '../testing/page.tsx'
import { digestId, ref } from '../testing/people.ts'
import { report } from '../testing/reports.ts'
import { memberSnapshot, session } from '../testing/snapshots.ts'

freshPages()

const CASE = digestId('case ana')
const text = () => document.body.textContent ?? ''
const recording = {
  id: digestId('recording'),
  person: ref('ana'),
  at: Date.now(),
  events: 6,
  parts: [digestId('part')],
}

describe('the recorded terminals of a case', () => {
  it('are named with who recorded them, and asked for when somebody wants to see one', async () => {
    const { app, main } = await appWith(
      memberSnapshot('kim', { cases: [grantedCase(Date.now(), { recordings: [recording] })] }),
      { 'terminals.recording': () => ({ text: 'no recording\n' }) },
    )
    go(app.view, { screen: 'case', id: CASE })
    await show(app)
    expect(text()).toContain('What a shell with the session showed, recorded by Ana Costa’s device')
    await press('Show the recording')
    expect(main.calls.filter(({ channel }) => channel.startsWith('terminals'))).toEqual([
      { channel: 'terminals.recording', request: { evidence: recording.id } },
    ])
    // What is none is refused by the window too, whoever handed it over.
    expect(text()).toContain('A record')
    expect(button('Play')).toBeUndefined()
  })

  it('are played in a report too, and on its paper are hashes and a word that says so', async () => {
    const one = grantedCase(Date.now(), { recordings: [recording] })
    const { app, main } = await appWith(memberSnapshot('kim', { cases: [one] }), {
      'log.caseReport': () => ({ ...report(), case: one }),
      'terminals.recording': () => ({ text: 'no recording\n' }),
    })
    go(app.view, { screen: 'report', id: CASE })
    await show(app)
    const shown = document.querySelector('[aria-label="Recorded terminal of Ana Costa"]')
    expect(shown?.querySelector('dd')?.textContent).toBe(digestId('part'))
    expect(shown?.querySelector('.only-paper')?.textContent).toContain('What it shows is not on this paper')
    await press('Show the recording')
    expect(main.calls).toContainEqual({ channel: 'terminals.recording', request: { evidence: recording.id } })
    expect(shown?.querySelector('.not-paper')?.textContent).toContain('A record')
  })

  it('are nothing where there is none', async () => {
    const { app } = await appWith(memberSnapshot('kim', { cases: [grantedCase(Date.now())] }))
    go(app.view, { screen: 'case', id: CASE })
    await show(app)
    expect(text()).not.toContain('Recorded terminals')
  })
})

describe('the session’s screen', () => {
  it('says what is recorded before a shell is opened, and why the last one ended', async () => {
    const says = 'The disk did not take the recording, so the shell was ended.'
    const { app } = await appWith(
      memberSnapshot('ana', {
        cases: [grantedCase(Date.now())],
        sessions: [session(600_000, { terminal: { isOpen: false, says } })],
      }),
    )
    go(app.view, { screen: 'session', id: CASE })
    await show(app)
    expect(text()).toContain(says)
    expect(text()).toContain('A password that does not show is not recorded.')
    expect(button('Open a recorded terminal')).toBeDefined()
  })

  it('leads nowhere once the session is over', async () => {
    const { app } = await appWith(memberSnapshot('ana', { cases: [grantedCase(Date.now())], sessions: [] }))
    go(app.view, { screen: 'terminal', id: CASE })
    await show(app)
    expect(text()).toContain('The session is over, and its shell with it')
  })
})
