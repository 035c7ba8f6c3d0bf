import { expect } from '@playwright/test'
import { until } from '../driver.ts'
import { outcomeOf, test } from './fixture.ts'
import { quietly } from './quiet.ts'

// What only browser mode has to promise: the browser could open windows of its own, and speaks through a debugger.

test.describe('stray windows', () => {
  // Another debugger would let the popup run for us.
  test('that a script opens do not hold the script up when nobody but the shell debugs them', async ({
    app,
    shell,
    program,
  }) => {
    await quietly({ shell, program, profile: `${app.profile}-quiet`, words: ['--open-popup'] }, (quiet) =>
      quiet.printed('a popup opened, and its opener goes on'),
    )
  })

  test('that a person opens (Ctrl+N) are closed, and never get our calls', async ({ app }) => {
    const stray = await app.page
      .context()
      .newPage()
      .catch(() => null)
    await until(
      () => stray === null || stray.isClosed(),
      () => 'the stray window stays',
    )
    expect(await outcomeOf(app.page, 'client.echo.tick(1)')).toBeUndefined()
  })
})

test('our origin may show notifications, and the page is not asked for it', async ({ app }) => {
  expect(await outcomeOf(app.page, 'Notification.permission')).toBe('granted')
})
