import { expect, type Page } from '@playwright/test'
import { violationsOn } from '../axe.ts'

const SCHEMES = ['light', 'dark'] as const

/** axe finds nothing on what the window shows now, in light and in dark. */
export async function axeFindsNothing(page: Page, screen: string): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect.soft(await violationsOn(page), `${screen}, ${colorScheme}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
