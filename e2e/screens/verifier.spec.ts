import { resolve } from 'node:path'
import { expect } from '@playwright/test'
import { VERIFIER, VERIFIER_OUT } from '../../build/verifier.mjs'
import { ORIGIN } from '../../shared/origin.ts'
import { test } from './fixture.ts'
import { tabReachesAll } from './keyboard.ts'
import { looksAsApproved, nothingIsWrong } from './looks.ts'
import { VERIFIER_STATES } from './verifier-states.ts'

// The page that verifies without the app, as it is seen: light and dark, small and large. What it says is held to the command
// line in e2e/verifier/.

const PAGE = resolve(import.meta.dirname, '../..', VERIFIER_OUT, VERIFIER)

/** Those that are longer than the window; the dark picture shows all of them. */
const WHOLE = new Set(['verifier-verified', 'verifier-case'])

for (const [name, play] of Object.entries(VERIFIER_STATES)) {
  test(name, async ({ stage }) => {
    const { page } = stage
    const address = `${ORIGIN}/${VERIFIER}`
    await page.route(address, (route) => route.fulfill({ path: PAGE, contentType: 'text/html' }))
    await stage.setUp('900', 'light')
    await page.goto(address)
    await play(page)
    await stage.setUp('900', 'light')
    await looksAsApproved(stage, `${name}-900-light.png`)
    expect.soft(await page.locator('main').ariaSnapshot(), 'the tree').toMatchSnapshot(`${name}.txt`)
    await nothingIsWrong(stage, '900 wide, light')
    await stage.setUp('640', 'dark')
    await looksAsApproved(stage, `${name}-640-dark.png`, WHOLE.has(name))
    await nothingIsWrong(stage, '640 wide, dark')
    await stage.setUp('200 %', 'light')
    await nothingIsWrong(stage, '200 %, light')
    await tabReachesAll(stage, 'Tab at 200 %')
    await page.unroute(address)
  })
}
