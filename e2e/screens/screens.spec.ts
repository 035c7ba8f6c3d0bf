import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { stories } from '../../renderer/testing/stories-list.ts'
import { type Scheme, type Size, type Stage, test } from './fixture.ts'
import { tabReachesAll } from './keyboard.ts'
import { looksAsApproved, nothingIsWrong } from './looks.ts'
import { VERIFIER_FILES } from './verifier-states.ts'

// Every screen in every state that matters, as a person would meet it who has never seen it, sees little, or has no mouse.

/**
 * How every story is looked at, and of what the picture is kept: of all stories, or of those met under stress. Sizes stay
 * together, since another size takes longer to draw than other colours.
 */
const LOOKS: readonly (readonly [Size, Scheme, kept: 'of all' | 'under stress' | 'never'])[] = [
  ['900', 'light', 'of all'],
  ['900', 'dark', 'under stress'],
  ['640', 'dark', 'of all'],
  ['640', 'light', 'under stress'],
  ['200 %', 'light', 'under stress'],
  ['200 %', 'dark', 'never'],
]

/** What people meet on a bad night: unlocking, asking, deciding, waiting, a session that runs, and what may be wrong. */
const STRESS = new Set([
  'setup-start',
  'setup-touch',
  'unlock-idle',
  'unlock-touch',
  'now-request',
  'now-request-troubled',
  'now-disk-full',
  'now-copied',
  'now-forked',
  'now-split',
  'now-log-broken',
  'now-outlet-stuck',
  'ask-start',
  'review-approve',
  'touch-approve',
  'case-decide',
  'case-denying',
  'case-asked',
  'case-quorum',
  'case-releasing',
  'case-failed',
  'case-granted',
  'session-live',
  'session-last',
])

/** One story of each screen that is longer than the window: of these the dark picture shows all, to its end. */
const WHOLE = new Set([
  'setup-start',
  'now-session',
  'ask-start',
  'case-granted',
  'case-reviewing',
  'case-closed',
  'case-trail',
  'case-calls',
  'case-ask-trail',
  'credentials-changed',
  'plan-edit-looks',
  'ask-locked',
  'deposit-seed',
  'deposit-checked',
  'deposit-typed',
  'people-founding',
  'people-members',
  'people-beside',
  'people-change',
  'log-cases',
  'log-entries',
  'log-entries-find',
  'log-entries-none',
  'log-entries-case',
  'report-proof',
  'settings',
  'settings-outlets',
  'settings-outlet-new',
  'settings-relay',
  'settings-relay-new',
])

for (const story of Object.keys(stories)) {
  test(story, async ({ stage }) => {
    await stage.play(story)
    // The browser takes a moment to say that it has no camera.
    if (story.startsWith('log-scan')) await stage.page.getByRole('button', { name: 'Try the camera again' }).waitFor()
    expect.soft(await stage.page.locator('body').ariaSnapshot(), 'the tree').toMatchSnapshot(`${story}.txt`)
    const sizes = new Set<Size>()
    for (const [size, scheme] of LOOKS) {
      await stage.setUp(size, scheme)
      if (picturesOf(story).includes(pictureOf(story, size, scheme)))
        await looksAsApproved(stage, pictureOf(story, size, scheme), await isWhole(stage, story, size, scheme))
      await nothingIsWrong(stage, `${size}, ${scheme}`, sizes.has(size) ? 'colours' : 'all')
      sizes.add(size)
    }
    await stage.setUp('1024', 'light')
    await factsAreSeen(stage.page)
    for (const size of ['200 %', '900'] as const) {
      await stage.setUp(size, 'dark')
      await tabReachesAll(stage, `Tab at ${size}`)
    }
    expect.soft(stage.complaints(), 'the console').toEqual([])
  })
}

test('nothing is approved that no story shows any more', async () => {
  expect([...STRESS, ...WHOLE].filter((name) => !(name in stories))).toEqual([])
  const shown = [...Object.keys(stories).flatMap((name) => [...picturesOf(name), `${name}.txt`]), ...VERIFIER_FILES]
  expect((await readdir(resolve(import.meta.dirname, 'approved'))).sort()).toEqual(shown.sort())
})

/** The file of a picture: `now-request-200-light.png`. */
const pictureOf = (story: string, size: Size, scheme: Scheme) => `${story}-${size.replace(' %', '')}-${scheme}.png`

/** The pictures that are kept of a story. */
function picturesOf(story: string): string[] {
  return LOOKS.flatMap(([size, scheme, kept]) =>
    kept === 'of all' || (kept === 'under stress' && STRESS.has(story)) ? [pictureOf(story, size, scheme)] : [],
  )
}

/** Whether a picture shows the screen to its end: at 200 % little of it fits in the window. A dialog scrolls in itself. */
async function isWhole({ page }: Stage, story: string, size: Size, scheme: Scheme): Promise<boolean> {
  if (size === '200 %') return (await page.getByRole('dialog').count()) === 0
  return size === '640' && scheme === 'dark' && WHOLE.has(story)
}

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
