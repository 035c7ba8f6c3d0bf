import { writeFile } from 'node:fs/promises'
import { test } from '@playwright/test'
import { auditing } from './break-glass/audit.ts'
import { deciding } from './break-glass/decide.ts'
import { meanwhile } from './break-glass/meanwhile.ts'
import { preparing } from './break-glass/prepare.ts'
import { askingWithTheSession } from './break-glass/recorded.ts'
import { aMinuteLater, using } from './break-glass/use.ts'
import { fourPeople, type Organization } from './organization.ts'
import { PICTURE } from './pictures.ts'

// The main path in real windows: Ana asks, Raj decides; Mia and Leo, whose apps have no window here, meet them on the LAN.
// Each test goes on where the one before ended.

test.describe.configure({ mode: 'serial' })

let organization: Organization
const people = () => organization

test.beforeAll(async () => {
  organization = await fourPeople(900)
  for (const { page } of [organization.ana, organization.raj]) await page.setViewportSize(PICTURE)
  await Promise.all(organization.actors.map((actor) => actor.setUp()))
})
test.afterEach(async () => {
  const info = test.info()
  if (info.status === info.expectedStatus) return
  for (const { name, page } of [organization.ana, organization.raj])
    await writeFile(info.outputPath(`${name}.txt`), await page.locator('body').ariaSnapshot())
})
test.afterAll(() => organization.close())

preparing(people)
deciding(people)
using(people)
meanwhile(people)
askingWithTheSession(people)
aMinuteLater(people)
auditing(people)
