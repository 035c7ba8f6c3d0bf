import { resolve } from 'node:path'
import { test as base, type Page } from '@playwright/test'
import { browserDriver } from '../browser-driver.ts'
import { startDisplay } from '../display.ts'
import { until } from '../driver.ts'
import { electronDriver } from '../electron-driver.ts'
import type { ShellApp, ShellDriver } from '../shell-driver.ts'

const root = resolve(import.meta.dirname, '../..')

/** The program of the small app of the shell's own tests; `built.ts` makes it. */
export function fixtureProgram(shell: ShellDriver['name'] = 'browser'): string {
  return resolve(root, 'out/fixture/main', shell === 'browser' ? 'index.js' : 'electron.js')
}

/** What `playwright.config.ts` says for a project: the path of Electron's program, or null for browser mode. */
export interface ShellOptions {
  readonly electron: string | null
}

interface ForWorker extends ShellOptions {
  /** The shell that is tested. */
  readonly shell: ShellDriver
  readonly program: string
}

/** A test of a shell: the small app in `fixture/`, started anew for each test. */
export const test = base.extend<{ app: ShellApp }, ForWorker>({
  electron: [null, { option: true, scope: 'worker' }],
  shell: [
    async ({ electron }, use) => {
      if (electron === null) return use(browserDriver)
      // Electron has no way to be headless; where there is a desktop, its windows come and go there.
      const display = process.platform === 'linux' && !process.env['DISPLAY'] ? await startDisplay() : null
      if (display !== null) process.env['DISPLAY'] = display.name
      await use(electronDriver(electron))
      await display?.stop()
    },
    { scope: 'worker' },
  ],
  program: [async ({ shell }, use) => use(fixtureProgram(shell.name)), { scope: 'worker' }],
  app: async ({ shell, program }, use) => {
    const app = await shell.start({ program })
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
