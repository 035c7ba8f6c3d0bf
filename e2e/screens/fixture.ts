import { resolve } from 'node:path'
import { test as base, type CDPSession, type Page } from '@playwright/test'
import { headersFor, loadAssets } from '../../main/shell/assets.ts'
import { findBrowser } from '../../main/shell/browser/find-browser.ts'
import { ORIGIN } from '../../shared/origin.ts'
import { STORIES } from './built.ts'

/** When every story plays: a Monday afternoon. */
const NOW = new Date('2026-11-23T14:36:00Z')

/** The sizes every screen is looked at in; at 200 % half as many of the window's own pixels fit on the same screen. */
export const SIZES = {
  '900': { width: 900, height: 620, scale: 1 },
  '640': { width: 640, height: 800, scale: 1 },
  '200 %': { width: 450, height: 310, scale: 2 },
  /** In which who, what, how long and why are seen without scrolling. */
  '1024': { width: 1024, height: 640, scale: 1 },
} as const
export type Size = keyof typeof SIZES
/** What the system of the person at the screen asks for. */
export type Scheme = 'light' | 'dark'

/** A page that plays stories, and what it complained about. */
export interface Stage {
  readonly page: Page
  /** What Playwright has no words for. */
  readonly session: CDPSession
  /** Shows a story from its beginning, at 900 × 620, light, with nothing moving any more. */
  play(story: string): Promise<void>
  /** The same story in another window, scrolled to its beginning, with the focus nowhere. */
  setUp(size: Size, colorScheme: Scheme): Promise<void>
  /** What the console, the policy and uncaught errors said since the story began. */
  complaints(): readonly string[]
}

/** One page of one browser for all stories of a worker, with the product's address, headers and policy. */
export const test = base.extend<object, { stage: Stage }>({
  stage: [
    async ({ playwright }, use) => {
      const { path } = await findBrowser()
      const browser = await playwright.chromium.launch({
        executablePath: path,
        args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
        env: { ...process.env, FONTCONFIG_FILE: resolve(import.meta.dirname, 'fonts.conf') },
      })
      // The size is ours to set: Playwright would move the browser's own window along with it.
      const context = await browser.newContext({
        locale: 'en-GB',
        timezoneId: 'UTC',
        reducedMotion: 'reduce',
        viewport: null,
      })
      await context.clock.setFixedTime(NOW)
      // Countdowns run by the monotonic clock, which stands still as well.
      await context.addInitScript(() => {
        performance.now = () => 1000
      })
      const page = await context.newPage()
      await serve(page)
      await use(await stageOf(page))
      await browser.close()
    },
    { scope: 'worker' },
  ],
})

async function serve(page: Page): Promise<void> {
  const assets = await loadAssets(STORIES)
  await page.route('**', (route) => {
    const { origin, pathname } = new URL(route.request().url())
    const asset = origin === ORIGIN ? assets.get(pathname === '/' ? '/index.html' : pathname) : undefined
    return asset === undefined
      ? route.fulfill({ status: 404 })
      : route.fulfill({ body: Buffer.from(asset.bytes), headers: headersFor(asset.contentType) })
  })
}

async function stageOf(page: Page): Promise<Stage> {
  let complaints: string[] = []
  page.on('console', (message) => {
    // A feature that a browser does not have needs no forbidding either.
    if (message.text().startsWith('Error with Permissions-Policy header: Unrecognized feature')) return
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const session = await page.context().newCDPSession(page)
  let set: { size?: Size; colorScheme?: Scheme } = {}
  const setUp: Stage['setUp'] = async (size, colorScheme) => {
    const { width, height, scale } = SIZES[size]
    // Only what changes: either makes the browser draw everything again.
    if (colorScheme !== set.colorScheme) await page.emulateMedia({ colorScheme })
    if (size !== set.size)
      await session.send('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: scale,
        mobile: false,
      })
    set = { size, colorScheme }
    await page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      for (const one of [document.documentElement, ...document.querySelectorAll('[role=dialog]')])
        one.scrollTo({ top: 0, behavior: 'instant' })
    })
  }
  return {
    page,
    session,
    setUp,
    complaints: () => complaints,
    play: async (story) => {
      complaints = []
      await setUp('900', 'light')
      await page.goto(`${ORIGIN}/?${story}`)
      // A story may have buttons to press, and the log opens its rows one after the other.
      await page.waitForFunction(
        () =>
          document.querySelector('h1, h2, h3, [role=heading]')?.checkVisibility() &&
          !document.documentElement.hasAttribute('data-acting') &&
          ![...document.querySelectorAll('[role=status]')].some((one) => one.textContent?.startsWith('Opening')),
      )
    },
  }
}
