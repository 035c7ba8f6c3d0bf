import { resolve } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './fixture.ts'

// The real app in Electron. Its set-up and what follows are the same bundle as in browser mode, and tested there.

test('opens, and says before set-up where it cannot ask for a key’s PIN', async ({ shell }) => {
  const app = await shell.start({
    program: resolve(import.meta.dirname, '../../out/e2e/main/electron.js'),
    words: ['--listen=127.0.0.1', '--no-discovery'],
  })
  await expect(app.page.getByRole('heading', { name: 'Set up this device' })).toBeVisible()
  const command = app.page.locator('.note code')
  if (process.platform === 'win32') await expect(command).toHaveCount(0)
  else await expect(command).toHaveText(`npm start -- --shell=browser --profile=${app.profile}`)
  await app.close()
})
