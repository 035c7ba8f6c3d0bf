import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, type Page, test } from '@playwright/test'
import { go, LONG, press } from '../../drill/window-hands.ts'
import type { UserSpec } from '../../sandbox-aws/world.ts'
import { axeFindsNothing } from '../axe.ts'
import { leftInWindow, leftOnDisk } from '../leftovers.ts'
import type { Organization } from '../organization.ts'
import { takePicture } from '../pictures.ts'

/** How late CloudTrail is. */
const QUARTER_MS = 15 * 60_000

/** Somebody of the incident team, by their ordinary rights. */
const READER: UserSpec = {
  name: 'incident-team',
  policy: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'cloudtrail:LookupEvents', Resource: '*' }],
  }),
}

const recorded = (page: Page) => page.getByRole('region', { name: 'What AWS recorded' })
const form = (page: Page) => page.getByRole('form', { name: 'Ask CloudTrail' })
const evidence = (page: Page, name: string) => recorded(page).getByRole('article', { name: `Evidence by ${name}` })

async function openCase(page: Page): Promise<void> {
  await go(page, 'Cases')
  await press(page, /prod-root for Ana Ruiz/)
}

/** Ana asks AWS itself what it recorded, while her session lives. */
export function askingWithTheSession(people: () => Organization): void {
  test('CloudTrail is asked with the session: it knows nothing yet, then not all, then all of its regions answer', async () => {
    const { ana, world } = people()
    const { page } = ana
    await openCase(page)
    await expect(recorded(page)).toContainText('No evidence attached.')
    await press(page, 'Ask CloudTrail…')
    await expect(form(page).getByRole('radio', { name: 'The session of this case' })).toBeChecked()
    await axeFindsNothing(page, 'case, asking CloudTrail')
    const ask = () => form(page).getByRole('button', { name: 'Ask CloudTrail' }).click()

    world.sandbox.setTrailDelay(QUARTER_MS)
    await ask()
    await expect(form(page)).toContainText('CloudTrail knows nothing of this case so far.', LONG)
    await expect(form(page)).toContainText('Ask again later, or attach files of a trail.')
    await expect(evidence(page, 'Ana Ruiz')).toHaveCount(0)

    world.sandbox.setTrailDelay(0)
    world.sandbox.fault({ kind: 'error-500' }, { region: 'us-east-1', times: 3 })
    await ask()
    await expect(form(page)).toContainText(/Asking… (one event|\d+ events) so far/)
    await expect(form(page)).toContainText('CloudTrail did not answer everything in us-east-1.', LONG)
    await expect(form(page)).toContainText('CloudTrail in us-east-1 did not answer. Check the network')
    await expect(evidence(page, 'Ana Ruiz')).toContainText('an answer of LookupEvents')
    await axeFindsNothing(page, 'case, a region of CloudTrail did not answer')
    await takePicture(page, 'cloudtrail', { from: recorded(page) })

    await ask()
    await expect(form(page)).toHaveCount(0, LONG)
    await expect(evidence(page, 'Ana Ruiz')).toHaveCount(2, LONG)
    const newest = evidence(page, 'Ana Ruiz').first()
    await expect(newest).toContainText('who took part in this case')
    await expect(newest).toContainText(/It shows 1 of 1 session being issued, and \d+ calls made with it/)
    // Nobody may take it for the whole while the session still lives.
    await expect(newest).toContainText(
      'It does not reach over all of this case in 3 regions: once a quarter of an hour',
    )
    await expect(recorded(page)).toContainText('The evidence does not reach over all of this case.')
    await newest.getByRole('button', { name: 'Show every call' }).click()
    const calls = newest.getByRole('row')
    await expect(calls.filter({ hasText: 'sts AssumeRole' })).toContainText('the session was issued')
    await expect(calls.filter({ hasText: 'sts GetCallerIdentity' }).first()).toContainText('in the session')
    await expect(calls.filter({ hasText: 'cloudtrail LookupEvents' }).first()).toContainText('in the session')
    await axeFindsNothing(page, 'case, with what AWS recorded')
  })
}

/** Afterwards somebody else asks, with credentials of their own; and not all of what AWS tells is explained. */
export function askingWithCredentials(people: () => Organization): void {
  test('somebody else asks with credentials in a file, and a use of the key that no case explains is red in every window', async () => {
    const { ana, raj, world } = people()
    const { accessKeyId, secretAccessKey } = world.sandbox.accessKey
    const [{ endpoint, region } = { endpoint: '', region: '' }] = world.sandbox.regions
    const stranger = new STSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } })
    await stranger.send(new GetCallerIdentityCommand({}))
    stranger.destroy()

    const { page } = raj
    await openCase(page)
    await expect(evidence(page, 'Ana Ruiz')).toHaveCount(2, LONG)
    await press(page, 'Ask CloudTrail…')
    await form(page).getByRole('button', { name: 'Ask CloudTrail' }).click()
    await expect(form(page)).toContainText('Name the file with the credentials.')
    const reader = world.sandbox.addAccessKey(READER)
    const path = join(world.dir, 'reader.json')
    await writeFile(path, JSON.stringify({ AccessKeyId: reader.accessKeyId, SecretAccessKey: reader.secretAccessKey }))
    await form(page).getByLabel('Path of the file with the credentials').fill(path)
    await form(page).getByRole('button', { name: 'Ask CloudTrail' }).click()
    await expect(form(page)).toHaveCount(0, LONG)

    for (const window of [page, ana.page]) {
      if (window !== page) await openCase(window)
      const rajs = evidence(window, 'Raj Patel')
      await expect(rajs.getByRole('alert')).toContainText('AWS’s record differs from this case in 1 point.', LONG)
      await expect(rajs).toContainText('A call with the long-lived key that no case explains.')
      await expect(window.getByRole('region', { name: 'To be aware of' })).toContainText('it differs')
      await rajs.getByRole('button', { name: 'Show every call' }).click(LONG)
      await expect(rajs.getByRole('row').filter({ hasText: 'nothing explains it' })).toHaveCount(1, LONG)
    }
    await axeFindsNothing(page, 'case, AWS’s record differs')
    await takePicture(page, 'recorded', { from: recorded(page) })
    expect(await leftInWindow(page, reader.secretAccessKey)).toEqual([])
    expect(await leftOnDisk(raj.profile, reader.secretAccessKey)).toEqual([])
  })
}
