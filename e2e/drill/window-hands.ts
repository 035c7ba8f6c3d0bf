import { expect, type Locator, type Page } from '@playwright/test'
import type { AfterwardsFacts, HandedFile } from './actor.ts'

/** How long a person waits for what others or their key have to do first. */
export const LONG = { timeout: 20_000 }

// How a person uses any screen of the window: everything is found by role and name.

/** Goes to a screen by the main navigation. */
export async function go(page: Page, screen: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(`^${screen}`) })
    .click()
}

/** Goes to the entries of the log. */
export async function goToEntries(page: Page): Promise<void> {
  await go(page, 'Log')
  await page.getByRole('button', { name: 'Entries', exact: true }).click()
}

/** Presses the first button of this name. */
export async function press(page: Page, name: string | RegExp): Promise<void> {
  await page
    .getByRole('button', { name, ...(typeof name === 'string' ? { exact: true } : {}) })
    .first()
    .click(LONG)
}

/** Picks a file where the window asks for one. */
export async function pick(page: Page, label: string, { name, bytes }: HandedFile): Promise<void> {
  await page
    .getByLabel(label, { exact: true })
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })
}

/** The dialog that is open. */
export const dialog = (page: Page): Locator => page.getByRole('dialog')

/** Waits until the screen says this in its first line. */
export const headline = (page: Page, name: string | RegExp): Promise<void> =>
  expect(page.getByRole('heading', { level: 1, name })).toBeVisible(LONG)

/** Reads what is to be signed, goes on to the key, and waits until it was touched. */
export async function reviewAndTouch(page: Page): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Continue to my key' }).click(LONG)
  await expect(dialog(page)).toHaveCount(0, LONG)
}

/** Fills in, in the form of a plan, what ends a session at its source and what replaces the key. */
export async function fillAfterwards(page: Page, { iam, revoker, rotator }: AfterwardsFacts): Promise<void> {
  await page.getByText('What happens afterwards').click()
  await page.getByLabel('Role that may end a session').fill(revoker)
  await page.getByLabel('Role that may replace the key').fill(rotator.roleArn)
  await page.getByLabel('IAM user whose key it is').fill(rotator.user)
  await page.getByLabel('Where IAM is asked: region').fill(iam.region)
  await page.getByLabel('Where IAM is asked: endpoint').fill(iam.endpoint)
}

/** What the window saves. The system's own dialog cannot be clicked by a test, so a stand-in takes what would be written. */
export class SavedFiles {
  readonly #files: HandedFile[] = []

  private constructor() {}

  /** Puts the stand-in into a window, and into each document that it will show. */
  static async catchAt(page: Page): Promise<SavedFiles> {
    const saved = new SavedFiles()
    await page.exposeFunction('__saved', (name: string, base64: string) => {
      saved.#files.push({ name, bytes: Uint8Array.from(Buffer.from(base64, 'base64')) })
    })
    const stand = () => {
      const report = Reflect.get(globalThis, '__saved') as (name: string, base64: string) => void
      Object.assign(globalThis, {
        showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => ({
          createWritable: async () => ({
            write: async (bytes: Uint8Array) =>
              report(suggestedName, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))),
            close: async () => undefined,
          }),
        }),
      })
    }
    await page.addInitScript(stand)
    await page.evaluate(stand)
    return saved
  }

  /** Does something that saves a file, and gives that file. */
  async by(act: () => Promise<void>): Promise<HandedFile> {
    const before = this.#files.length
    await act()
    await expect.poll(() => this.#files.length, LONG).toBe(before + 1)
    return this.#files.at(-1) as HandedFile
  }
}
