import { act } from 'react'
import { expect, it } from 'vitest'
import type { Step } from '../../shared/ceremony.ts'
import { appWith } from '../testing/app.ts'
import { askedCase } from '../testing/cases.ts'
import { freshPages, show } from '../testing/page.tsx'
import { closedSnapshot, readingSnapshot } from '../testing/snapshots.ts'

freshPages()

it('shows the newest cases of a log that is still being read, how far that is, and what waits for it', async () => {
  const { app } = await appWith(readingSnapshot([askedCase(0)]))
  await show(app)
  const text = document.body.textContent ?? ''
  expect(text).toContain('120,000 of 1,000,000 entries')
  expect(text).toContain('There may be more cases than stand here')
  expect(text).toMatch(/neither decides, signs, releases nor issues before everything is read/)
  expect(text).toContain('prod-root')
  expect(document.querySelector('progress')?.value).toBe(120_000)
})

it('offers nothing but to lock while a log is being read, and says of nothing that it needs nobody', async () => {
  const { app } = await appWith(readingSnapshot([]))
  await show(app)
  expect([...document.querySelectorAll('button')].map(({ textContent }) => textContent)).toEqual(['Lock'])
  expect(document.body.textContent).not.toMatch(/Nothing needs you|reachable|no case/i)
})

it('takes the panel of the touch away while the log that it unlocked is being read', async () => {
  const { app, main } = await appWith(closedSnapshot('locked'))
  void app.desk.run(new Promise<Step>(() => undefined), { doing: 'unlock Lockbox', draft: null })
  await show(app)
  expect(document.body.textContent).toContain('Working on it')
  const { number: _, ...reading } = readingSnapshot([askedCase(0)])
  await act(async () => main.show(reading))
  expect(document.body.textContent).not.toContain('Working on it')
  const { number: __, ...locked } = closedSnapshot('locked')
  await act(async () => main.show(locked))
  expect([app.desk.store.getState().at, document.body.textContent?.includes('prod-root')]).toEqual(['nothing', false])
})
