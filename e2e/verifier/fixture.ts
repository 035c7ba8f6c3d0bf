import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, test as base, expect, type Page } from '@playwright/test'
import * as esbuild from 'esbuild'
import { tools } from '../../main/cli/tools.ts'
import { namedFile } from '../../main/cli/verifying.ts'
import { findBrowser } from '../../main/shell/browser/find-browser.ts'
import { type KnownWords, rememberedWords } from '../../shared/org/remembered-words.ts'
import { formatJson } from '../../shared/verify/format-json.ts'
import { formatTexts, verifyFiles } from '../../shared/verify/verify-files.ts'

export { expect }

const root = resolve(import.meta.dirname, '../..')

/** The page as people get it. */
export const PAGE = resolve(root, 'out/verifier/lockbox-verifier.html')

/** A page of a browser without network, and what went wrong on it. */
export interface Stick {
  readonly page: Page
  /** What the console, the policy and uncaught errors said, and every address asked for beside the file itself. */
  complaints(): readonly string[]
}

/** The verifying page, opened from its file in a browser without network. */
export const test = base.extend<{ stick: Stick }, { chromium: Browser }>({
  chromium: [
    async ({ playwright }, use) => {
      const { path } = await findBrowser()
      const browser = await playwright.chromium.launch({ executablePath: path, args: ['--no-sandbox'] })
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  stick: async ({ chromium }, use) => {
    const context = await chromium.newContext({ locale: 'en-GB', timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce' })
    await context.setOffline(true)
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith('blob:') && request.url() !== pathToFileURL(PAGE).href)
        complaints.push(request.url())
    })
    await page.goto(pathToFileURL(PAGE).href)
    await use({ page, complaints: () => complaints })
    await context.close()
  },
})

/** Chooses files and waits for the report. */
export async function verify(page: Page, paths: readonly string[]): Promise<void> {
  await page.getByLabel('Bundles').setInputFiles([...paths])
  await page.evaluate(reported)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/report/i)
}

/** In the page: until it says what came of it. What waits outside looks again after half a second only; most files take less. */
function reported(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (/report|could not/i.test(document.querySelector('h1')?.textContent ?? '')) resolve()
      else requestAnimationFrame(look)
    }
    look()
  })
}

/** What a button of the report saves. */
export async function saved(page: Page, button: string): Promise<string> {
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  return readFile(await (await waiting).path(), 'utf8')
}

/** What the command line prints of files in a folder, whatever its exit code. */
export async function printed(folder: string, args: readonly string[]): Promise<string> {
  const program = resolve(root, 'out/main/lockbox.js')
  const run = promisify(execFile)(process.execPath, [program, 'verify', ...args], {
    cwd: folder,
    maxBuffer: 1024 ** 3,
  })
  return run.then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  )
}

const known: KnownWords = new Map()
const wordsOf = rememberedWords(tools.wordsOf, known)

/**
 * What the command line prints of one file, in both of its forms, by its own code but without a process for each: starting
 * one and making the 12 words anew takes a hundred times as long as verifying a small file.
 */
export async function wouldPrint(folder: string, name: string): Promise<{ json: string; text: string }> {
  const judged = await verifyFiles([namedFile(name, resolve(folder, name))], { ...tools, wordsOf })
  return { json: formatJson(judged), text: formatTexts(judged) }
}

/** A page of a real browser with the verifier's own parts in it, as `parts`. */
export async function pageWithParts(chromium: Browser): Promise<Page> {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['e2e/verifier/parts.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'chrome120',
  })
  const page = await chromium.newPage()
  // Any file: what is asked for is a page that may use Web Crypto.
  await page.goto(pathToFileURL(resolve(root, 'LICENSE')).href)
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' })
  return page
}
