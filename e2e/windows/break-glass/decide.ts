import { expect, test } from '@playwright/test'
import { dialog, go, headline, LONG, reviewAndTouch } from '../../drill/window-hands.ts'
import { axeFindsNothing } from '../axe.ts'
import { tabAndPress, tabTo } from '../keyboard.ts'
import type { Organization } from '../organization.ts'
import { PICTURE, takePicture } from '../pictures.ts'
import { reviewIsWhole } from '../signed.ts'

const REASON = 'Nobody can sign in since 02:40; payments are stuck'

/** Ana asks; the others deny and approve. */
export function deciding(people: () => Organization): void {
  test('a text with characters that reorder others is refused; letters of another alphabet are marked before anything is signed', async () => {
    const { ana, raj } = people()
    const { page } = ana
    await go(page, 'Ask')
    await page.getByRole('radio', { name: /^Identity provider down/ }).check()
    await page.getByLabel('What happened').fill('Give access to \u202Egro.elpmaxe\u202C now')
    await page.getByRole('radio', { name: '15 min' }).check()
    await page.getByRole('button', { name: 'Review and send with my key' }).click()
    await expect(page.getByText('It contains characters that do not show')).toBeVisible()
    await expect(dialog(page)).toHaveCount(0)
    await axeFindsNothing(page, 'ask')
    const whole = `The p\u0430yments console does not answer. ${'What was tried so far stands in the incident’s channel. '.repeat(12)}End.`
    await page.getByLabel('What happened').fill(whole)
    await page.getByRole('button', { name: 'Review and send with my key' }).click()
    await expect(dialog(page).locator('mark.odd').first()).toHaveText('\u0430 Cyrillic')
    const rows = await reviewIsWhole(page, PICTURE)
    expect(rows.map(([, value]) => value).join('\n')).toContain(whole.replace('\u0430', '\u0430 Cyrillic'))
    await axeFindsNothing(page, 'review of a request')
    await reviewAndTouch(page)
    await expect(page.getByRole('region', { name: 'What is asked' }).locator('mark.odd')).toHaveText('\u0430 Cyrillic')
    await go(raj.page, 'Now')
    await expect(raj.page.getByRole('article', { name: 'Request from Ana Ruiz' }).locator('mark.odd')).toHaveText(
      '\u0430 Cyrillic',
    )
  })

  test('deny: with a reason that everybody sees; then the request is withdrawn', async () => {
    const { ana, raj } = people()
    const { page } = raj
    await page.getByRole('button', { name: 'Deny…' }).click()
    await axeFindsNothing(page, 'deny')
    await dialog(page).getByLabel('Reason').fill('I cannot confirm this by phone')
    await dialog(page).getByRole('button', { name: /^Deny/ }).click()
    await reviewIsWhole(page, PICTURE)
    await reviewAndTouch(page)
    await expect(ana.page.getByText('“I cannot confirm this by phone”')).toBeVisible(LONG)
    await axeFindsNothing(ana.page, 'case, denied')
    await ana.page.getByRole('button', { name: 'Withdraw my request…' }).click()
    await axeFindsNothing(ana.page, 'withdraw')
    await dialog(ana.page).getByRole('button', { name: 'Withdraw the request for prod-root' }).click()
    await headline(ana.page, /withdr/i)
  })

  test('approve: the whole path by keyboard alone, from the lock to the touch, with the focus always seen', async () => {
    const { ana, raj, leo } = people()
    const { page, hand } = raj
    await page.getByRole('button', { name: 'Lock', exact: true }).click()
    await headline(page, 'Lockbox is locked')
    await takePicture(page, 'unlock')
    await ana.actor.ask(REASON)
    await expect(ana.page.getByRole('heading', { level: 1, name: /^Waiting for 2 more/ })).toBeInViewport()
    await leo.deny('I cannot reach Ana to confirm')

    await tabAndPress(page, /^Unlock with my key$/)
    await headline(page, /^(Now|Nothing|Ana|\d)/)
    await expect(page.getByRole('article', { name: 'Request from Ana Ruiz' })).toBeVisible(LONG)
    await headline(page, 'Ana Ruiz waits for your decision')
    await axeFindsNothing(page, 'now, with a request')
    await takePicture(page, 'now')
    await tabAndPress(page, /^Approve 15 min of prod-root for Ana Ruiz$/)
    await expect(dialog(page)).toBeVisible()
    const rows = await reviewIsWhole(page, PICTURE)
    expect(rows.length).toBeGreaterThan(1)
    // All that people compare by phone: on the review, and still while the key waits.
    const compared = `15 min of prod-root for Ana Ruiz because of “Identity provider down” (incident INC-4711): ${REASON}`
    await expect(dialog(page).locator('.sentence')).toContainText(compared)
    await axeFindsNothing(page, 'review of an approval')
    hand.leave()
    await tabAndPress(page, /^Continue to my key$/)
    await hand.isAskedFor()
    await expect(dialog(page).locator('.sentence')).toContainText(compared)
    await expect(dialog(page).locator('.sentence')).toBeInViewport({ ratio: 1 })
    await axeFindsNothing(page, 'touch')
    await takePicture(page, 'approve-touch')

    hand.follow()
    await expect(dialog(page)).toHaveCount(0, LONG)
    await expect(page.getByText('You approved 15 min of prod-root for Ana Ruiz.').first()).toBeVisible(LONG)
    // The focus is where it was, or on the headline of the screen.
    await tabTo(page, /./)
  })

  test('the case as a war room: state, seats, and what is still needed; the last approval completes the quorum', async () => {
    const { ana, mia } = people()
    const { page } = ana
    await headline(page, /^Waiting for 1 more/)
    const seats = page.getByRole('region', { name: 'Approvers' }).getByRole('listitem')
    for (const [name, state] of [
      ['Ana Ruiz', 'Asked for this'],
      ['Raj Patel', 'Approved'],
      ['Mia Wong', 'Asked'],
      ['Leo Novak', 'Denied'],
    ] as const)
      await expect(seats.filter({ hasText: name })).toContainText(state)
    await axeFindsNothing(page, 'case')
    await takePicture(page, 'war-room', { colorScheme: 'dark' })
    await mia.approve()
  })
}
