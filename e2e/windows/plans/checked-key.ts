import { expect, type Page, test } from '@playwright/test'
import { dialog, go, headline, LONG, press } from '../../drill/window-hands.ts'
import { axeFindsNothing } from '../axe.ts'
import { tabAndPress } from '../keyboard.ts'
import { leftInHeap, leftInWindow } from '../leftovers.ts'
import type { Organization } from '../organization.ts'
import { PICTURE, takePicture } from '../pictures.ts'
import { reviewIsWhole } from '../signed.ts'

const check = (page: Page) => page.getByRole('region', { name: 'Is AWS set up for it?' })

/** Types a secret as a keyboard or a clipboard would, in the place of what is there. */
async function typeSecret(page: Page, secret: string): Promise<void> {
  await page.getByLabel('Secret access key').focus()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(secret)
}

/** A key is tried with AWS, and then deposited. */
export function depositing(people: () => Organization): void {
  test('a key is checked with AWS before it is deposited, by keyboard: mistyped it is wrong, then right, and the check leaves nothing of it', async () => {
    const { ana, actors, world } = people()
    const { page } = ana
    const { accessKeyId, secretAccessKey } = world.sandbox.accessKey
    const mistyped = `${secretAccessKey.slice(1)}${secretAccessKey.startsWith('x') ? 'y' : 'x'}`
    await go(page, 'Credentials')
    await press(page, 'Deposit a key')
    await headline(page, 'Deposit a key of prod-root')
    await page.getByLabel('Access key id').fill(accessKeyId)
    await typeSecret(page, mistyped)
    await tabAndPress(page, /^Check it with AWS$/)
    await expect(check(page).getByRole('alert')).toContainText('Wrong: something has to be mended.', LONG)
    await expect(check(page)).toContainText(`does not accept the key ${accessKeyId} (SignatureDoesNotMatch)`)
    await expect(check(page)).toContainText('This keeps nobody from depositing.')
    await axeFindsNothing(page, 'deposit, checked and wrong')

    await typeSecret(page, secretAccessKey)
    // What was found is of what was typed before, and of nothing else.
    await expect(check(page).getByRole('alert')).toHaveCount(0)
    await expect(check(page)).toContainText('What stands above was changed since the check. Check it again.')
    await tabAndPress(page, /^Check it with AWS$/)
    await expect(check(page)).toContainText('Right: what can be seen with this key is as it should be.', LONG)
    await expect(check(page)).toContainText('Look by hand at what this key cannot see.')
    await check(page).getByText('What is right').click()
    await expect(check(page)).toContainText(`The long-lived key ${accessKeyId} works`)
    await axeFindsNothing(page, 'deposit, checked and right')
    await takePicture(page, 'checked', { from: check(page) })

    await press(page, 'Review and deposit with my key')
    await expect(dialog(page)).toBeVisible(LONG)
    for (const secret of [secretAccessKey, mistyped]) expect(await leftInWindow(page, secret)).toEqual([])
    expect(await leftInHeap(page, [secretAccessKey, mistyped, accessKeyId])).toEqual([accessKeyId])
    await reviewIsWhole(page, PICTURE)
    await press(page, 'Continue to my key')
    await expect(dialog(page)).toHaveCount(0, LONG)
    for (const actor of actors) await actor.acceptShare()
    await Promise.all(actors.map((actor) => actor.custodyProved()))
  })
}
