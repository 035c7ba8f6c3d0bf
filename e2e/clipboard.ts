import type { Page } from '@playwright/test'

const ORIGIN = 'https://lockbox.localhost'

/**
 * Does something while the page may read the clipboard, which the product never lets it. Only this permission is touched:
 * Playwright's own `grantPermissions` takes away all others that the product gave the page.
 */
async function allowed<Result>(page: Page, act: () => Promise<Result>): Promise<Result> {
  const browser = await page.context().browser()?.newBrowserCDPSession()
  const permit = (setting: 'granted' | 'denied') =>
    browser?.send('Browser.setPermission', { permission: { name: 'clipboard-read' }, setting, origin: ORIGIN })
  await permit('granted')
  try {
    return await act()
  } finally {
    await permit('denied')
    await browser?.detach()
  }
}

/** What is on the clipboard. */
export function clipboardOf(page: Page): Promise<string> {
  return allowed(page, () => page.evaluate(() => navigator.clipboard.readText()))
}

/** Puts something on the clipboard that is not the app's. */
export function copyElsewhere(page: Page, text: string): Promise<void> {
  return page.evaluate((text) => navigator.clipboard.writeText(text), text)
}
