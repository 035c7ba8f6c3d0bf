import { expect, it } from 'vitest'
import { appWith } from '../testing/app.ts'
import { freshPages, show } from '../testing/page.tsx'
import { closedSnapshot } from '../testing/snapshots.ts'

freshPages()

const quiet = { hears: true, failure: null, count: 0, urgentSince: null }

it.each([
  [
    'that a request waits, and since when',
    { ...quiet, count: 2, urgentSince: Date.now() - 125_000 },
    /A break-glass request waits for you\.It came .*2 min.* ago, while Lockbox was locked/,
  ],
  ['that its owner will be called', quiet, /If a request comes that waits for you, you are called/],
  ['how much came', { ...quiet, count: 1 }, /1 statement came while it was locked/],
  [
    'that it hears nothing, and why',
    { ...quiet, hears: false, failure: 'the port is taken' },
    /hears of no request.*stay where you can be called.*the port is taken/,
  ],
  [
    'that the disk keeps nothing, and that its owner is called all the same',
    { ...quiet, failure: 'the disk does not keep what comes (ENOSPC)' },
    /does not keep what comes.*you are called.*make room/,
  ],
])('a locked window says %s', async (_what, mail, words) => {
  const { app } = await appWith(closedSnapshot('locked', { mail }))
  await show(app)
  expect(document.body.textContent).toMatch(words)
})

it('says nothing of calling where it does not listen', async () => {
  const { app } = await appWith(closedSnapshot('locked', { mail: { ...quiet, hears: false } }))
  await show(app)
  expect(document.body.textContent).not.toMatch(/called|request/)
})

it('a locked window says that a share waits, until when, and that it is not released before unlocking', async () => {
  const until = new Date(2026, 2, 1, 3, 42).getTime()
  const { app } = await appWith(closedSnapshot('locked', { shareUntil: until }))
  await show(app)
  expect(document.body.textContent).toMatch(/your share waits until you unlock\..*A locked Lockbox releases nothing\./)
  expect(document.querySelector('time')?.dateTime).toBe(new Date(until).toISOString())
})

it('says nothing of a share where none is held', async () => {
  const { app } = await appWith(closedSnapshot('locked', { mail: quiet }))
  await show(app)
  expect(document.body.textContent).not.toMatch(/share/)
})
