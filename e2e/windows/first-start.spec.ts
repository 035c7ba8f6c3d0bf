import { expect, type Page, test } from '@playwright/test'
import { type RunningApp, startApp } from '../driver.ts'
import type { KeyFaults } from '../keys/software-key.ts'
import { axeFindsNothing } from './axe.ts'
import { BACKUP, Hand, MAIN } from './hand.ts'

// First start: two FIDO2 keys, in the real app.

let app: RunningApp
let hand: Hand
let page: Page

test.beforeEach(async () => {
  app = await startApp({ words: ['--listen=127.0.0.1', '--no-discovery'] })
  page = app.page
  hand = new Hand('Ana Ruiz')
  await hand.sitDown(app)
})
test.afterEach(() => app.close())

const dialog = () => page.getByRole('dialog')
const title = (name: string | RegExp) => expect(dialog().getByRole('heading', { level: 1, name })).toBeVisible()
const isOpen = () => expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()

async function enrol(): Promise<void> {
  await page.getByLabel('Your name').fill('Ana Ruiz')
  await page.getByLabel('Name of this device').fill('Ana’s laptop')
  await page.getByRole('button', { name: 'Enrol both keys' }).click()
}

/** Every panel title that shows, in order, each once. */
async function collectTitles(): Promise<void> {
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(globalThis, { seen })
    new MutationObserver(() => {
      const text = document.querySelector('[role=dialog] h1')?.textContent ?? ''
      if (text.startsWith('Touch') && seen.at(-1) !== text) seen.push(text)
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
}
const titles = () => page.evaluate(() => (globalThis as typeof globalThis & { seen: string[] }).seen)

test('two FIDO2 keys are enrolled, each with an unlock and a sign credential; set-up ends by locking and unlocking with each', async () => {
  await axeFindsNothing(page, 'set-up')
  await collectTitles()
  await enrol()
  await isOpen()
  const enrolled = (key: string) => [
    `Touch “${key}” to enrol it for unlocking`,
    `Touch “${key}” to enrol it for approving`,
    `Touch “${key}” to show that it is one and the same key`,
    `Touch “${key}” to enrol it for unlocking`,
    `Touch “${key}” to enrol it for approving`,
  ]
  expect(await titles()).toEqual([
    ...enrolled(MAIN),
    ...enrolled(BACKUP),
    `Touch “${MAIN}” to prove that it opens the vault`,
    `Touch “${BACKUP}” to prove that it opens the vault`,
  ])
  for (const name of [MAIN, BACKUP]) expect(hand.key(name).state.credentials).toHaveLength(2)
  await expect(page.getByText('Both keys are enrolled, and each opened the vault.').first()).toBeVisible()
})

test('the same key twice is refused as such, and set-up goes on with the other one', async () => {
  hand.take(MAIN)
  await enrol()
  await title('The key was not accepted')
  await expect(dialog().locator('.note p')).toHaveText([
    'That is the same key.',
    'Two different keys are needed, so that losing one locks nobody out.',
    'Insert your backup key “Backup key” and try again.',
  ])
  await axeFindsNothing(page, 'the same key twice')
  expect(hand.key(MAIN).state.credentials).toHaveLength(2)
  hand.follow()
  await dialog().getByRole('button', { name: 'Try again' }).click()
  await isOpen()
})

const UNFIT: readonly (readonly [what: string, faults: KeyFaults, happened: string, todo: string])[] = [
  ['without PRF', { noPrf: true }, 'This key cannot store a secret (no hmac-secret)', 'Use a FIDO2 key that can'],
  [
    'without verification',
    { unverified: true },
    'answered without asking for its PIN or fingerprint',
    'Then try again.',
  ],
  [
    'that is synced',
    { synced: true },
    'This passkey is copied between devices by its maker',
    'Use a FIDO2 security key.',
  ],
  ['of the old kind (U2F)', { u2f: true }, 'did not answer', 'set a PIN on it first'],
]

test('keys without PRF, without verification, and synced ones are refused: what happened, what it means, what to do now', async () => {
  const faultsNow = hand.key(BACKUP).faults
  const [first] = UNFIT
  Object.assign(faultsNow, first?.[1])
  await enrol()
  for (const [at, [what, faults, happened, todo]] of UNFIT.entries())
    await test.step(`a key ${what}`, async () => {
      await title(happened === 'did not answer' ? 'The key did not answer' : 'The key was not accepted')
      await expect(dialog().locator('.note p')).toHaveCount(3)
      const [did, means, next] = await dialog().locator('.note p').allTextContents()
      expect(did).toContain(happened)
      expect(means).toMatch(/^.{15,}\.$/)
      expect(next).toContain(todo)
      for (const fault of Object.keys(faults)) Reflect.deleteProperty(faultsNow, fault)
      Object.assign(faultsNow, UNFIT[at + 1]?.[1])
      await dialog().getByRole('button', { name: 'Try again' }).click()
    })
  await isOpen()
})

test('cancelled during a touch, nothing is enrolled; the same form begins anew', async () => {
  hand.leave()
  await enrol()
  await title(`Touch “${MAIN}” to enrol it for unlocking`)
  await hand.isAskedFor()
  await dialog().getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog()).toHaveCount(0)
  await expect.poll(() => hand.waiting).toBe(0)
  await expect(page.getByLabel('Your name')).toHaveValue('Ana Ruiz')
  expect(hand.key(MAIN).state.credentials).toHaveLength(0)
  hand.follow()
  await page.getByRole('button', { name: 'Enrol both keys' }).click()
  await isOpen()
})

test('cancelled after a refusal, set-up can begin anew too', async () => {
  hand.take(MAIN)
  await enrol()
  await title('The key was not accepted')
  await page.keyboard.press('Escape')
  await expect(dialog()).toHaveCount(0)
  hand.follow()
  await page.getByRole('button', { name: 'Enrol both keys' }).click()
  await isOpen()
})
