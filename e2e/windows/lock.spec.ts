import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { WindowActor } from '../drill/window-actor.ts'
import { go } from '../drill/window-hands.ts'
import { type RunningApp, startApp } from '../driver.ts'
import { axeFindsNothing } from './axe.ts'
import { BACKUP, Hand, MAIN } from './hand.ts'

// Lock by button, screen lock, suspend and quit, in the real app; idle time is in break-glass.spec.ts, which has to wait
// for a minute anyway. Sleep takes as long as it takes, so a copy of the app sleeps while the first one is locked and
// unlocked by all other ways.

test.describe.configure({ mode: 'serial' })

const WORDS = ['--listen=127.0.0.1', '--no-discovery']
let dir: string
let app: RunningApp
let hand: Hand
let asleep: Copy
let sleptAt = 0

interface Copy {
  readonly app: RunningApp
  readonly hand: Hand
}

const main = (page: Page) => page.getByRole('navigation', { name: 'Main' })
const isOpen = (page: Page) => expect(main(page)).toBeVisible()

/** The window says that it is locked and why, and shows nothing else of what was there. */
async function isLocked(page: Page, why: string | RegExp): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Lockbox is locked' })).toBeVisible()
  await expect(page.locator('body')).toContainText(why)
  await expect(main(page)).toHaveCount(0)
  await expect(page.getByRole('dialog')).toHaveCount(0)
}

async function unlock(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Unlock with my key' }).click()
  await isOpen(page)
}

/** Leaves something behind in the window: a screen, a typed text, and a mark that only this document has. */
async function leaveTraces(page: Page): Promise<void> {
  await go(page, 'People')
  await page.getByLabel('Organization name').fill('Typed before the lock')
  await page.evaluate(() => Object.assign(globalThis, { ofTheOldDocument: 'still here' }))
}

/** The document is another one, in another process, and nothing of before is in it. */
async function isReplaced(page: Page): Promise<void> {
  expect(await page.evaluate(() => 'ofTheOldDocument' in globalThis)).toBe(false)
  expect(await page.content()).not.toContain('Typed before the lock')
}

/** After unlocking, the window begins at the start, with empty stores. */
async function beginsAnew(page: Page): Promise<void> {
  await expect(main(page).getByRole('button', { name: /^Now/ })).toHaveAttribute('aria-current', 'page')
  await go(page, 'People')
  await expect(page.getByLabel('Organization name')).toHaveValue('')
}

test.beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockbox-lock-'))
  const profile = join(dir, 'first')
  const file = join(dir, 'keys.json')
  app = await startApp({ profile, words: WORDS })
  hand = new Hand('Ana Ruiz', file)
  await hand.sitDown(app)
  await app.page.getByLabel('Your name').fill('Ana Ruiz')
  await app.page.getByLabel('Name of this device').fill('Ana’s laptop')
  await app.page.getByRole('button', { name: 'Enrol both keys' }).click()
  await isOpen(app.page)
  await app.close()
  await cp(profile, join(dir, 'asleep'), { recursive: true })
  asleep = {
    app: await startApp({ profile: join(dir, 'asleep'), words: WORDS }),
    hand: new Hand('Ana Ruiz', file),
  }
  await asleep.hand.sitDown(asleep.app)
  await unlock(asleep.app.page)
  app = await startApp({ profile, words: WORDS })
  hand = new Hand('Ana Ruiz', file)
  await hand.sitDown(app)
})
test.afterAll(async () => {
  asleep.app.process.kill('SIGCONT')
  await Promise.all([app, asleep.app].map((one) => one.close()))
  await rm(dir, { recursive: true, force: true })
})

test('while another copy of it sleeps …', async () => {
  await leaveTraces(asleep.app.page)
  // What sleep is to a program: it does not run, and the clock goes on.
  asleep.app.process.kill('SIGSTOP')
  sleptAt = performance.now()
})

test('lock by button: the window’s document is replaced and shows no content; each of the two keys unlocks', async () => {
  const { page } = app
  await isLocked(page, 'Ana Ruiz')
  await axeFindsNothing(page, 'unlock')
  for (const name of [MAIN, BACKUP]) {
    hand.take(name)
    await unlock(page)
    await leaveTraces(page)
    await page.getByRole('button', { name: 'Lock', exact: true }).click()
    await isLocked(page, 'You locked it.')
    await isReplaced(page)
    await unlock(page)
    await beginsAnew(page)
    await page.getByRole('button', { name: 'Lock', exact: true }).click()
    await isLocked(page, 'You locked it.')
  }
})

test('lock in the middle of a touch drops the ceremony', async () => {
  const { page } = app
  hand.follow()
  const ana = await WindowActor.at(app, 'Ana Ruiz', dir, async () => undefined)
  await unlock(page)
  const { name, bytes } = await ana.joinCard({ roles: ['admin', 'approver'], groups: [] })
  await page
    .getByLabel('Add a card: file')
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })
  await expect(page.getByRole('list', { name: 'Cards' }).locator('> li')).toHaveCount(1)
  await page.getByLabel('Organization name').fill('Typed before the lock')
  await page.getByRole('button', { name: /^Draft the founding/ }).click()
  hand.leave()
  await page.getByRole('dialog').getByRole('button', { name: 'Continue to my key' }).click()
  await hand.isAskedFor()
  await app.setPresence({ isUserActive: true, isScreenUnlocked: true })
  await app.setPresence({ isUserActive: true, isScreenUnlocked: false })
  await isLocked(page, 'The screen was locked.')
  await expect.poll(() => hand.waiting).toBe(0)
  hand.follow()
})

test('lock by screen lock: the same', async () => {
  const { page } = app
  await unlock(page)
  await leaveTraces(page)
  await app.setPresence({ isUserActive: true, isScreenUnlocked: true })
  await app.setPresence({ isUserActive: true, isScreenUnlocked: false })
  await isLocked(page, 'The screen was locked.')
  await isReplaced(page)
  await unlock(page)
  await beginsAnew(page)
})

test('lock by quit: the next start is locked, and unlocks', async () => {
  const ended = once(app.process, 'exit')
  await app.page.close()
  expect(await ended).toEqual([0, null])
  app = await startApp({ profile: app.profile, words: WORDS })
  await hand.sitDown(app)
  await isLocked(app.page, 'Ana Ruiz')
  await unlock(app.page)
})

test('lock by kill -9: the next start is locked, and unlocks', async () => {
  await app.kill()
  app = await startApp({ profile: app.profile, words: WORDS })
  await hand.sitDown(app)
  await isLocked(app.page, 'Ana Ruiz')
  await unlock(app.page)
})

test('… lock by suspend', async () => {
  const { app, hand } = asleep
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, 25_000 - (performance.now() - sleptAt))))
  app.process.kill('SIGCONT')
  await isLocked(app.page, 'The computer slept.')
  await isReplaced(app.page)
  hand.take(BACKUP)
  await unlock(app.page)
  await beginsAnew(app.page)
})
