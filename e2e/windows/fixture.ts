import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test as base, type Page } from '@playwright/test'
import { type RunningApp, startApp, until } from '../driver.ts'

const root = resolve(import.meta.dirname, '../..')

/** Builds the small app of the shell's own tests and gives its program. */
export function builtFixture(): string {
  execFileSync(process.execPath, ['build/build.mjs', '--fixture'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return resolve(root, 'out/fixture/main/index.js')
}

/** A test of the shell: the small app in `fixture/`, built once, started anew for each test. */
export const test = base.extend<{ app: RunningApp }, { program: string }>({
  program: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads here what a fixture needs, and this one needs nothing
    async ({}, use) => {
      await use(builtFixture())
    },
    { scope: 'worker' },
  ],
  app: async ({ program }, use) => {
    const app = await startApp({ program })
    await use(app)
    await app.close()
  },
})

/** What an expression in the page comes to, run as the page's own code: its value, or its error's code or name. */
export function outcomeOf(page: Page, script: string): Promise<unknown> {
  const name = '(error) => (error instanceof DOMException ? error.name : (error.code ?? error.name))'
  // After a timer it is no longer the debugger's code, which the policy would let do anything.
  return page.evaluate(`new Promise((resolve) => setTimeout(resolve)).then(() => ${script}).catch(${name})`)
}

/** Waits until the window shows our bundle. */
export function isAtHome(page: Page): Promise<void> {
  return until(
    () => page.url() === 'https://lockbox.localhost/',
    () => `the window is at ${page.url()}`,
  )
}
