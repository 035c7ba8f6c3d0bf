import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { stories } from '../../renderer/testing/stories-list.ts'
import { violationsOn } from '../axe.ts'
import { type Stage, test } from './fixture.ts'
import { tabReachesAll } from './keyboard.ts'
import { packed } from './png.ts'

// Every screen in every state that matters, as a person would meet it who has never seen it, sees little, or has no mouse.

/** Then what is seen is kept, in few bytes, as what the next runs are held to. */
const IS_APPROVING = process.env['LOCKBOX_APPROVE'] === '1'

/** One story of each screen that is longer than the window: of these the dark picture shows all, to its end. */
const WHOLE = new Set([
  'setup-start',
  'now-session',
  'ask-start',
  'case-granted',
  'credentials-changed',
  'plan-edit-looks',
  'deposit-typed',
  'people-founding',
  'people-members',
  'people-change',
  'log-cases',
  'log-entries',
  'report-proof',
  'settings',
  'settings-outlets',
  'settings-outlet-new',
])

for (const story of Object.keys(stories)) {
  test(story, async ({ stage }) => {
    await stage.play(story)
    await looksAsApproved(stage, `${story}-900-light.png`)
    expect.soft(await stage.page.locator('body').ariaSnapshot(), 'the tree').toMatchSnapshot(`${story}.txt`)
    await nothingIsWrong(stage, '900 wide, light')
    await stage.setUp('640', 'dark')
    await looksAsApproved(stage, `${story}-640-dark.png`, WHOLE.has(story))
    await nothingIsWrong(stage, '640 wide, dark')
    await stage.setUp('1024', 'light')
    await factsAreSeen(stage.page)
    await stage.setUp('200 %', 'light')
    await nothingIsWrong(stage, '200 %, light')
    await tabReachesAll(stage.page, 'Tab at 200 %')
    await stage.setUp('900', 'dark')
    await tabReachesAll(stage.page, 'Tab at 900 wide')
    expect.soft(stage.complaints(), 'the console').toEqual([])
  })
}

test('nothing is approved that no story shows any more', async () => {
  const shown = Object.keys(stories).flatMap((name) => [`${name}-640-dark.png`, `${name}-900-light.png`, `${name}.txt`])
  expect((await readdir(resolve(import.meta.dirname, 'approved'))).sort()).toEqual(shown.sort())
})

/**
 * Who, what, how long and why are seen whole before a key is touched, and so is the way on: in the panel in which it is
 * about to be, and on the card of a request unless something else has to be said first.
 */
async function factsAreSeen(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog')
  const panel = dialog.filter({ has: page.locator('.sentence') })
  const card = page.locator('.request').filter({ has: page.locator('.button.primary') })
  const [place, facts] = (await panel.count()) > 0 ? [panel, '.sentence'] : [card, '.four']
  if ((await place.count()) === 0) return
  if (place === card && (await dialog.or(page.locator('main .note')).count()) > 0) return
  await expect.soft(place.locator(facts), 'the four facts').toBeInViewport({ ratio: 1 })
  await expect.soft(place.getByRole('button').first(), 'the way on').toBeInViewport({ ratio: 1 })
}

/** axe finds nothing, and nothing is wider than the window. */
async function nothingIsWrong({ page }: Stage, where: string): Promise<void> {
  expect.soft(await violationsOn(page), where).toEqual([])
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect.soft(wider, `${where}: pixels wider than the window`).toBe(0)
}

/** The picture is the approved one, but for what another version of the browser may draw otherwise. */
async function looksAsApproved({ page }: Stage, name: string, fullPage = false): Promise<void> {
  const take = () => page.screenshot({ animations: 'disabled', caret: 'hide', fullPage })
  let png = await take()
  // What lies below the window is drawn for the picture alone, on a busy machine not always in time: until two are alike.
  if (fullPage)
    await expect(async () => {
      const before = png
      png = await take()
      expect(png.equals(before)).toBe(true)
    }).toPass()
  expect.soft(IS_APPROVING ? packed(png) : png).toMatchSnapshot(name, { threshold: 0.2, maxDiffPixels: 60 })
}
