import { writeFile } from 'node:fs/promises'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { SUSPECTED_COMPROMISE } from '../../shared/org/templates/suspected-compromise.ts'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import { readAloud } from '../drill/story.ts'
import { fillAfterwards } from '../drill/window-hands.ts'
import { axeFindsNothing } from './axe.ts'
import { cardsOf, fourPeople, introduce, type Organization } from './organization.ts'
import { PICTURE } from './pictures.ts'
import { account, DAY_SECONDS, ROLE, rotatorsLast } from './plans/account.ts'
import { depositing } from './plans/checked-key.ts'
import { rotating } from './plans/rotation.ts'
import { reviewIsWhole } from './signed.ts'

// Plans in real windows: Ana drafts and asks, Raj endorses and decides; Mia and Leo have no window. Raj and Leo are of the
// group security. AWS is as the templates of docs/aws make it. Each test goes on where the one before ended.

test.describe.configure({ mode: 'serial' })

const LONG = { timeout: 20_000 }
const NAME = SUSPECTED_COMPROMISE.name
let people: Organization

test.beforeAll(async () => {
  people = await fourPeople(DAY_SECONDS, account)
  const { ana, raj, actors } = people
  for (const { page } of [ana, raj]) await page.setViewportSize(PICTURE)
  await Promise.all(actors.map((actor) => actor.setUp()))
  const draft = await ana.actor.found('Example Bank', await cardsOf(actors))
  await Promise.all(actors.slice(1).map((actor) => actor.readDraft(draft)))
  const heard = await readAloud(actors)
  for (const actor of actors) await actor.endorseFounding(heard)
  await introduce(actors)
  await Promise.all(actors.map((actor) => actor.founded()))
  await Promise.all(actors.map((actor) => actor.reaches(3)))
})
test.afterEach(async () => {
  const info = test.info()
  if (info.status === info.expectedStatus) return
  for (const { name, page } of [people.ana, people.raj])
    await writeFile(info.outputPath(`${name}.txt`), await page.locator('body').ariaSnapshot())
})
test.afterAll(() => people.close())

const go = (page: Page, screen: string) =>
  page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(`^${screen}`) })
    .click()
const dialog = (page: Page) => page.getByRole('dialog')
const checks = (page: Page) => page.getByRole('region', { name: 'At 3 a.m.' })
const changes = (page: Page) => page.getByRole('region', { name: 'What it changes' })
const plan = (page: Page, name: string) => page.getByRole('article', { name: `Plan ${name}` })

async function reviewAndTouch(page: Page): Promise<void> {
  await reviewIsWhole(page, PICTURE)
  await dialog(page).getByRole('button', { name: 'Continue to my key' }).click()
  await expect(dialog(page)).toHaveCount(0, LONG)
}

/** Fills in where the credential is used, as the sandbox wants it. */
async function fillAccess(page: Page): Promise<void> {
  const { regions } = people.world.sandbox
  await page.getByLabel('AWS role').fill(ROLE)
  for (const [at, { region, endpoint }] of regions.entries()) {
    await page.getByLabel(`Region ${at + 1}`, { exact: true }).fill(region)
    await page.getByLabel(`Endpoint ${at + 1}`, { exact: true }).fill(endpoint)
  }
}

async function draft(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Review and draft with my key' }).click()
  await expect(dialog(page)).toBeVisible(LONG)
  await reviewAndTouch(page)
}

/** Both admins with windows endorse a plan, and then it is in effect in both. */
async function endorse(name: string): Promise<void> {
  for (const { page } of [people.ana, people.raj]) {
    await go(page, 'Credentials')
    await page.getByRole('button', { name: `Endorse the plan ${name}` }).click(LONG)
    await reviewAndTouch(page)
  }
  for (const { page } of [people.ana, people.raj])
    await expect(plan(page, name).getByText('In effect', { exact: true })).toBeVisible(LONG)
}

async function runbookIsShown(within: Locator, text: string): Promise<void> {
  const folded = within.locator('details:not([open]) > summary')
  if ((await folded.count()) > 0) await folded.click()
  for (const line of text.split('\n').filter((one) => one !== ''))
    await expect(within.getByText(line, { exact: true })).toBeVisible()
}

/** Ana asks because of an emergency, and her window shows the case. */
async function ask(emergency: string, what: string): Promise<void> {
  const { page } = people.ana
  await go(page, 'Ask')
  await page.getByRole('radio', { name: emergency }).check()
  await page.getByLabel('What happened').fill(what)
  await page.getByRole('radio', { name: '30 min' }).check()
  await page.getByRole('button', { name: 'Review and send with my key' }).click()
  await reviewAndTouch(page)
  await expect(page.getByRole('heading', { level: 1, name: /^Waiting for 2 more/ })).toBeVisible(LONG)
}

test('a template brings runbook, session policy and who must approve; the form says live whether the plan can be met at 3 a.m.', async () => {
  const { page } = people.ana
  await go(page, 'Credentials')
  await page.getByRole('button', { name: 'Draft a plan' }).click()
  for (const { name } of PLAN_TEMPLATES) await expect(page.getByRole('radio', { name })).toBeVisible()
  await page.getByRole('radio', { name: NAME }).check()
  await expect(page.getByLabel('Runbook')).toHaveValue(SUSPECTED_COMPROMISE.runbook)
  await expect(page.getByLabel('Session policy')).toHaveValue(SUSPECTED_COMPROMISE.sessionPolicy)
  await expect(page.getByRole('checkbox', { name: 'One denial from security stops a request' })).toBeChecked()
  // Three of four, as the template has it for five: one absence would block it, and the form names whose.
  await expect(checks(page)).toContainText('Not like this')
  await expect(checks(page)).toContainText('When Ana Ruiz asks and Raj Patel, Mia Wong or Leo Novak is away')
  await page.getByLabel('Approvals needed', { exact: true }).selectOption('2')
  await expect(checks(page)).toContainText('Whoever asks, with any one custodian away, enough are left to approve.')
  await expect(checks(page)).toContainText('One denial from Raj Patel or Leo Novak (security) stops a request.')
  await axeFindsNothing(page, 'plan, filled in from a template')
  await page.getByLabel('Name of the credential').fill('prod-root')
  await fillAccess(page)
  await fillAfterwards(page, people.world.sandbox.aftercare)
  // Whose device issues gets nothing that replaces the key, and Raj is to replace it.
  await page
    .getByRole('group', { name: 'Whose devices may issue' })
    .getByRole('checkbox', { name: 'Raj Patel' })
    .uncheck()
  await draft(page)
  await endorse(NAME)
  await expect(plan(page, NAME)).toContainText('No key of prod-root is deposited yet')
})

depositing(() => people)

test('the runbook is shown to who asks and to who decides; those with a veto are told, and one denial of theirs stops it', async () => {
  const { ana: asking, raj, leo } = people
  await go(asking.page, 'Credentials')
  await expect(asking.page.getByRole('article', { name: 'Key 1 of prod-root' })).toContainText(`Serves “${NAME}”.`)
  await go(asking.page, 'Ask')
  await asking.page.getByRole('radio', { name: NAME }).check()
  await runbookIsShown(asking.page.getByRole('region', { name: 'Runbook' }), SUSPECTED_COMPROMISE.runbook)
  await axeFindsNothing(asking.page, 'ask, with a runbook')
  await ask(NAME, 'Unknown administrators since midnight')

  const { page } = raj
  await go(page, 'Now')
  await page.getByRole('button', { name: 'Open the case' }).click(LONG)
  await runbookIsShown(page.getByRole('region', { name: 'Runbook' }), SUSPECTED_COMPROMISE.runbook)
  const seats = page.getByRole('region', { name: 'Approvers' }).getByRole('listitem')
  for (const [name, veto] of [
    ['Ana Ruiz', false],
    ['Raj Patel', true],
    ['Mia Wong', false],
    ['Leo Novak', true],
  ] as const)
    await expect(seats.filter({ hasText: name }).getByText('can veto')).toHaveCount(veto ? 1 : 0)
  await axeFindsNothing(page, 'case, with vetoes')
  await page.getByRole('button', { name: 'Deny…' }).click()
  await expect(dialog(page)).toContainText('The plan gives security a veto: your denial alone stops this request')
  await dialog(page).getByRole('button', { name: 'Go back' }).click()

  await leo.deny('I did not recognize the voice')
  for (const window of [asking.page, page]) {
    await expect(window.getByRole('heading', { level: 1, name: 'Denied: it can no longer be approved' })).toBeVisible(
      LONG,
    )
    await expect(window.getByText('Leo Novak denied, and the plan gives security a veto')).toBeVisible()
  }
})

test('a second plan over the same credential takes over its custodians and needs no deposit', async () => {
  const { page } = people.ana
  await go(page, 'Credentials')
  await page.getByRole('button', { name: 'Draft a plan' }).click()
  await page.getByRole('radio', { name: 'Identity provider down' }).check()
  await page.getByLabel('Credential', { exact: true }).selectOption({ label: 'prod-root' })
  await expect(checks(page)).toContainText('Key 1 of prod-root serves it as it is: nothing has to be deposited for it.')
  await page.getByRole('checkbox', { name: 'Leo Novak' }).first().uncheck()
  await expect(checks(page)).toContainText(`“${NAME}” then has no key.`)
  await page.getByRole('checkbox', { name: 'Leo Novak' }).first().check()
  await expect(checks(page)).toContainText('nothing has to be deposited for it.')
  await fillAccess(page)
  await draft(page)
  await endorse('Identity provider down')
  await expect(page.getByRole('article', { name: 'Key 1 of prod-root' })).toContainText('Serves “')
  for (const name of [NAME, 'Identity provider down'])
    await expect(page.getByRole('article', { name: 'Key 1 of prod-root' })).toContainText(`“${name}”`)
  await expect(page.getByRole('article', { name: /^Key \d+ of prod-root$/ })).toHaveCount(1)
  for (const actor of [people.mia, people.leo]) await actor.acceptPlans()
  await expect(page.getByText('Not accepted yet by')).toHaveCount(0, LONG)
  await axeFindsNothing(page, 'credentials, two plans over one')
})

test('a new version shows line by line what it changes, cuts off what is open under the one before, and is accepted anew', async () => {
  const { ana: asking, raj, mia, leo } = people
  await ask(NAME, 'Alarms were switched off')
  const { page } = asking
  await go(page, 'Credentials')
  await plan(page, NAME).getByRole('button', { name: 'Draft a new version' }).click()
  await expect(changes(page)).toContainText('Nothing yet')
  await expect(changes(page)).toContainText('A request is open under the version before.')
  await page.getByRole('checkbox', { name: '1 h', exact: true }).uncheck()
  await page.getByLabel('Runbook').fill(`${SUSPECTED_COMPROMISE.runbook}\nCall the regulator.`)
  await expect(changes(page).locator('del')).toHaveText(['1 h'])
  await expect(changes(page).locator('ins')).toHaveText(['Call the regulator.'])
  await axeFindsNothing(page, 'plan, a new version')
  await draft(page)

  await go(raj.page, 'Credentials')
  const drafted = plan(raj.page, NAME).filter({ hasText: 'Draft, endorsed by' })
  await expect(drafted.locator('del')).toHaveText(['1 h'], LONG)
  await expect(drafted.locator('ins')).toHaveText(['Call the regulator.'])
  await expect(drafted).toContainText('A request is open under the version before.')
  await axeFindsNothing(raj.page, 'credentials, a new version to endorse')
  await endorse(NAME)
  await expect(plan(raj.page, NAME)).toHaveCount(1)

  await go(page, 'Cases')
  await page
    .getByRole('button', { name: /^Open the case: prod-root for Ana Ruiz, This request cannot be answered/ })
    .first()
    .click()
  await expect(page.getByText('A newer version of its plan took its place.')).toBeVisible()
  await runbookIsShown(page.getByRole('region', { name: 'Runbook' }), SUSPECTED_COMPROMISE.runbook)
  await expect(page.getByText('Call the regulator.')).toHaveCount(0)

  // Mia and Leo are no windows’ business; their apps release only once they accepted it anew.
  await leo.acceptPlans()
  await mia.acceptPlans()
  await ask(NAME, 'Alarms are off again')
  await expect(page.getByText('Call the regulator.')).toHaveCount(1)
  await raj.actor.approve()
  // What may replace the key is over before anybody looks.
  rotatorsLast(people.world, 5)
  await mia.approve()
  await asking.actor.granted()
})

rotating(() => people)
