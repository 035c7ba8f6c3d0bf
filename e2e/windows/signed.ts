import { expect, type Page } from '@playwright/test'

/** The smallest window in which who, what, how long and why must be seen without scrolling. */
const SMALLEST = { width: 1024, height: 640 }

/**
 * The review shows all that is signed: its sentence and the way on without scrolling in a small window, every row from
 * its first to its last line when it is scrolled to, with nothing before it, and nothing cut off.
 *
 * @param usual - the window's size before and after.
 * @returns the rows as label and value.
 */
export async function reviewIsWhole(page: Page, usual: { width: number; height: number }): Promise<[string, string][]> {
  await page.setViewportSize(SMALLEST)
  const dialog = page.getByRole('dialog')
  await expect(dialog.locator('.sentence')).toBeInViewport({ ratio: 0.98 })
  await expect(dialog.getByRole('button', { name: 'Continue to my key' })).toBeInViewport({ ratio: 0.98 })
  expect(await dialog.locator('.fact > *').evaluateAll(notSeen)).toEqual([])
  const found = await dialog
    .locator('.fact')
    .evaluateAll((all) => all.map((one) => [...one.children].map((cell) => cell.textContent ?? '')))
  await page.setViewportSize(usual)
  return found as [string, string][]
}

/** Runs in the page: the cells of which some part cannot be brought into view, or is cut off, with the reason. */
function notSeen(cells: Element[]): string[] {
  const isSeen = (cell: Element, end: 'start' | 'end'): boolean => {
    cell.scrollIntoView({ block: end, behavior: 'instant' })
    const { left, top, bottom } = cell.getBoundingClientRect()
    const y = end === 'start' ? top + 4 : bottom - 4
    const seen = document.elementFromPoint(left + 4, y)
    return seen !== null && (cell.contains(seen) || seen.contains(cell))
  }
  const isCut = (one: Element): boolean =>
    one.clientWidth > 0 && (one.scrollWidth > one.clientWidth + 1 || getComputedStyle(one).textOverflow === 'ellipsis')
  return cells.flatMap((cell) => {
    const text = cell.textContent ?? ''
    if (!isSeen(cell, 'start')) return [`its first line does not show: ${text}`]
    if (!isSeen(cell, 'end')) return [`its last line does not show: ${text}`]
    return [cell, ...cell.querySelectorAll('*')].some(isCut) ? [`it is cut off: ${text}`] : []
  })
}
