import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { compressed } from '../../main/bundle-file.ts'
import { MOST_CASES } from '../../shared/verify/report.ts'
import { exportedBytes, exportOf, wholeStory } from '../../shared/verify/testing/exported.ts'
import { violationsOn } from '../axe.ts'
import { logOf } from '../bench/log.ts'
import { expect, printed, saved, test, verify } from './fixture.ts'

const root = resolve(import.meta.dirname, '../..')
const EXAMPLES = resolve(root, 'docs/formats/examples')
const VECTORS = resolve(root, 'shared/ledger/vectors/bundles')
const temporary = mkdtempSync(join(tmpdir(), 'lockbox-verifier-'))
test.afterAll(() => rmSync(temporary, { recursive: true }))

const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.bundle'))

for (const name of examples)
  test(`reports the same of ${name} as the command line, to the byte`, async ({ stick }) => {
    await verify(stick.page, [join(EXAMPLES, name)])
    expect(await saved(stick.page, 'Save as JSON')).toBe(await printed(EXAMPLES, ['--json', name]))
    expect(await saved(stick.page, 'Save as text')).toBe(await printed(EXAMPLES, [name]))
    expect(stick.complaints()).toEqual([])
  })

const vectors = readdirSync(VECTORS).filter((name) => name.endsWith('.jsonl'))
/** A test has two minutes, and verifying one takes a second. */
const BATCH = 25

test('there are vectors of bundles', () => {
  expect(vectors.length).toBeGreaterThan(50)
})

for (let from = 0; from < vectors.length; from += BATCH)
  test(`reports the same of the vectors of bundles from ${from} on as the command line`, async ({ stick }) => {
    for (const name of vectors.slice(from, from + BATCH)) {
      const bundle = name.replace('.jsonl', '.bundle')
      writeFileSync(join(temporary, bundle), compressed([readFileSync(join(VECTORS, name))]))
      await verify(stick.page, [join(temporary, bundle)])
      expect(await saved(stick.page, 'Save as JSON'), name).toBe(await printed(temporary, ['--json', bundle]))
      await stick.page.getByRole('button', { name: 'Verify other files' }).click()
    }
    expect(stick.complaints()).toEqual([])
  })

test('verifies files together, apart, and without those that cannot be read, as the command line does', async ({
  stick,
}) => {
  const names = ['whole.bundle', 'removed-entry.bundle', 'expected.json', 'no-cosignature.bundle']
  await verify(
    stick.page,
    names.map((name) => join(EXAMPLES, name)),
  )
  expect(await saved(stick.page, 'Save as JSON')).toBe(await printed(EXAMPLES, ['--json', ...names]))
  await expect(stick.page.getByRole('heading', { level: 2 })).toHaveCount(2)
})

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

test('verifies a longer log in several workers, shows how far it is, and can be ended', async ({ stick }) => {
  const { page } = stick
  const path = join(temporary, 'log.bundle')
  writeFileSync(path, compressed([await exportedBytes(await logOf(3000))]))
  // From half a mebibyte on it is more than one.
  expect(statSync(path).size).toBeGreaterThan(512 * 1024)
  await page.getByLabel('Bundles').setInputFiles(path)
  await expect(page.getByRole('progressbar', { name: 'Entries checked' })).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Drop bundles here or choose files')).toBeVisible()
  await verify(page, [path])
  expect(await saved(page, 'Save as JSON')).toBe(await printed(temporary, ['--json', 'log.bundle']))
})

test('verifies again for a case that is too old to be listed, and shows it, as the command line does', async ({
  stick,
}) => {
  const { page } = stick
  const path = join(temporary, 'cases.bundle')
  const { story, plan, request } = await wholeStory()
  // One more than a report gives, each long after the one before.
  for (let count = 0; count < MOST_CASES; count++) {
    story.pass(90)
    await story.ask('alice', plan)
  }
  writeFileSync(path, compressed([await exportedBytes(exportOf(story))]))
  await verify(page, [path])
  const cases = page.getByRole('region', { name: 'Cases' })
  await expect(cases).toContainText('older cases are not listed')
  await expect(cases.getByText('timeline:')).toHaveCount(0)
  await cases.getByLabel('Choose a case').fill(request.id)
  await cases.getByRole('button', { name: 'Verify again for this case' }).click()
  await expect(cases.getByText('timeline:')).toBeVisible()
  expect(await saved(page, 'Save as JSON')).toBe(
    await printed(temporary, ['--json', '--case', request.id, 'cases.bundle']),
  )
})

test('says so and concludes nothing where the browser starts no worker', async ({ stick }) => {
  const { page } = stick
  await page.evaluate(() => {
    URL.createObjectURL = () => 'blob:null/nothing'
  })
  await page.getByLabel('Bundles').setInputFiles(join(EXAMPLES, 'whole.bundle'))
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Could not finish, so nothing is concluded')
})
