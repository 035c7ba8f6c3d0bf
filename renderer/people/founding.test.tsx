import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { LockboxError } from '../../shared/errors.ts'
import { type FileReceipt, NOTHING_TAKEN } from '../../shared/ipc-values.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import type { FakeMain } from '../testing/fake-main.ts'
import { freshPages, show } from '../testing/page.tsx'
import { aloneSnapshot } from '../testing/snapshots.ts'

freshPages()

const HERE = 'The draft is here.'
const text = () => document.body.textContent ?? ''

/** The window of somebody who belongs to nothing, who opens a file as a draft; main says what was in it. */
async function opened(answer: () => FileReceipt): Promise<FakeMain> {
  const { app, main } = await appWith(aloneSnapshot(), { 'exchange.readFile': answer })
  go(app.view, { screen: 'people' })
  await show(app)
  const input = document.querySelector<HTMLInputElement>('input[aria-label="Open a draft: file"]')
  if (input === null) throw new Error('there is no way to open a draft')
  Object.defineProperty(input, 'files', { value: [new File([Uint8Array.of(1, 2, 3)], 'northwind.lockbox')] })
  await act(async () => {
    input.dispatchEvent(new Event('change', { bubbles: true }))
    await new Promise((resolve) => setTimeout(resolve))
  })
  return main
}

describe('a file that is opened as a draft', () => {
  it('is read as any other, and is said to be one if a draft was in it', async () => {
    const main = await opened(() => ({ ...NOTHING_TAKEN, draft: 'Northwind Trading' }))
    expect(main.calls.filter(({ channel }) => channel === 'exchange.readFile')).toMatchObject([
      { request: { name: 'northwind.lockbox', bytes: Uint8Array.of(1, 2, 3) } },
    ])
    expect(text()).toContain(`${HERE} Compare its words aloud, then endorse it.`)
  })

  it.each([
    ['a card', { cards: ['Raj Patel'] }, 'Got the card of Raj Patel. 0 new'],
    ['endorsements that wait', { waiting: 2 }, '0 new, 0 known, 0 refused, 2 waiting for others.'],
    ['nothing that holds', { refused: 1 }, '0 new, 0 known, 1 refused'],
  ])('is not said to be one if there was %s in it, but what there was', async (_what, found, words) => {
    await opened(() => ({ ...NOTHING_TAKEN, ...found }))
    expect(text()).toContain(words)
    expect(text()).not.toContain(HERE)
  })

  it('is named with the reason if it could not be read', async () => {
    await opened(() => {
      throw new LockboxError('too-many-rosters', 'This draft has 257 lists of people.')
    })
    expect(text()).toContain('257 lists of people.Nothing of it was kept.Ask whoever gave it to you.')
    expect(text()).not.toContain(HERE)
  })
})
