import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { RULES_OF_COLOURS, violationsOn } from '../axe.ts'
import type { Stage } from './fixture.ts'
import { packed, surelyAlike } from './png.ts'

/** Then what is seen is kept, in few bytes, as what the next runs are held to. */
const IS_APPROVING = process.env['LOCKBOX_APPROVE'] === '1'

/**
 * axe finds nothing, nothing is wider than the window, and no name of a call of AWS is broken within a word.
 *
 * @param what - only what axe says of colours, where all else was looked at in this size (`schemes.test.ts`).
 */
export async function nothingIsWrong({ page }: Stage, where: string, what: 'all' | 'colours' = 'all'): Promise<void> {
  expect.soft(await violationsOn(page, what === 'all' ? [] : RULES_OF_COLOURS), where).toEqual([])
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect.soft(wider, `${where}: pixels wider than the window`).toBe(0)
  const broken = await page.locator('.calls td:nth-child(2)').evaluateAll(brokenWords)
  expect.soft(broken, `${where}: words that go on in the next line`).toEqual([])
}

/** Runs in the page. Between `<wbr>`s each word is a text of its own. */
function brokenWords(cells: readonly Element[]): string[] {
  return cells.flatMap((cell) => {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
    const broken: string[] = []
    while (texts.nextNode()) {
      const range = document.createRange()
      for (const { 0: word, index } of (texts.currentNode.nodeValue ?? '').matchAll(/\w+/g)) {
        range.setStart(texts.currentNode, index)
        range.setEnd(texts.currentNode, index + word.length)
        if (new Set(Array.from(range.getClientRects(), ({ top }) => Math.round(top))).size > 1) broken.push(word)
      }
    }
    return broken
  })
}

/** How many pixels another version of the browser may draw otherwise. */
const MAX_DIFFERENT = 60

/** The picture is the approved one, but for what another version of the browser may draw otherwise. */
export async function looksAsApproved({ page }: Stage, name: string, fullPage = false): Promise<void> {
  const take = () => page.screenshot({ animations: 'disabled', caret: 'hide', fullPage })
  let png = await take()
  if (!IS_APPROVING && (await isApproved(png, name))) return
  // What lies below the window is drawn for the picture alone, on a busy machine not always in time: until two are alike.
  if (fullPage)
    await expect(async () => {
      const before = png
      png = await take()
      expect(png.equals(before)).toBe(true)
    }).toPass()
  expect.soft(IS_APPROVING ? packed(png) : png).toMatchSnapshot(name, { threshold: 0.2, maxDiffPixels: MAX_DIFFERENT })
}

/** Whether it surely is: most pictures are, and Playwright's own comparison, which also shows the difference, takes long. */
async function isApproved(png: Buffer, name: string): Promise<boolean> {
  const path = test.info().snapshotPath(name)
  return existsSync(path) && surelyAlike(png, await readFile(path), MAX_DIFFERENT)
}
