import { resolve } from 'node:path'
import type { Page } from '@playwright/test'

const EXAMPLES = resolve(import.meta.dirname, '../../docs/formats/examples')

const reportOn = async (page: Page, ...names: readonly string[]): Promise<void> => {
  await page.getByLabel('Bundles').setInputFiles(names.map((name) => resolve(EXAMPLES, name)))
  await page.getByRole('heading', { level: 1, name: /report/i }).waitFor()
}

/** What the page that verifies shows, and how it comes to that; each beginning with the page as it is opened. */
export const VERIFIER_STATES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'verifier-start': () => Promise.resolve(),
  'verifier-verified': (page) => reportOn(page, 'whole.bundle'),
  'verifier-refuted': (page) => reportOn(page, 'removed-entry.bundle'),
  'verifier-unreadable': (page) => reportOn(page, 'cut.bundle'),
  'verifier-fork': (page) => reportOn(page, 'own-fork.bundle'),
  'verifier-case': async (page) => {
    await reportOn(page, 'whole.bundle')
    await page.getByLabel('Choose a case').fill('INC-7')
    await page.getByText('timeline:').waitFor()
  },
}

/** The files that are approved for them. */
export const VERIFIER_FILES: readonly string[] = Object.keys(VERIFIER_STATES).flatMap((name) => [
  `${name}-640-dark.png`,
  `${name}-900-light.png`,
  `${name}.txt`,
])
