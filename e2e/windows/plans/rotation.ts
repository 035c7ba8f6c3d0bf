import { expect, type Page, test } from '@playwright/test'
import { dialog, go, headline, LONG, press } from '../../drill/window-hands.ts'
import { axeFindsNothing } from '../axe.ts'
import type { Organization } from '../organization.ts'
import { PICTURE, takePicture } from '../pictures.ts'
import { reviewIsWhole } from '../signed.ts'
import { DAY_SECONDS, rotatorsLast } from './account.ts'

const replacing = (page: Page) => page.getByRole('region', { name: 'Replacing the key' })
const owed = (page: Page) => page.getByRole('region', { name: 'Still owed' }).getByRole('listitem')
const toDelete = (page: Page) => owed(page).filter({ hasText: 'Delete the key that was used' })

async function reviewAndTouch(page: Page): Promise<string> {
  await expect(dialog(page)).toBeVisible(LONG)
  const sentence = (await dialog(page).locator('.sentence').textContent()) ?? ''
  await reviewIsWhole(page, PICTURE)
  await press(page, 'Continue to my key')
  await expect(dialog(page)).toHaveCount(0, LONG)
  return sentence
}

/**
 * After a session whose rotator was over before anybody used it: Ana asks for another, Raj and Mia approve, and Raj, whose
 * app gets it, replaces the key. Leo reviews.
 */
export function rotating(people: () => Organization): void {
  test('nobody has what may replace the key any more: a window that is looked at says so by itself, and who may ask is offered it', async () => {
    const { ana, raj, world } = people()
    await go(raj.page, 'Cases')
    await press(raj.page, /prod-root for Ana Ruiz, Access is granted/)
    await ana.actor.end()
    await ana.actor.ended()
    // Nothing is done in this window.
    const note = replacing(raj.page).getByRole('alert')
    await expect(note).toContainText(
      'Nobody has what may replace the key. Until somebody does, it stays as it is.',
      LONG,
    )
    await expect(note).toContainText('These may ask: Ana Ruiz.')
    await expect(replacing(raj.page)).toContainText('The key that was used still works.')
    await axeFindsNothing(raj.page, 'case, nobody can replace the key')
    rotatorsLast(world, DAY_SECONDS)

    const { page } = ana
    await go(page, 'Now')
    await headline(page, 'Nobody has what may replace the key that was used')
    await axeFindsNothing(page, 'now, a rotation to ask for')
    await takePicture(page, 'rotation-owed')
    await toDelete(page).getByRole('button', { name: 'Ask for a rotation' }).click()
    await press(page, 'Ask for a rotation of prod-root…')
    const sentence = await reviewAndTouch(page)
    expect(sentence).toContain('Ask for a rotation of prod-root')
    expect(sentence).toContain('access for nobody')
    await headline(page, /^Waiting for 2 more/)
    await expect(page.getByRole('region', { name: 'What is asked' })).toContainText('No access · rotation')
  })

  test('approvers read that nobody gets access by it, and for which case it is; then nobody has a session, and an admin has a rotator', async () => {
    const { ana, raj, mia } = people()
    const { page } = raj
    await expect(replacing(page)).toContainText('A rotation was asked for; it is not approved yet.', LONG)
    await press(page, 'Open that case')
    const asked = page.getByRole('region', { name: 'What is asked' })
    await expect(asked).toContainText('Only what may replace the key, for admins. No access.')
    await expect(asked).toContainText('It is for the key used in Ana Ruiz’s case of')
    await axeFindsNothing(page, 'case, a rotation to decide')
    await press(page, 'Approve a rotation of prod-root, without access')
    expect(await reviewAndTouch(page)).toContain('access for nobody')
    await mia.approve()
    for (const window of [page, ana.page]) {
      await headline(window, /^What may replace the key is made, and good for/)
      await expect(window.getByText('Nobody was given access: its session was handed to nobody')).toBeVisible()
      await expect(window.getByText('Issued, no access')).toBeVisible()
    }
    await go(ana.page, 'Now')
    await expect(toDelete(ana.page)).toHaveCount(2, LONG)
    await expect(ana.page.getByRole('button', { name: 'Open my session' })).toHaveCount(0)
    await expect(ana.page.getByRole('button', { name: 'Replace the key now' })).toHaveCount(0)
  })

  test('the key is replaced in the older case by two touches and its custodians; reviewed, it is deleted at once, and the rotation owes it no more either', async () => {
    const { ana, raj, leo, actors, world } = people()
    const { page } = raj
    const { user } = world.sandbox.aftercare.rotator
    const [used] = world.sandbox.activeKeys(user)
    await go(page, 'Now')
    await toDelete(page).getByRole('button', { name: 'Replace the key now' }).first().click(LONG)
    await replacing(page).getByRole('button', { name: 'Replace the key now' }).click()
    await reviewAndTouch(page)
    await press(page, 'Deposit the new key')
    await reviewAndTouch(page)
    await expect(replacing(page)).toContainText('Ask the custodians to accept their shares.', LONG)
    await takePicture(page, 'replacing')
    for (const actor of actors) await actor.acceptShare()
    await Promise.all(actors.map((actor) => actor.custodyProved(2)))
    await expect.poll(() => world.sandbox.activeKeys(user), LONG).not.toContain(used)

    await leo.review('Unknown administrators were locked out')
    await go(page, 'Now')
    // The older case owes nothing but this by then, so nobody waits for an hour.
    await expect(toDelete(page)).toHaveCount(1, LONG)
    await toDelete(page).getByRole('button', { name: 'Go on replacing the key' }).click(LONG)
    await expect(replacing(page)).toContainText(
      'The key that was used is deleted, as another case says that used it too.',
    )
    await replacing(page).getByRole('button', { name: 'Go on replacing the key' }).click()
    // No other key is made for it.
    expect(await reviewAndTouch(page)).toContain('another is held in its place')
    await expect(page.getByText('This app goes on. It takes some seconds.').first()).toBeVisible()
    expect(world.sandbox.activeKeys(user)).toHaveLength(1)
    for (const window of [page, ana.page]) {
      await go(window, 'Now')
      await expect(toDelete(window)).toHaveCount(0, LONG)
      await go(window, 'Cases')
      const closed = /prod-root for Ana Ruiz, Closed: access has ended, and was reviewed as a real emergency/
      await expect(window.getByRole('button', { name: closed })).toBeVisible()
    }
    await axeFindsNothing(page, 'cases, one closed')
  })
}
