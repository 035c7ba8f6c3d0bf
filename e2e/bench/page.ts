import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Page } from '@playwright/test'

/** The page that verifies, as people get it; the commands run in the project's folder. */
const PAGE = resolve('out/verifier/lockbox-verifier.html')
const BEAT_MS = 5
const MOST_MS = 30 * 60_000

/** What verifying one file in the page took. */
export interface PageRun {
  /** From the choice of the file to the report on the page. */
  readonly ms: number
  /** The longest time in which the page's own thread did nothing else. */
  readonly busyMs: number
  /** How many different states of progress it showed. */
  readonly steps: number
  /** The headline of the report. */
  readonly says: string
}

/** What the page's heart writes down. */
interface Heart {
  busyMs: number
  readonly steps: number[]
}

/** Verifies a file in the page, in a browser without network. */
export async function verifyInPage(browserPath: string, file: string): Promise<PageRun> {
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
  try {
    const context = await browser.newContext({ offline: true })
    const page = await context.newPage()
    await page.goto(pathToFileURL(PAGE).href)
    await page.evaluate(startHeart, BEAT_MS)
    const began = performance.now()
    await page.getByLabel('Bundles').setInputFiles(file)
    await page.getByRole('heading', { level: 1, name: /report/i }).waitFor({ timeout: MOST_MS })
    const ms = performance.now() - began
    return { ms, ...(await told(page)) }
  } finally {
    await browser.close()
  }
}

/** In the page: a beat every few milliseconds; how late one comes is how long the thread was busy. */
function startHeart(beatMs: number): void {
  const heart: Heart = { busyMs: 0, steps: [] }
  Object.assign(globalThis, { heart })
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    heart.busyMs = Math.max(heart.busyMs, now - last - beatMs)
    last = now
    const shown = document.querySelector('progress')?.value
    if (shown !== undefined && shown !== heart.steps.at(-1)) heart.steps.push(shown)
  }, beatMs)
}

async function told(page: Page): Promise<Omit<PageRun, 'ms'>> {
  const { busyMs, steps } = await page.evaluate(() => (globalThis as unknown as { heart: Heart }).heart)
  return { busyMs, steps: steps.length, says: (await page.getByRole('status').first().textContent()) ?? '' }
}
