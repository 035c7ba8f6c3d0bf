import { defineConfig } from '@playwright/test'

// Tests start the built app and connect to it; Playwright's own browsers are never downloaded or used.
export const config = defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
})

// Playwright reads the default export.
export { config as default }
