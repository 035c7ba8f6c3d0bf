import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import type { RunningApp } from '../driver.ts'
import type { Actor, HandedFile, Part, SandboxFacts } from './actor.ts'
import { WindowKeys } from './window-keys.ts'

const KEYS = ['Main key', 'Backup key'] as const
const LONG = { timeout: 20_000 }

/** A person at a real window: every step is what they would click and type, found by role and name. */
export class WindowActor implements Actor {
  readonly name: string
  readonly #app: RunningApp
  readonly #pictures: string
  readonly #saved: HandedFile[] = []

  private constructor(name: string, app: RunningApp, pictures: string) {
    this.name = name
    this.#app = app
    this.#pictures = pictures
  }

  /**
   * Sits down at an app that was just started.
   *
   * @param insertKeys - puts the person's keys beside the app; without it they are the browser's own virtual ones.
   */
  static async at(
    app: RunningApp,
    name: string,
    pictures: string,
    insertKeys: (app: RunningApp) => Promise<unknown> = (app) => WindowKeys.insert(app, KEYS),
  ): Promise<WindowActor> {
    await mkdir(pictures, { recursive: true })
    await insertKeys(app)
    const actor = new WindowActor(name, app, pictures)
    await actor.#catchSavedFiles()
    return actor
  }

  get page(): Page {
    return this.#app.page
  }

  async setUp(): Promise<void> {
    await this.page.getByLabel('Your name').fill(this.name)
    await this.page.getByLabel('How to reach you in an emergency').fill('+49 30 5550 0100')
    await this.page.getByLabel('Name of this device').fill(`${this.name.split(' ')[0]}’s laptop`)
    await this.page.getByRole('button', { name: 'Enrol both keys' }).click()
    await expect(this.page.getByRole('navigation', { name: 'Main' })).toBeVisible(LONG)
  }

  async joinCard({ roles, groups }: Part): Promise<HandedFile> {
    await this.#go('People')
    await this.#press('Save my card…')
    const dialog = this.page.getByRole('dialog')
    for (const role of ['Admin', 'Approver', 'Auditor', 'Commander'] as const)
      await dialog
        .getByRole('checkbox', { name: new RegExp(`^${role}`, 'i') })
        .setChecked(roles.some((one) => one === role.toLowerCase()))
    await dialog.getByLabel(/^Groups of/).fill(groups.join(', '))
    return this.#savedBy(() => dialog.getByRole('button', { name: 'Save my card' }).click())
  }

  async found(
    organization: string,
    cards: readonly { readonly file: HandedFile; readonly part: Part }[],
  ): Promise<HandedFile> {
    for (const [at, { file }] of cards.entries()) {
      await this.#pick('Add a card: file', file)
      await expect(this.page.getByRole('list', { name: 'Cards' }).locator('> li')).toHaveCount(at + 1)
    }
    await this.page.getByLabel('Organization name').fill(organization)
    await this.#press(/^Draft the founding with/)
    await this.#reviewAndTouch()
    return this.#savedBy(() => this.#press('Save the draft and its endorsements'))
  }

  async readDraft(file: HandedFile): Promise<void> {
    await this.#go('People')
    await this.#pick('Open a draft: file', file)
    await expect(this.#words()).toHaveCount(12, LONG)
  }

  async words(): Promise<string[]> {
    await expect(this.#words()).toHaveCount(12, LONG)
    return this.#words().allTextContents()
  }

  async endorseFounding(): Promise<void> {
    await this.page.getByLabel('I compared these aloud with everyone').check()
    await this.#press(/^Endorse the founding of/)
    await this.#reviewAndTouch()
  }

  async address(): Promise<string> {
    await this.#go('Settings')
    const text = await this.page
      .getByText(/127\.0\.0\.1:\d+/)
      .first()
      .textContent(LONG)
    return /127\.0\.0\.1:\d+/.exec(text ?? '')?.[0] ?? ''
  }

  async typeAddress(address: string): Promise<void> {
    await this.#go('Settings')
    await this.page.getByLabel('Address of another member’s device').fill(address)
    await this.#press('Add address')
    await expect(this.page.getByRole('list', { name: 'Typed addresses' })).toContainText(address)
  }

  async founded(): Promise<void> {
    await this.#go('People')
    await expect(this.page.getByRole('heading', { level: 1, name: /^\d+ members of/ })).toBeVisible(LONG)
  }

  async reaches(count: number): Promise<void> {
    await expect(this.page.getByText(new RegExp(`^${count + 1} of ${count + 1} reachable`)).first()).toBeVisible(LONG)
  }

  async proposePlan({ roleArn, regions }: SandboxFacts, threshold: number): Promise<void> {
    await this.#go('Credentials')
    await this.#press('Draft a plan')
    await this.page.getByRole('radio', { name: /^Identity provider down/ }).check()
    await this.page.getByLabel('Name of the credential').fill('prod-root')
    await this.page.getByLabel('AWS role').fill(roleArn)
    for (const [at, { region, endpoint }] of regions.entries()) {
      if ((await this.page.getByLabel(`Region ${at + 1}`, { exact: true }).count()) === 0)
        await this.#press('Add a region')
      await this.page.getByLabel(`Region ${at + 1}`, { exact: true }).fill(region)
      await this.page.getByLabel(`Endpoint ${at + 1}`, { exact: true }).fill(endpoint)
    }
    await this.page.getByLabel('Approvals needed', { exact: true }).selectOption(String(threshold))
    await this.#press('Review and draft with my key')
    await this.#reviewAndTouch()
  }

  async endorsePlan(): Promise<void> {
    await this.#go('Credentials')
    await this.#press(/^Endorse the plan/)
    await this.#reviewAndTouch()
  }

  async planInEffect(): Promise<void> {
    await this.#go('Credentials')
    await expect(
      this.page
        .getByRole('article', { name: /^Plan / })
        .getByText(/^In effect/i)
        .first(),
    ).toBeVisible(LONG)
  }

  async deposit({ accessKey }: SandboxFacts): Promise<void> {
    await this.#go('Credentials')
    await this.#press('Deposit a key')
    await this.page.getByRole('radio', { name: 'I type or paste it' }).check()
    await this.page.getByLabel('Access key id').fill(accessKey.accessKeyId)
    await this.page.getByLabel('Secret access key').fill(accessKey.secretAccessKey)
    await this.#press('Review and deposit with my key')
    await this.#reviewAndTouch()
  }

  async acceptShare(): Promise<void> {
    await this.#go('Credentials')
    await this.#press(/^Accept my share of/)
    await this.#reviewAndTouch()
  }

  async custodyProved(): Promise<void> {
    await this.#go('Credentials')
    await expect(
      this.page
        .getByRole('article', { name: /^Key 1 of/ })
        .getByText(/^Held and proven/)
        .first(),
    ).toBeVisible(LONG)
  }

  async ask(what: string): Promise<void> {
    await this.#go('Ask')
    await this.page.getByRole('radio', { name: /^Identity provider down/ }).check()
    await this.page.getByLabel('What happened').fill(what)
    await this.page.getByLabel('Incident reference').fill('INC-4711')
    await this.page.getByRole('radio', { name: '15 min' }).check()
    await this.#press('Review and send with my key')
    await this.#reviewAndTouch()
  }

  async approve(): Promise<void> {
    await this.#openRequest()
    await this.#press(/^Approve /)
    await this.#reviewAndTouch()
  }

  async deny(reason: string): Promise<void> {
    await this.#openRequest()
    await this.#press(/^Deny/)
    await this.page.getByRole('dialog').getByLabel('Reason').fill(reason)
    await this.page.getByRole('dialog').getByRole('button', { name: /^Deny/ }).click()
    await this.#reviewAndTouch()
  }

  async granted(): Promise<void> {
    await this.#go('Now')
    await this.#press('Open my session')
    await expect(this.page.getByRole('button', { name: 'Copy as environment' })).toBeVisible(LONG)
  }

  async copySession(): Promise<string> {
    await this.#press('Copy as environment')
    await expect(this.page.getByText(/clipboard/i).first()).toBeVisible()
    await this.page
      .context()
      .grantPermissions(['clipboard-read', 'clipboard-write'], { origin: 'https://lockbox.localhost' })
    return this.page.evaluate(() => navigator.clipboard.readText())
  }

  async ended(): Promise<void> {
    await this.#go('Cases')
    await expect(this.page.getByText(/session has ended/i).first()).toBeVisible(LONG)
  }

  async exportBundle(): Promise<HandedFile> {
    await this.#go('Log')
    return this.#savedBy(() => this.#press('Export the log'))
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(this.#pictures, `${name}.png`) })
    await writeFile(join(this.#pictures, `${name}.txt`), await this.page.locator('body').ariaSnapshot())
  }

  close = () => this.#app.close()

  #words(): Locator {
    return this.page.getByRole('list', { name: 'The 12 words' }).first().locator('li')
  }

  async #go(screen: string): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: new RegExp(`^${screen}`) })
      .or(this.page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: new RegExp(`^${screen}`) }))
      .click()
  }

  async #press(name: string | RegExp): Promise<void> {
    await this.page
      .getByRole('button', { name, ...(typeof name === 'string' ? { exact: true } : {}) })
      .first()
      .click(LONG)
  }

  async #pick(label: string, { name, bytes }: HandedFile): Promise<void> {
    await this.page
      .getByLabel(label, { exact: true })
      .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })
  }

  async #openRequest(): Promise<void> {
    await this.#go('Now')
    await expect(this.page.getByRole('article', { name: /^Request from/ })).toBeVisible(LONG)
  }

  async #reviewAndTouch(): Promise<void> {
    const dialog = this.page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Continue to my key' }).click(LONG)
    await expect(dialog).toHaveCount(0, LONG)
  }

  // The system's own dialog cannot be clicked by a test; a stand-in takes what would have been written.
  async #catchSavedFiles(): Promise<void> {
    await this.page.exposeFunction('__saved', (name: string, base64: string) => {
      this.#saved.push({ name, bytes: Uint8Array.from(Buffer.from(base64, 'base64')) })
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
    await this.page.addInitScript(stand)
    await this.page.evaluate(stand)
  }

  async #savedBy(act: () => Promise<void>): Promise<HandedFile> {
    const before = this.#saved.length
    await act()
    await expect.poll(() => this.#saved.length, LONG).toBe(before + 1)
    return this.#saved.at(-1) as HandedFile
  }
}
