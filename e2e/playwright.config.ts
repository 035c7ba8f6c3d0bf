import { resolve } from 'node:path'
import { defineConfig } from '@playwright/test'
import { findElectron } from '../build/find-electron.mjs'
import type { ShellOptions } from './windows/fixture.ts'

const electron = findElectron(resolve(import.meta.dirname, '../node_modules'), process.env)

/** The tests of a shell, which run in both; see `windows/fixture.ts`. */
const OF_BOTH_SHELLS = ['**/shell.spec.ts', '**/shell-walls.spec.ts', '**/shell-ends.spec.ts']
const OF_ELECTRON = ['**/electron.spec.ts']
/** The screens without an app have a configuration of their own. */
const OF_SCREENS = ['**/e2e/screens/**']

// Tests start the built app and connect to it; Playwright's own browsers are never downloaded or used.
export const config = defineConfig<object, ShellOptions>({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './windows/built.ts',
  // Files side by side: much of what they do is to wait, for clocks that nobody turns on and for windows that come and go.
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./left-out.ts', { electron }]],
  projects: [
    { name: 'browser', testMatch: '**/*.spec.ts', testIgnore: [...OF_ELECTRON, ...OF_SCREENS] },
    // Left out where its program is not installed, and then the last line of the run says so.
    ...(electron === null
      ? []
      : [{ name: 'electron', testMatch: [...OF_BOTH_SHELLS, ...OF_ELECTRON], use: { electron } }]),
  ],
})

// Playwright reads the default export.
export { config as default }
