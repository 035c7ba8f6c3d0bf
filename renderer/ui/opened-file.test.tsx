import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { LockboxError } from '../../shared/errors.ts'
import { appWith } from '../testing/app.ts'
import { button, freshPages, press, show } from '../testing/page.tsx'
import { memberSnapshot } from '../testing/snapshots.ts'

freshPages()

const opened = { number: 1, name: 'lockbox-2026-11-28.bundle' }
const text = () => document.body.textContent ?? ''

async function shown(answers: Parameters<typeof appWith>[1] = {}) {
  const { app, main } = await appWith(memberSnapshot('raj', { opened }), answers)
  await show(app)
  const asked = () => main.calls.map(({ channel }) => channel).filter((channel) => channel.startsWith('opened.'))
  return { main, asked }
}

describe('a file that was opened with Lockbox', () => {
  it('is named, and nothing is asked of main before its owner says what for', async () => {
    const { asked } = await shown()
    expect(text()).toContain(opened.name)
    expect(asked()).toEqual([])
  })

  it('is verified, and the report stands until it is closed', async () => {
    const { main, asked } = await shown({
      'opened.verify': () => ({ verdict: 'refuted', text: 'entry 7 does not hold' }),
      'opened.close': () => undefined,
    })
    await press('Verify the log')
    expect(text()).toContain('This file does not hold.')
    expect(text()).toContain('entry 7 does not hold')
    await press('Close the report')
    expect(asked()).toEqual(['opened.verify', 'opened.close'])
    await act(async () => main.show({ opened: null }))
    expect(text()).not.toContain(opened.name)
  })

  it('is taken in, and says what came of it', async () => {
    const { asked } = await shown({
      'opened.take': () => ({
        added: 3,
        known: 12,
        refused: 1,
        waiting: 0,
        cards: ['Leo'],
        draft: null,
        who: 'Raj',
        case: null,
      }),
      'opened.close': () => undefined,
    })
    await press('Take in the statements')
    expect(asked()).toEqual(['opened.take', 'opened.close'])
    expect(text()).toContain('Got Raj, got the card of Leo. 3 new, 12 known, 1 refused')
  })

  it('stays offered when it could not be read, with the reason', async () => {
    await shown({
      'opened.take': () => {
        throw new LockboxError('no-file', 'This is a link to another file, so it was not read. Open the file itself.')
      },
    })
    await press('Take in the statements')
    expect(text()).toContain('Open the file itself.')
    expect(button('Verify the log')).toBeDefined()
  })

  it('does not keep the report of the one before', async () => {
    const { main } = await shown({ 'opened.verify': () => ({ verdict: 'verified', text: 'all holds' }) })
    await press('Verify the log')
    await act(async () => main.show({ opened: { number: 2, name: 'other.bundle' } }))
    expect(text()).toContain('other.bundle')
    expect(text()).not.toContain('all holds')
  })
})
