import { resolve } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'

/** The size of every window that a picture is taken of. */
export const PICTURE = { width: 1200, height: 820 }

const FOLDER = resolve(import.meta.dirname, '../../docs/pictures')

interface Look {
  readonly colorScheme?: 'light' | 'dark'
  /** What stands at its top; the beginning of the screen if left out. */
  readonly from?: Locator
}

/**
 * Takes a picture for the README and the docs. It is written with `LOCKBOX_PICTURES=1` only, since names and clocks differ from run to
 * run; without it the picture is taken all the same, and must have its size and something on it.
 */
export async function takePicture(page: Page, name: string, { colorScheme = 'light', from }: Look = {}): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  // After confirmations have passed by, with the pointer nowhere.
  const passing = page.getByRole('region', { name: 'Confirmations' }).getByRole('button')
  await page.evaluate(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    for (const close of document.querySelectorAll<HTMLElement>('.toast-close')) close.click()
  })
  await expect(passing).toHaveCount(0)
  await from?.evaluate((part) => part.scrollIntoView({ block: 'start', behavior: 'instant' }))
  await page.mouse.move(0, 0)
  const isWritten = process.env['LOCKBOX_PICTURES'] === '1'
  const png = await page.screenshot(isWritten ? { path: resolve(FOLDER, `${name}.png`) } : {})
  await page.emulateMedia({ colorScheme: 'light' })
  expect({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) }, name).toEqual(PICTURE)
  expect(png.length, `${name} is empty`).toBeGreaterThan(10_000)
}
