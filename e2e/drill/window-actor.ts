import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import { clipboardOf } from '../clipboard.ts'
import type { RunningApp } from '../driver.ts'
import type { Actor, AfterwardsFacts, HandedFile, Part, SandboxFacts } from './actor.ts'
import { fillAfterwards, go, LONG, pick, press, reviewAndTouch, SavedFiles } from './window-hands.ts'
import { WindowKeys } from './window-keys.ts'

const KEYS = ['Main key', 'Backup key'] as const

/** A person at a real window: every step is what they would click and type, found by role and name. */
export class WindowActor implements Actor {
  readonly name: string
  readonly #app: RunningApp
  readonly #pictures: string
  readonly #saved: SavedFiles

  private constructor(name: string, app: RunningApp, pictures: string, saved: SavedFiles) {
    this.name = name
    this.#app = app
    this.#pictures = pictures
    this.#saved = saved
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
    return new WindowActor(name, app, pictures, await SavedFiles.catchAt(app.page))
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
    await go(this.page, 'People')
    await press(this.page, 'My card…')
    const dialog = this.page.getByRole('dialog')
    for (const role of ['Admin', 'Approver', 'Auditor', 'Commander'] as const)
      await dialog
        .getByRole('checkbox', { name: new RegExp(`^${role}`, 'i') })
        .setChecked(roles.some((one) => one === role.toLowerCase()))
    await dialog.getByLabel(/^Groups of/).fill(groups.join(', '))
    return this.#saved.by(() => dialog.getByRole('button', { name: 'Save my card' }).click())
  }

  async found(
    organization: string,
    cards: readonly { readonly file: HandedFile; readonly part: Part }[],
  ): Promise<HandedFile> {
    for (const [at, { file }] of cards.entries()) {
      await pick(this.page, 'Add a card: file', file)
      await expect(this.page.getByRole('list', { name: 'Cards' }).locator('> li')).toHaveCount(at + 1)
    }
    await this.page.getByLabel('Organization name').fill(organization)
    await press(this.page, /^Draft the founding with/)
    await reviewAndTouch(this.page)
    return this.#saved.by(() => press(this.page, 'Save the draft and its endorsements'))
  }

  async readDraft(file: HandedFile): Promise<void> {
    await go(this.page, 'People')
    await pick(this.page, 'Open a draft: file', file)
    await expect(this.#words()).toHaveCount(12, LONG)
  }

  async words(): Promise<readonly (string | null)[]> {
    await expect(this.#words()).toHaveCount(12, LONG)
    return this.#words().evaluateAll((shown) =>
      shown.map((word) => (word.className === 'hidden-word' ? null : word.textContent)),
    )
  }

  async endorseFounding(heard: readonly string[]): Promise<void> {
    for (const [place, word] of (await this.words()).entries())
      if (word === null) await this.page.getByLabel(`Word ${place + 1}`, { exact: true }).fill(heard[place] ?? '')
    await this.page.getByLabel('I compared these aloud with everyone').check()
    await press(this.page, /^Endorse the founding of/)
    await reviewAndTouch(this.page)
  }

  async address(): Promise<string> {
    await go(this.page, 'Settings')
    const text = await this.page
      .getByText(/127\.0\.0\.1:\d+/)
      .first()
      .textContent(LONG)
    return /127\.0\.0\.1:\d+/.exec(text ?? '')?.[0] ?? ''
  }

  async typeAddress(address: string): Promise<void> {
    await go(this.page, 'Settings')
    await this.page.getByLabel('Address of another member’s device').fill(address)
    await press(this.page, 'Add address')
    await expect(this.page.getByRole('list', { name: 'Typed addresses' })).toContainText(address)
  }

  async founded(): Promise<void> {
    await go(this.page, 'People')
    await expect(this.page.getByRole('heading', { level: 1, name: /^\d+ members of/ })).toBeVisible(LONG)
  }

  async reaches(count: number): Promise<void> {
    await expect(this.page.getByText(new RegExp(`^${count + 1} of ${count + 1} reachable`)).first()).toBeVisible(LONG)
  }

  async proposePlan(
    { roleArn, regions }: SandboxFacts,
    threshold: number,
    afterwards?: AfterwardsFacts,
  ): Promise<void> {
    await go(this.page, 'Credentials')
    await press(this.page, 'Draft a plan')
    await this.page.getByRole('radio', { name: /^Identity provider down/ }).check()
    await this.page.getByLabel('Name of the credential').fill('prod-root')
    await this.page.getByLabel('AWS role').fill(roleArn)
    for (const [at, { region, endpoint }] of regions.entries()) {
      if ((await this.page.getByLabel(`Region ${at + 1}`, { exact: true }).count()) === 0)
        await press(this.page, 'Add a region')
      await this.page.getByLabel(`Region ${at + 1}`, { exact: true }).fill(region)
      await this.page.getByLabel(`Endpoint ${at + 1}`, { exact: true }).fill(endpoint)
    }
    if (afterwards !== undefined) await fillAfterwards(this.page, afterwards)
    await this.page.getByLabel('Approvals needed', { exact: true }).selectOption(String(threshold))
    await press(this.page, 'Review and draft with my key')
    await reviewAndTouch(this.page)
  }

  async endorsePlan(): Promise<void> {
    await go(this.page, 'Credentials')
    await press(this.page, /^Endorse the plan/)
    await reviewAndTouch(this.page)
  }

  async planInEffect(): Promise<void> {
    await go(this.page, 'Credentials')
    await expect(
      this.page
        .getByRole('article', { name: /^Plan / })
        .getByText(/^In effect/i)
        .first(),
    ).toBeVisible(LONG)
  }

  async deposit({ accessKey }: SandboxFacts): Promise<void> {
    await go(this.page, 'Credentials')
    await press(this.page, 'Deposit a key')
    await this.page.getByRole('radio', { name: 'I type or paste it' }).check()
    await this.page.getByLabel('Access key id').fill(accessKey.accessKeyId)
    await this.page.getByLabel('Secret access key').fill(accessKey.secretAccessKey)
    await press(this.page, 'Review and deposit with my key')
    await reviewAndTouch(this.page)
  }

  async acceptShare(): Promise<void> {
    await go(this.page, 'Credentials')
    await press(this.page, /^Accept my share of/)
    await reviewAndTouch(this.page)
  }

  async custodyProved(generation = 1): Promise<void> {
    await go(this.page, 'Credentials')
    await expect(
      this.page
        .getByRole('article', { name: new RegExp(`^Key ${generation} of`) })
        .getByText(/^Held and proven/)
        .first(),
    ).toBeVisible(LONG)
  }

  async ask(what: string): Promise<void> {
    await go(this.page, 'Ask')
    await this.page.getByRole('radio', { name: /^Identity provider down/ }).check()
    await this.page.getByLabel('What happened').fill(what)
    await this.page.getByLabel('Incident reference').fill('INC-4711')
    await this.page.getByRole('radio', { name: '15 min' }).check()
    await press(this.page, 'Review and send with my key')
    await reviewAndTouch(this.page)
  }

  async approve(): Promise<void> {
    await this.#openRequest()
    await press(this.page, /^Approve /)
    await reviewAndTouch(this.page)
  }

  async deny(reason: string): Promise<void> {
    await this.#openRequest()
    await press(this.page, /^Deny/)
    await this.page.getByRole('dialog').getByLabel('Reason').fill(reason)
    await this.page.getByRole('dialog').getByRole('button', { name: /^Deny/ }).click()
    await reviewAndTouch(this.page)
  }

  async granted(): Promise<void> {
    await go(this.page, 'Now')
    await press(this.page, 'Open my session')
    await expect(this.page.getByRole('button', { name: 'Copy as environment' })).toBeVisible(LONG)
  }

  async copySession(): Promise<string> {
    await press(this.page, 'Copy as environment')
    await expect(this.page.getByText(/clipboard/i).first()).toBeVisible()
    return clipboardOf(this.page)
  }

  async end(): Promise<void> {
    await press(this.page, 'I am done')
    await this.page.getByRole('dialog').getByRole('button', { name: 'End the session now' }).click()
  }

  async ended(): Promise<void> {
    await go(this.page, 'Cases')
    await expect(this.page.getByText(/session has ended/i).first()).toBeVisible(LONG)
  }

  async mayReplaceKey(): Promise<boolean> {
    await go(this.page, 'Now')
    await expect(this.#owed('Delete the key that was used')).toBeVisible(LONG)
    return this.page.getByRole('button', { name: 'Replace the key now' }).isVisible()
  }

  async replaceKey(): Promise<void> {
    await this.#openReplacing()
    await press(this.page, 'Replace the key now')
    await reviewAndTouch(this.page)
    await expect(this.page.getByRole('button', { name: 'Deposit the new key' })).toBeVisible(LONG)
  }

  async depositNewKey(): Promise<void> {
    await press(this.page, 'Deposit the new key')
    await reviewAndTouch(this.page)
  }

  async oldKeyOff(): Promise<void> {
    await this.#openReplacing()
    await expect(this.page.getByText(/The key that was used is switched off/)).toBeVisible(LONG)
  }

  async owes(what: string): Promise<void> {
    await go(this.page, 'Now')
    await expect(this.#owed(what)).toBeVisible(LONG)
  }

  async exportBundle(): Promise<HandedFile> {
    await go(this.page, 'Log')
    return this.#saved.by(() => press(this.page, 'Export the log'))
  }

  /** Saves the report that is shown. */
  async saveReport(): Promise<HandedFile> {
    return this.#saved.by(() => press(this.page, 'Save this report as a PDF'))
  }

  /** Exports the case whose report is shown. */
  async exportCase(): Promise<HandedFile> {
    return this.#saved.by(() => press(this.page, 'Export this case'))
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(this.#pictures, `${name}.png`) })
    await writeFile(join(this.#pictures, `${name}.txt`), await this.page.locator('body').ariaSnapshot())
  }

  close = () => this.#app.close()

  #words(): Locator {
    return this.page.getByRole('list', { name: 'The 12 words' }).first().locator('li')
  }

  /** What is still owed, under Now. */
  #owed(what: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: what })
  }

  /** The case whose key is to be replaced. */
  async #openReplacing(): Promise<void> {
    await go(this.page, 'Now')
    await this.#owed('Delete the key that was used').getByRole('button').click(LONG)
    await expect(this.page.getByRole('heading', { name: 'Replacing the key' })).toBeVisible(LONG)
  }

  async #openRequest(): Promise<void> {
    await go(this.page, 'Now')
    await expect(this.page.getByRole('article', { name: /^Request from/ })).toBeVisible(LONG)
  }
}
