import { chromium, expect, type Page, test } from '@playwright/test'
import { findBrowser } from '../../main/shell/browser/find-browser.ts'
import { type Display, difference, type Picture, startDisplay } from '../display.ts'
import { startApp, until } from '../driver.ts'
import { fixtureProgram } from './fixture.ts'

// Virtual keys skip the check that decides whether a page may use a real one, so only this test sees whether our
// origin may. It has no key: what it can see is that the browser asks for one.

const program = fixtureProgram()
let display: Display
/** The screen without any window. */
let empty: Picture

test.beforeAll(async () => {
  display = await startDisplay()
  empty = await display.picture()
})
test.afterAll(() => display.stop())

/** Asks for a key as the app does, and leaves the outcome on the page. */
async function askForKey(page: Page, kind: 'create' | 'get'): Promise<void> {
  await page.evaluate((kind) => {
    const bytes = new Uint8Array(32)
    const made = {
      challenge: bytes,
      rp: { name: 'Lockbox', id: location.hostname },
      user: { id: bytes, name: 'ana', displayName: 'Ana' },
      pubKeyCredParams: [{ type: 'public-key' as const, alg: -7 }],
      authenticatorSelection: {
        authenticatorAttachment: 'cross-platform' as const,
        userVerification: 'required' as const,
      },
      hints: ['security-key'],
      extensions: { prf: {} },
      timeout: 600_000,
    }
    const asked = {
      challenge: bytes,
      rpId: location.hostname,
      allowCredentials: [{ type: 'public-key' as const, id: bytes, transports: ['usb' as const] }],
      userVerification: 'required' as const,
      hints: ['security-key'],
      timeout: 600_000,
    }
    const controller = new AbortController()
    const { signal } = controller
    const state = { outcome: 'pending', giveUp: () => controller.abort() }
    Object.assign(globalThis, { state })
    const call =
      kind === 'create'
        ? navigator.credentials.create({ publicKey: made, signal })
        : navigator.credentials.get({ publicKey: asked, signal })
    call.then(
      () => {
        state.outcome = 'answered'
      },
      (error: Error) => {
        state.outcome = `${error.name}: ${error.message}`
      },
    )
  }, kind)
}

const outcome = (page: Page): Promise<string> =>
  page.evaluate(() => (globalThis as typeof globalThis & { state: { outcome: string } }).state.outcome)

/** The screen once the window stands on it and it holds still. */
async function stillPicture(): Promise<Picture> {
  await until(
    async () => difference(empty, await display.picture()) > WINDOW,
    () => 'no window came up',
  )
  let last = await display.picture()
  await until(
    async () => {
      const before = last
      await new Promise((resolve) => setTimeout(resolve, 400))
      last = await display.picture()
      return difference(before, last) < 0.001
    },
    () => 'the screen does not hold still',
  )
  return last
}

/** A window covers more of the screen than this. */
const WINDOW = 0.2
/** How much of a picture has one colour: blue, green, red. */
function shareOf({ pixels }: Picture, colour: readonly number[]): number {
  let found = 0
  for (let at = 0; at < pixels.length; at += 4) if (colour.every((part, index) => pixels[at + index] === part)) found++
  return (4 * found) / pixels.length
}

/** The browser's dialog dims the whole page and stands on it; nothing that a page of ours shows changes so much. */
const DIALOG = 0.3

async function expectDialog(page: Page, kind: 'create' | 'get'): Promise<void> {
  const before = await stillPicture()
  await askForKey(page, kind)
  await until(
    async () => difference(before, await display.picture()) > DIALOG,
    () => 'no dialog came up',
  )
  expect(await outcome(page)).toBe('pending')
  await page.evaluate(() => (globalThis as typeof globalThis & { state: { giveUp: () => void } }).state.giveUp())
  await until(
    async () => difference(before, await display.picture()) < 0.01,
    () => 'the dialog did not belong to the call: it stayed when the call was given up',
  )
  expect(await outcome(page)).toMatch(/^AbortError/)
}

for (const kind of ['create', 'get'] as const) {
  test(`the browser asks for a real key when our window calls credentials.${kind}`, async () => {
    const app = await startApp({ program, display: display.name })
    expect(new URL(app.page.url()).origin).toBe('https://lockbox.localhost')
    await expectDialog(app.page, kind)
    await app.close()
  })
}

test('the same call is refused at once on a name that is not localhost, and no dialog comes', async () => {
  const browser = await chromium.launch({
    executablePath: (await findBrowser()).path,
    headless: false,
    env: { ...process.env, DISPLAY: display.name },
  })
  const page = await browser.newPage()
  const body = '<!doctype html><title>Contrast</title><body style="background:#1f7a4d"><h1>The same page elsewhere</h1>'
  await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body }))

  await page.goto('https://lockbox.internal/')
  // A window stands there for a while before anything is painted in it.
  await until(
    async () => shareOf(await display.picture(), [0x4d, 0x7a, 0x1f]) > WINDOW,
    () => 'the page was not painted',
  )
  const before = await stillPicture()
  await askForKey(page, 'create')
  await expect.poll(() => outcome(page)).toMatch(/^NotAllowedError: .*TLS certificate/)
  expect(difference(before, await stillPicture())).toBeLessThan(0.01)

  // The name alone makes the difference: same browser, same page, same call.
  await page.goto('https://lockbox.localhost/')
  await expectDialog(page, 'create')
  await browser.close()
})
