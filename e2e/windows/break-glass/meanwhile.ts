import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { dialog, go, goToEntries, LONG, reviewAndTouch } from '../../drill/window-hands.ts'
import { axeFindsNothing } from '../axe.ts'
import { leftOnDisk } from '../leftovers.ts'
import type { Organization } from '../organization.ts'
import { takePicture } from '../pictures.ts'
import { type Change, changeRows, rowPositions } from '../stored-rows.ts'

/** What people do with the app while a session runs. */
export function meanwhile(people: () => Organization): void {
  test('deposit from a file, which is wiped', async () => {
    const { ana, world } = people()
    const { page } = ana
    const { accessKeyId, secretAccessKey } = world.sandbox.accessKey
    const path = join(world.dir, 'prod-root_accessKeys.csv')
    await writeFile(path, `Access key ID,Secret access key\r\n${accessKeyId},${secretAccessKey}\r\n`)
    await go(page, 'Credentials')
    await page
      .getByRole('button', { name: /^Deposit a/ })
      .first()
      .click()
    await page.getByRole('radio', { name: 'From a file on this computer' }).check()
    await page.getByLabel('Path of the file').fill(path)
    await expect(page.getByRole('checkbox', { name: 'Wipe the file afterwards' })).toBeChecked()
    await page.getByRole('button', { name: 'Review and deposit with my key' }).click()
    await expect(dialog(page)).toBeVisible(LONG)
    // Not before it is signed: whoever goes back must still have it.
    expect(existsSync(path)).toBe(true)
    await reviewAndTouch(page)
    await expect(page.getByText('The file with the access key was overwritten and removed').first()).toBeVisible(LONG)
    expect(existsSync(path)).toBe(false)
    await page
      .getByRole('button', { name: 'Dismiss: The file with the access key was overwritten and removed' })
      .click()
    await ana.actor.acceptShare()
    expect(await leftOnDisk(ana.profile, secretAccessKey)).toEqual([])
  })

  test('export writes a bundle, and the window verifies it; a changed one is refuted', async () => {
    const { ana } = people()
    const { page } = ana
    const bundle = await ana.actor.exportBundle()
    await axeFindsNothing(page, 'log')
    const verify = async (bytes: Uint8Array) => {
      await page
        .getByLabel('Verify a file: file')
        .setInputFiles({ name: bundle.name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })
    }
    await verify(bundle.bytes)
    await expect(page.getByText('Every entry of this file was checked and holds.')).toBeVisible(LONG)
    await axeFindsNothing(page, 'log, with a report')
    await takePicture(page, 'log')
    // What somebody with an editor does: change a letter, and compress again.
    const changed = gunzipSync(bundle.bytes)
    const at = changed.indexOf('"payload":"') + 40
    changed[at] = changed[at] === 65 ? 66 : 65
    await verify(gzipSync(changed))
    await expect(page.getByText('This file does not hold.')).toBeVisible(LONG)
    await verify(bundle.bytes.subarray(0, bundle.bytes.length - 100))
    await expect(page.getByText('This is not an export of a Lockbox log.')).toBeVisible(LONG)
  })

  test('the window’s copy of the log is rebuilt visibly when rows are missing, foreign, or of a later log', async () => {
    const { page } = people().ana
    // The window has a copy once somebody looked at the entries.
    await goToEntries(page)
    await expect(page.locator('.timeline > li').first()).toBeVisible(LONG)
    // The journal may grow at any time, by what others acknowledge: whole is a copy that has all, and at least these.
    const { length: least } = await rowPositions(page)
    const isWhole = async () => {
      const positions = await rowPositions(page)
      return positions.length >= least && positions.every((position, at) => position === at)
    }
    const cases: readonly (readonly [Change, string | null])[] = [
      ['holed', 'Rows were missing from this window’s copy of the log'],
      ['foreign', 'held rows that are not the journal’s'],
      ['newer', 'did not end like the journal'],
      // What an earlier moment left is brought up to date, which is no news.
      ['older', null],
    ]
    for (const [change, says] of cases)
      await test.step(change, async () => {
        await go(page, 'Now')
        await changeRows(page, change)
        await goToEntries(page)
        if (says !== null) await expect(page.locator('.note', { hasText: says })).toBeVisible(LONG)
        await expect(page.locator('.timeline > li').first()).toBeVisible(LONG)
        await expect.poll(isWhole).toBe(true)
      })
  })
}
