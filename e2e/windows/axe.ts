import { expect, type Page } from '@playwright/test'
import { RULES_OF_COLOURS, violationsOn } from '../axe.ts'

const SCHEMES = ['light', 'dark'] as const

/** axe finds nothing on what the window shows now, in light and in dark; in which only colours differ (`schemes.test.ts`). */
export async function axeFindsNothing(page: Page, screen: string): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const rules = colorScheme === 'light' ? [] : RULES_OF_COLOURS
    expect.soft(await violationsOn(page, rules), `${screen}, ${colorScheme}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
