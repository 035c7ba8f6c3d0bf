import { expect } from '@playwright/test'
import { until } from '../driver.ts'
import type { ShellApp } from '../shell-driver.ts'
import { outcomeOf, test } from './fixture.ts'
import { quietly } from './quiet.ts'

// What only browser mode has to promise: the browser could open windows of its own, and speaks through a debugger.

let shared: ShellApp
test.beforeAll(async ({ shell, program }) => {
  shared = await shell.start({ program })
})
test.afterAll(() => shared.close())

test.describe('stray windows', () => {
  // Another debugger would let the popup run for us.
  test('that a script opens do not hold the script up when nobody but the shell debugs them', async ({
    shell,
    program,
  }) => {
    await quietly({ shell, program, profile: `${shared.profile}-quiet`, words: ['--open-popup'] }, (quiet) =>
      quiet.printed('a popup opened, and its opener goes on'),
    )
  })

  test('that a person opens (Ctrl+N) are closed, and never get our calls', async () => {
    const stray = await shared.page
      .context()
      .newPage()
      .catch(() => null)
    await until(
      () => stray === null || stray.isClosed(),
      () => 'the stray window stays',
    )
    expect(await outcomeOf(shared.page, 'client.echo.tick(1)')).toBeUndefined()
  })
})

test('our origin may show notifications, and the page is not asked for it', async () => {
  expect(await outcomeOf(shared.page, 'Notification.permission')).toBe('granted')
})
