import { expect, test } from '@playwright/test'
import { readAloud } from '../../drill/story.ts'
import { dialog, go, LONG, reviewAndTouch } from '../../drill/window-hands.ts'
import { axeFindsNothing } from '../axe.ts'
import { leftInHeap, leftInWindow, leftOnDisk } from '../leftovers.ts'
import { cardsOf, introduce, type Organization } from '../organization.ts'
import { PICTURE, takePicture } from '../pictures.ts'
import { reviewIsWhole } from '../signed.ts'

/** Founding, plan and deposit. */
export function preparing(people: () => Organization): void {
  test('founding: others give join cards by file, every window shows the same 12 words, each founder endorses with the hardware key', async () => {
    const { ana, actors } = people()
    await axeFindsNothing(ana.page, 'now, before there is an organization')
    const cards = await cardsOf(actors)
    await axeFindsNothing(ana.page, 'people, before there is an organization')
    const draft = await ana.actor.found('Example Bank', cards)
    await Promise.all(actors.slice(1).map((actor) => actor.readDraft(draft)))
    const heard = await readAloud(actors)
    await axeFindsNothing(ana.page, 'people, with a draft')
    await ana.page.getByRole('list', { name: 'The 12 words' }).scrollIntoViewIfNeeded()
    await takePicture(ana.page, 'twelve-words')
    for (const actor of actors) await actor.endorseFounding(heard)
    await introduce(actors)
    await Promise.all(actors.map((actor) => actor.founded()))
    await Promise.all(actors.map((actor) => actor.reaches(3)))
    await axeFindsNothing(ana.page, 'people')
    await go(ana.page, 'Settings')
    await axeFindsNothing(ana.page, 'settings')
  })

  test('plan: an admin drafts it from the built-in template, and the admin quorum endorses it', async () => {
    const { ana, raj, actors, world } = people()
    await go(ana.page, 'Credentials')
    await ana.page.getByRole('button', { name: 'Draft a plan' }).click()
    await axeFindsNothing(ana.page, 'plan')
    await go(ana.page, 'Now')
    await ana.actor.proposePlan(world.sandbox, 2)
    for (const admin of [ana.actor, raj.actor]) await admin.endorsePlan()
    await Promise.all(actors.map((actor) => actor.planInEffect()))
  })

  test('deposit: an access key is typed, and after that call it is nowhere in the window, its databases or the profile', async () => {
    const { ana, actors, world } = people()
    const { page } = ana
    const { accessKeyId, secretAccessKey } = world.sandbox.accessKey
    await go(page, 'Credentials')
    await page.getByRole('button', { name: 'Deposit a key' }).click()
    await axeFindsNothing(page, 'deposit')
    await page.getByLabel('Access key id').fill(accessKeyId)
    await page.getByLabel('Secret access key').focus()
    // As a keyboard or a clipboard would: nothing of the test's own enters the page with it.
    await page.keyboard.insertText(secretAccessKey)
    await page.getByRole('button', { name: 'Review and deposit with my key' }).click()
    await expect(dialog(page)).toBeVisible(LONG)
    expect(await leftInWindow(page, secretAccessKey)).toEqual([])
    // The id of the key is no secret, so it shows that the instrument works.
    expect(await leftInHeap(page, [secretAccessKey, accessKeyId])).toEqual([accessKeyId])
    await axeFindsNothing(page, 'review of a deposit')
    await reviewIsWhole(page, PICTURE)
    await reviewAndTouch(page)
    for (const actor of actors) await actor.acceptShare()
    await Promise.all(actors.map((actor) => actor.custodyProved()))
    expect(await leftInWindow(page, secretAccessKey)).toEqual([])
    expect(await leftOnDisk(ana.profile, secretAccessKey)).toEqual([])
    await axeFindsNothing(page, 'credentials')
    await takePicture(page, 'credentials')
  })
}
