import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { standingOf } from '../../main/issuers/aws/identity.ts'
import { sessionFromLines } from '../session-lines.ts'
import { axeFindsNothing } from './axe.ts'
import { clipboardOf, copyElsewhere } from './clipboard.ts'
import { BACKUP } from './hand.ts'
import { tabAndPress, tabTo } from './keyboard.ts'
import { leftInHeap, leftInWindow, leftOnDisk } from './leftovers.ts'
import { cardsOf, fourPeople, introduce, type Organization } from './organization.ts'
import { PICTURE, takePicture } from './pictures.ts'
import { reviewIsWhole } from './signed.ts'
import { type Change, changeRows, countRows, wipeDatabases } from './stored-rows.ts'

// The main path in real windows: Ana asks, Raj decides; Mia and Leo, whose apps have no window here, meet them on the LAN.
// Each test goes on where the one before ended.

test.describe.configure({ mode: 'serial' })

const REASON = 'Nobody can sign in since 02:40; payments are stuck'
const LONG = { timeout: 20_000 }
let people: Organization
let copiedAt = 0
let handedLines = ''

test.beforeAll(async () => {
  people = await fourPeople(900)
  for (const { page } of [people.ana, people.raj]) await page.setViewportSize(PICTURE)
  await Promise.all(people.actors.map((actor) => actor.setUp()))
})
test.afterEach(async () => {
  const info = test.info()
  if (info.status === info.expectedStatus) return
  for (const { name, page } of [people.ana, people.raj])
    await writeFile(info.outputPath(`${name}.txt`), await page.locator('body').ariaSnapshot())
})
test.afterAll(() => people.close())

const go = (page: Page, screen: string) =>
  page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(`^${screen}`) })
    .click()
const dialog = (page: Page) => page.getByRole('dialog')
const headline = (page: Page, name: string | RegExp) =>
  expect(page.getByRole('heading', { level: 1, name })).toBeVisible(LONG)

async function reviewAndTouch(page: Page): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Continue to my key' }).click()
  await expect(dialog(page)).toHaveCount(0, LONG)
}

test('founding: others give join cards by file, every window shows the same 12 words, each founder endorses with the hardware key', async () => {
  const { ana, actors } = people
  await axeFindsNothing(ana.page, 'now, before there is an organization')
  const cards = await cardsOf(actors)
  await axeFindsNothing(ana.page, 'people, before there is an organization')
  const draft = await ana.actor.found('Example Bank', cards)
  await Promise.all(actors.slice(1).map((actor) => actor.readDraft(draft)))
  const words = await Promise.all(actors.map((actor) => actor.words()))
  expect(new Set(words.map((twelve) => twelve.join(' '))).size).toBe(1)
  await axeFindsNothing(ana.page, 'people, with a draft')
  await ana.page.getByRole('list', { name: 'The 12 words' }).scrollIntoViewIfNeeded()
  await takePicture(ana.page, 'twelve-words')
  for (const actor of actors) await actor.endorseFounding()
  await introduce(actors)
  await Promise.all(actors.map((actor) => actor.founded()))
  await Promise.all(actors.map((actor) => actor.reaches(3)))
  await axeFindsNothing(ana.page, 'people')
  await go(ana.page, 'Settings')
  await axeFindsNothing(ana.page, 'settings')
})

test('plan: an admin drafts it from the built-in template, and the admin quorum endorses it', async () => {
  const { ana, raj, actors, world } = people
  await go(ana.page, 'Credentials')
  await ana.page.getByRole('button', { name: 'Draft a plan' }).click()
  await axeFindsNothing(ana.page, 'plan')
  await go(ana.page, 'Now')
  await ana.actor.proposePlan(world.sandbox, 2)
  for (const admin of [ana.actor, raj.actor]) await admin.endorsePlan()
  await Promise.all(actors.map((actor) => actor.planInEffect()))
})

test('deposit: an access key is typed, and after that call it is nowhere in the window, its databases or the profile', async () => {
  const { ana, actors, world } = people
  const { page } = ana
  const { accessKeyId, secretAccessKey } = world.sandbox.accessKey
  await go(page, 'Credentials')
  await page.getByRole('button', { name: 'Deposit a key' }).click()
  await axeFindsNothing(page, 'deposit')
  await page.getByLabel('Access key id').fill(accessKeyId)
  await page.getByLabel('Secret access key').focus()
  // As a keyboard or a clipboard would: nothing of the test's own enters the page with it.
  await page.keyboard.insertText(secretAccessKey)
  await page.getByRole('button', { name: 'Review and deposit with my key' }).click()
  await expect(dialog(page)).toBeVisible(LONG)
  expect(await leftInWindow(page, secretAccessKey)).toEqual([])
  // The id of the key is no secret, so it shows that the instrument works.
  expect(await leftInHeap(page, [secretAccessKey, accessKeyId])).toEqual([accessKeyId])
  await axeFindsNothing(page, 'review of a deposit')
  await reviewIsWhole(page, PICTURE)
  await reviewAndTouch(page)
  for (const actor of actors) await actor.acceptShare()
  await Promise.all(actors.map((actor) => actor.custodyProved()))
  expect(await leftInWindow(page, secretAccessKey)).toEqual([])
  expect(await leftOnDisk(ana.profile, secretAccessKey)).toEqual([])
  await axeFindsNothing(page, 'credentials')
  await takePicture(page, 'credentials')
})

test('a text with characters that reorder others is refused; letters of another alphabet are marked before anything is signed', async () => {
  const { ana, raj } = people
  const { page } = ana
  await go(page, 'Ask')
  await page.getByRole('radio', { name: /^Identity provider down/ }).check()
  await page.getByLabel('What happened').fill('Give access to \u202Egro.elpmaxe\u202C now')
  await page.getByRole('radio', { name: '15 min' }).check()
  await page.getByRole('button', { name: 'Review and send with my key' }).click()
  await expect(page.getByText('It contains characters that do not show')).toBeVisible()
  await expect(dialog(page)).toHaveCount(0)
  await axeFindsNothing(page, 'ask')
  const whole = `The p\u0430yments console does not answer. ${'What was tried so far stands in the incident’s channel. '.repeat(12)}End.`
  await page.getByLabel('What happened').fill(whole)
  await page.getByRole('button', { name: 'Review and send with my key' }).click()
  await expect(dialog(page).locator('mark.odd').first()).toHaveText('\u0430 Cyrillic')
  const rows = await reviewIsWhole(page, PICTURE)
  expect(rows.map(([, value]) => value).join('\n')).toContain(whole.replace('\u0430', '\u0430 Cyrillic'))
  await axeFindsNothing(page, 'review of a request')
  await reviewAndTouch(page)
  await expect(page.getByRole('region', { name: 'What is asked' }).locator('mark.odd')).toHaveText('\u0430 Cyrillic')
  await go(raj.page, 'Now')
  await expect(raj.page.getByRole('article', { name: 'Request from Ana Ruiz' }).locator('mark.odd')).toHaveText(
    '\u0430 Cyrillic',
  )
})

test('deny: with a reason that everybody sees; then the request is withdrawn', async () => {
  const { ana, raj } = people
  const { page } = raj
  await page.getByRole('button', { name: 'Deny…' }).click()
  await axeFindsNothing(page, 'deny')
  await dialog(page).getByLabel('Reason').fill('I cannot confirm this by phone')
  await dialog(page).getByRole('button', { name: /^Deny/ }).click()
  await reviewIsWhole(page, PICTURE)
  await reviewAndTouch(page)
  await expect(ana.page.getByText('“I cannot confirm this by phone”')).toBeVisible(LONG)
  await axeFindsNothing(ana.page, 'case, denied')
  await ana.page.getByRole('button', { name: 'Withdraw my request…' }).click()
  await axeFindsNothing(ana.page, 'withdraw')
  await dialog(ana.page).getByRole('button', { name: 'Withdraw the request for prod-root' }).click()
  await headline(ana.page, /withdr/i)
})

test('approve: the whole path by keyboard alone, from the lock to the touch, with the focus always seen', async () => {
  const { ana, raj, leo } = people
  const { page, hand } = raj
  await page.getByRole('button', { name: 'Lock', exact: true }).click()
  await headline(page, 'Lockbox is locked')
  await takePicture(page, 'unlock')
  await ana.actor.ask(REASON)
  await expect(ana.page.getByRole('heading', { level: 1, name: /^Waiting for 2 more/ })).toBeInViewport()
  await leo.deny('I cannot reach Ana to confirm')

  await tabAndPress(page, /^Unlock with my key$/)
  await headline(page, /^(Now|Nothing|Ana|\d)/)
  await expect(page.getByRole('article', { name: 'Request from Ana Ruiz' })).toBeVisible(LONG)
  await headline(page, 'Ana Ruiz waits for your decision')
  await axeFindsNothing(page, 'now, with a request')
  await takePicture(page, 'now')
  await tabAndPress(page, /^Approve 15 min of prod-root for Ana Ruiz$/)
  await expect(dialog(page)).toBeVisible()
  const rows = await reviewIsWhole(page, PICTURE)
  expect(rows.length).toBeGreaterThan(1)
  await expect(dialog(page).locator('.sentence')).toContainText(REASON)
  await axeFindsNothing(page, 'review of an approval')
  hand.leave()
  await tabAndPress(page, /^Continue to my key$/)
  await hand.isAskedFor()
  await expect(dialog(page).locator('.sentence')).toBeInViewport({ ratio: 1 })
  await axeFindsNothing(page, 'touch')
  await takePicture(page, 'approve-touch')

  hand.follow()
  await expect(dialog(page)).toHaveCount(0, LONG)
  await expect(page.getByText('You approved 15 min of prod-root for Ana Ruiz.').first()).toBeVisible(LONG)
  // The focus is where it was, or on the headline of the screen.
  await tabTo(page, /./)
})

test('the case as a war room: state, seats, and what is still needed; the last approval completes the quorum', async () => {
  const { ana, mia } = people
  const { page } = ana
  await headline(page, /^Waiting for 1 more/)
  const seats = page.getByRole('region', { name: 'Approvers' }).getByRole('listitem')
  for (const [name, state] of [
    ['Ana Ruiz', 'Asked for this'],
    ['Raj Patel', 'Approved'],
    ['Mia Wong', 'Asked'],
    ['Leo Novak', 'Denied'],
  ] as const)
    await expect(seats.filter({ hasText: name })).toContainText(state)
  await axeFindsNothing(page, 'case')
  await takePicture(page, 'war-room', 'dark')
  await mia.approve()
})

test('session: the countdown, environment lines to copy, and AWS knows who it is', async () => {
  const { ana, world } = people
  const { page } = ana
  await ana.actor.granted()
  const timer = page.getByRole('timer', { name: 'Time left' })
  await expect(timer).toHaveText(/^1[45]:\d\d$/)
  const first = await timer.textContent()
  await expect(timer).not.toHaveText(first ?? '')
  await page.getByRole('button', { name: 'Copy as environment' }).click()
  await expect(page.getByText('The session is in the clipboard. It is cleared in')).toBeVisible()
  copiedAt = performance.now()
  handedLines = await clipboardOf(page)
  const { standing } = await standingOf(sessionFromLines(handedLines), world.sandbox.regions[0]?.endpoint ?? '')
  expect(standing).toBe('alive')
  const { secretAccessKey } = sessionFromLines(handedLines)
  expect(await leftInWindow(page, secretAccessKey)).toEqual([])
  await axeFindsNothing(page, 'session')
  await takePicture(page, 'session')
  await people.raj.page.getByRole('button', { name: 'Open the case' }).first().click()
  await axeFindsNothing(people.raj.page, 'case, granted')
})

test('Raj leaves his app alone, set to lock after one minute of idle time …', async () => {
  const { app, page } = people.raj
  await go(page, 'Settings')
  await page.getByRole('radio', { name: '1 min', exact: true }).click()
  await expect(page.getByText('Lockbox locks after 1 min without anybody.').first()).toBeVisible()
  await go(page, 'Cases')
  await expect(page.getByRole('main')).toContainText('for Ana Ruiz')
  await page.evaluate(() => Object.assign(globalThis, { ofTheOldDocument: 'still here' }))
  await app.setPresence({ isUserActive: false, isScreenUnlocked: true })
})

test('deposit from a file, which is wiped', async () => {
  const { ana, world } = people
  const { page } = ana
  const { accessKeyId, secretAccessKey } = world.sandbox.accessKey
  const path = join(world.dir, 'prod-root_accessKeys.csv')
  await writeFile(path, `Access key ID,Secret access key\r\n${accessKeyId},${secretAccessKey}\r\n`)
  await go(page, 'Credentials')
  await page
    .getByRole('button', { name: /^Deposit a/ })
    .first()
    .click()
  await page.getByRole('radio', { name: 'From a file on this computer' }).check()
  await page.getByLabel('Path of the file').fill(path)
  await expect(page.getByRole('checkbox', { name: 'Wipe the file afterwards' })).toBeChecked()
  await page.getByRole('button', { name: 'Review and deposit with my key' }).click()
  await expect(dialog(page)).toBeVisible(LONG)
  // Not before it is signed: whoever goes back must still have it.
  expect(existsSync(path)).toBe(true)
  await reviewAndTouch(page)
  await expect(page.getByText('The file with the access key was overwritten and removed').first()).toBeVisible(LONG)
  expect(existsSync(path)).toBe(false)
  await page.getByRole('button', { name: 'Dismiss: The file with the access key was overwritten and removed' }).click()
  await ana.actor.acceptShare()
  expect(await leftOnDisk(ana.profile, secretAccessKey)).toEqual([])
})

test('export writes a bundle, and the window verifies it; a changed one is refuted', async () => {
  const { ana } = people
  const { page } = ana
  const bundle = await ana.actor.exportBundle()
  await axeFindsNothing(page, 'log')
  const verify = async (bytes: Uint8Array) => {
    await page
      .getByLabel('Verify a file: file')
      .setInputFiles({ name: bundle.name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })
  }
  await verify(bundle.bytes)
  await expect(page.getByText('Every entry of this file was checked and holds.')).toBeVisible(LONG)
  await axeFindsNothing(page, 'log, with a report')
  await takePicture(page, 'log')
  const changed = Uint8Array.from(bundle.bytes)
  const at = Buffer.from(changed).indexOf('"payload":"') + 40
  changed[at] = changed[at] === 65 ? 66 : 65
  await verify(changed)
  await expect(page.getByText('This file does not hold.')).toBeVisible(LONG)
  await verify(bundle.bytes.subarray(0, bundle.bytes.length - 100))
  await expect(page.getByText('This is not an export of a Lockbox log.')).toBeVisible(LONG)
})

test('the window’s copy of the log is rebuilt visibly when rows are missing, foreign, or of a later log', async () => {
  const { page } = people.ana
  const whole = await countRows(page)
  const cases: readonly (readonly [Change, string | null])[] = [
    ['holed', 'Rows were missing from this window’s copy of the log'],
    ['foreign', 'held rows that are not the journal’s'],
    ['newer', 'did not end like the journal'],
    // What an earlier moment left is brought up to date, which is no news.
    ['older', null],
  ]
  for (const [change, says] of cases)
    await test.step(change, async () => {
      await go(page, 'Now')
      await changeRows(page, change)
      await go(page, 'Log')
      if (says !== null) await expect(page.locator('.note', { hasText: says })).toBeVisible(LONG)
      await expect(page.locator('.timeline > li').first()).toBeVisible(LONG)
      await expect.poll(() => countRows(page)).toBe(whole)
    })
})

test('the clipboard is cleared after 60 s, as it is still ours', async () => {
  const { page } = people.ana
  await expect.poll(() => clipboardOf(page), { timeout: 75_000 }).not.toBe(handedLines)
  expect(await clipboardOf(page)).toBe('')
  const seconds = (performance.now() - copiedAt) / 1000
  expect(seconds).toBeGreaterThan(59)
})

test('… lock by idle time: the window’s document is replaced and shows no content, and either key unlocks', async () => {
  const { page, hand } = people.raj
  await expect(page.getByText('Nobody used it for a while.')).toBeVisible({ timeout: 75_000 })
  expect(await page.evaluate(() => 'ofTheOldDocument' in globalThis)).toBe(false)
  await expect(page.locator('body')).not.toContainText('Ana Ruiz')
  await axeFindsNothing(page, 'unlock')
  hand.take(BACKUP)
  await page.getByRole('button', { name: 'Unlock with my key' }).click()
  await expect(page.getByRole('main')).toContainText('for Ana Ruiz')
})

test('kill -9 and restart: case list and session come back after unlock; a wiped IndexedDB is filled again and says so', async () => {
  const { ana } = people
  const before = await leftOf(ana.page)
  await ana.killAndRestart(async () => {
    expect(await wipeDatabases(ana.profile)).toBeGreaterThan(0)
  })
  const { page, hand } = ana
  await page.setViewportSize(PICTURE)
  await headline(page, 'Lockbox is locked')
  await expect(page.locator('body')).not.toContainText('payments')
  hand.take(BACKUP)
  await page.getByRole('button', { name: 'Unlock with my key' }).click()
  await go(page, 'Cases')
  await expect(page.getByRole('main').getByText('for Ana Ruiz')).toHaveCount(2)
  await axeFindsNothing(page, 'cases')
  expect(await leftOf(page)).toBeLessThan(before)
  await go(page, 'Log')
  await expect(page.locator('.note', { hasText: 'This window’s copy of the log was empty' })).toBeVisible(LONG)
})

test('“I am done” ends the session at once; what others put on the clipboard stays', async () => {
  const { page } = people.ana
  await go(page, 'Now')
  await page.getByRole('button', { name: 'Open my session' }).click()
  await page.getByRole('button', { name: 'Copy as environment' }).click()
  await expect.poll(() => clipboardOf(page)).toBe(handedLines)
  await copyElsewhere(page, 'of somebody else')
  await page.getByRole('button', { name: 'I am done' }).click()
  await axeFindsNothing(page, 'end of a session')
  await dialog(page).getByRole('button', { name: 'End the session now' }).click()
  await expect(page.getByRole('button', { name: 'Copy as environment' })).toHaveCount(0, LONG)
  expect(await clipboardOf(page)).toBe('of somebody else')
  await go(page, 'Cases')
  await axeFindsNothing(page, 'cases, ended')
  await page
    .getByRole('button', { name: /prod-root for Ana Ruiz/ })
    .first()
    .click()
  await axeFindsNothing(page, 'case, ended')
})

/** Seconds left of the session, as Now shows them. */
async function leftOf(page: Page): Promise<number> {
  await go(page, 'Now')
  const text = await page.getByRole('timer', { name: 'Time left' }).textContent(LONG)
  const [, minutes, seconds] = /(\d+):(\d\d)/.exec(text ?? '') ?? []
  return Number(minutes) * 60 + Number(seconds)
}
