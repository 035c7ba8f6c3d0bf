import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { compressed } from '../../main/bundle-file.ts'
import { type Digest, toBase64Url } from '../../shared/bytes.ts'
import { MOST_CASES } from '../../shared/verify/report.ts'
import { exportedBytes, wholeStory } from '../../shared/verify/testing/exported.ts'
import { violationsOn } from '../axe.ts'
import { asking, lastOf, Pen, writeLargeLog } from '../large/log.ts'
import { expect, printed, saved, test, verify } from './fixture.ts'

const root = resolve(import.meta.dirname, '../..')
const EXAMPLES = resolve(root, 'docs/formats/examples')
const temporary = mkdtempSync(join(tmpdir(), 'lockbox-verifier-'))
test.afterAll(() => rmSync(temporary, { recursive: true }))

test('shows verdict, first finding, words, people and cases; by keyboard, and clean for axe in light and dark', async ({
  stick,
}) => {
  const { page } = stick
  expect(await violationsOn(page)).toEqual([])
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Choose files' })).toBeFocused()
  await verify(page, [join(EXAMPLES, 'removed-entry.bundle')])
  await expect(page.getByRole('status').first()).toContainText('REFUTED: this file contradicts itself.')
  await expect(page.getByRole('region', { name: 'First finding' })).toContainText('rule: own-head')
  await page.getByRole('button', { name: 'Verify other files' }).click()
  await verify(page, [join(EXAMPLES, 'whole.bundle')])
  const { reports } = JSON.parse(await printed(EXAMPLES, ['--json', 'whole.bundle'])) as {
    reports: {
      organization: { words: string[] }
      people: { name: string; keys: { name: string }[] }[]
      cannotConclude: string[]
    }[]
  }
  const [report] = reports
  await expect(page.getByRole('status').first()).toContainText('VERIFIED')
  expect(await page.getByRole('list', { name: 'The 12 words' }).getByRole('listitem').allTextContents()).toEqual(
    report?.organization.words,
  )
  const people = page.getByRole('region', { name: 'People and their hardware keys' })
  for (const { name, keys } of report?.people ?? [])
    for (const words of [name, ...keys.map((key) => `“${key.name}”`)]) await expect(people).toContainText(words)
  for (const sentence of report?.cannotConclude ?? []) await expect(page.getByText(sentence)).toBeVisible()
  await page.getByRole('region', { name: 'Cases' }).getByRole('group').first().locator('summary').click()
  await expect(page.getByText('timeline:').first()).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await violationsOn(page), colorScheme).toEqual([])
  }
  expect(stick.complaints()).toEqual([])
})

test('is printed black on white from a dark screen, and says what a closed case leaves out on paper', async ({
  stick,
}) => {
  const { page } = stick
  await page.emulateMedia({ colorScheme: 'dark' })
  await verify(page, [join(EXAMPLES, 'whole.bundle')])
  const closed = page.getByText('A case that was not opened stands here in one line')
  await expect(closed).toBeHidden()
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
  await expect(closed).toBeVisible()
  await expect(page.locator('html')).toHaveCSS('background-color', 'rgb(255, 255, 255)')
  await expect(page.locator('.card').first()).toHaveCSS('background-color', 'rgb(255, 255, 255)')
  await expect(page.locator('.note').first()).toHaveCSS('color', 'rgb(0, 0, 0)')
  await expect(page.getByRole('button')).toHaveCount(0)
})

test('stays within a narrow window, licences included, and says of a folder that it may be one', async ({ stick }) => {
  const { page } = stick
  await page.setViewportSize({ width: 320, height: 640 })
  await page.getByText('Whose code is in this page').click()
  const width = () => page.evaluate(() => document.documentElement.scrollWidth)
  expect(await width()).toBe(320)
  await verify(page, [join(EXAMPLES, 'whole.bundle')])
  expect(await width()).toBe(320)
  const session = await page.context().newCDPSession(page)
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    const data = { items: [], files: [EXAMPLES], dragOperationsMask: 1 }
    await session.send('Input.dispatchDragEvent', { type, x: 100, y: 100, data })
  }
  await expect(page.getByRole('status').first()).toContainText('UNREADABLE: there is no file here that can be read')
  await expect(page.getByText('it cannot be read to its end: is it a folder', { exact: false })).toBeVisible()
})

test('makes the 12 words of an organization once, however often something of it is verified', async ({ stick }) => {
  const { page } = stick
  await page.evaluate(() => {
    const told: unknown[] = []
    class HeardWorker extends Worker {
      override postMessage(task: { readonly words: ReadonlyMap<string, readonly string[]> }): void {
        told.push([...task.words.values()])
        super.postMessage(task, [])
      }
    }
    Object.assign(globalThis, { told, Worker: HeardWorker })
  })
  for (const name of ['whole.bundle', 'no-cosignature.bundle']) {
    await verify(page, [join(EXAMPLES, name)])
    await page.getByRole('button', { name: 'Verify other files' }).click()
  }
  await verify(page, [join(EXAMPLES, 'whole.bundle')])
  const words = await page.getByRole('list', { name: 'The 12 words' }).getByRole('listitem').allTextContents()
  expect(words.length).toBe(12)
  const told = await page.evaluate(() => (globalThis as unknown as { told: unknown[] }).told)
  expect(told).toEqual([[], [words], [words]])
})

test('verifies a longer log in several workers, shows how far it is, and can be ended', async ({ stick }) => {
  const { page } = stick
  const path = join(temporary, 'log.bundle')
  await writeLargeLog(path, 3000)
  // From half a mebibyte on it is more than one.
  expect(statSync(path).size).toBeGreaterThan(512 * 1024)
  await page.getByLabel('Bundles').setInputFiles(path)
  await expect(page.getByRole('progressbar', { name: 'Entries checked' })).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Drop bundles here or choose files')).toBeVisible()
  await verify(page, [path])
  expect(await saved(page, 'Save as JSON')).toBe(await printed(temporary, ['--json', 'log.bundle']))
})

/** A bundle with one more case than a report gives, each long after the one before; the id of the first, which is whole. */
async function writeManyCases(path: string): Promise<Digest> {
  const { story, plan, request, exported } = await wholeStory()
  const { organization, roster } = story
  const ledger = { size: story.ledger.size, root: toBase64Url(story.ledger.root()) }
  const pen = new Pen({ organization, roster: roster.id, ledger }, lastOf(story))
  const timeOf = (one: number) => story.now + one * 90 * 60_000
  const later = Array.from({ length: MOST_CASES }, (_, one) =>
    pen.say('request', 'alice', timeOf(one), asking(plan.id, one), true),
  )
  const entries = [...exported.entries, ...later.map(({ envelope }) => envelope)]
  writeFileSync(path, compressed([await exportedBytes({ ...exported, entries, exportedAt: timeOf(MOST_CASES) })]))
  return request.id
}

test('verifies again for a case that is too old to be listed, and shows it, as the command line does', async ({
  stick,
}) => {
  const { page } = stick
  const path = join(temporary, 'cases.bundle')
  const oldest = await writeManyCases(path)
  await verify(page, [path])
  const cases = page.getByRole('region', { name: 'Cases' })
  await expect(cases).toContainText('older cases are not listed')
  await expect(cases.getByText('timeline:')).toHaveCount(0)
  await cases.getByLabel('Choose a case').fill(oldest)
  await cases.getByRole('button', { name: 'Verify again for this case' }).click()
  await expect(cases.getByText('timeline:')).toBeVisible()
  expect(await saved(page, 'Save as JSON')).toBe(await printed(temporary, ['--json', '--case', oldest, 'cases.bundle']))
})

test('says so and concludes nothing where the browser starts no worker', async ({ stick }) => {
  const { page } = stick
  await page.evaluate(() => {
    URL.createObjectURL = () => 'blob:null/nothing'
  })
  await page.getByLabel('Bundles').setInputFiles(join(EXAMPLES, 'whole.bundle'))
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Could not finish, so nothing is concluded')
})
