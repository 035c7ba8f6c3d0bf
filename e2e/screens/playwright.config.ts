import { defineConfig } from '@playwright/test'

// Every screen of the window in every state, each against what was approved. No app runs: stories show the screens.
export const config = defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../../test-results',
  snapshotPathTemplate: '{testDir}/approved/{arg}{ext}',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: 30_000,
  expect: { timeout: 5000 },
  reporter: [['list']],
  globalSetup: './built.ts',
  updateSnapshots: process.env['LOCKBOX_APPROVE'] === '1' ? 'all' : 'none',
})

// Playwright reads the default export.
export { config as default }
