import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { compressed } from '../../main/bundle-file.ts'
import { expect, printed, saved, test, verify, wouldPrint } from './fixture.ts'

const root = resolve(import.meta.dirname, '../..')
const EXAMPLES = resolve(root, 'docs/formats/examples')
const VECTORS = resolve(root, 'shared/ledger/vectors/bundles')
const temporary = mkdtempSync(join(tmpdir(), 'lockbox-examples-'))
test.afterAll(() => rmSync(temporary, { recursive: true }))

const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.bundle'))
const vectors = readdirSync(VECTORS).filter((name) => name.endsWith('.jsonl'))

/** One file after the other on one page, which on a machine with much else to do is more than the usual two minutes. */
const MANY_FILES_MS = 10 * 60_000

const otherFiles = (page: Page) => page.getByRole('button', { name: 'Verify other files' }).click()

test('there are examples and vectors of bundles', () => {
  expect(examples.length).toBeGreaterThan(25)
  expect(vectors.length).toBeGreaterThan(50)
})

test('reports the same of every example as the command line, to the byte', async ({ stick }) => {
  test.setTimeout(MANY_FILES_MS)
  for (const name of examples) {
    await verify(stick.page, [join(EXAMPLES, name)])
    const { json, text } = await wouldPrint(EXAMPLES, name)
    expect(await saved(stick.page, 'Save as JSON'), name).toBe(json)
    expect(await saved(stick.page, 'Save as text'), name).toBe(text)
    await otherFiles(stick.page)
  }
  expect(stick.complaints()).toEqual([])
})

test('reports the same of every vector of a bundle as the command line', async ({ stick }) => {
  test.setTimeout(MANY_FILES_MS)
  for (const name of vectors) {
    const bundle = name.replace('.jsonl', '.bundle')
    writeFileSync(join(temporary, bundle), compressed([readFileSync(join(VECTORS, name))]))
    await verify(stick.page, [join(temporary, bundle)])
    const { json } = await wouldPrint(temporary, bundle)
    expect(await saved(stick.page, 'Save as JSON'), name).toBe(json)
    await otherFiles(stick.page)
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
  expect(await saved(stick.page, 'Save as text')).toBe(await printed(EXAMPLES, names))
  await expect(stick.page.getByRole('heading', { level: 2 })).toHaveCount(2)
})

test('the program prints what was compared above: of a whole, a refuted, an incomplete and an unreadable file', async () => {
  for (const name of ['whole.bundle', 'changed-reason.bundle', 'no-cosignature.bundle', 'cut.bundle']) {
    const { json, text } = await wouldPrint(EXAMPLES, name)
    const byProgram = await Promise.all([printed(EXAMPLES, ['--json', name]), printed(EXAMPLES, [name])])
    expect(byProgram, name).toEqual([json, text])
  }
})
