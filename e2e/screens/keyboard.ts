import { expect, type Page } from '@playwright/test'

/** One press of Tab. */
interface Stop {
  /** The place among all that should be reached, in the order of the document; -1 where it is none of them; END after all. */
  readonly place: number
  readonly name: string
  readonly isRinged: boolean
  /** Whether it lies inside of the window with nothing before it. */
  readonly isSeen: boolean
}

/** The place of what `mark` puts after everything else of a page. */
const END = -2

/**
 * Every control can be reached by Tab in the order of reading, each shows that it has the focus and lies in view when it
 * has, and Tab comes round again. In a dialog that means: within the dialog. A page's last stop is one of ours, from which
 * we go to its beginning: beyond it the focus is the browser's own, which hands it back one press later, or at once but
 * some milliseconds after the press.
 */
export async function tabReachesAll(page: Page, where: string): Promise<void> {
  const names = await page.evaluate(mark, END)
  // A dialog that only says to wait keeps the focus itself.
  if (names.length === 0) return
  const reached: number[] = []
  const troubles: string[] = []
  for (let presses = 0; presses <= 4 * names.length + 1; presses++) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(look)
    if (stop === null) continue
    if (stop.place === END) {
      await page.evaluate(goToTheBeginning)
      continue
    }
    if (stop.place === reached[0] && reached.length > 1) break
    // A field of several parts, such as a date, is left after the last of them.
    if (stop.place === reached.at(-1)) continue
    if (stop.place === -1) troubles.push(`Tab reaches what is none of the controls: ${stop.name}`)
    if (!stop.isRinged) troubles.push(`the focus does not show: ${stop.name}`)
    if (!stop.isSeen) troubles.push(`the focus lies out of sight: ${stop.name}`)
    reached.push(stop.place)
  }
  await page.evaluate((end) => document.querySelector(`[data-place="${end}"]`)?.remove(), END)
  expect.soft(troubles, where).toEqual([])
  // A screen begins at its headline, so the first of all comes after the last. By name, so that a failure says which.
  const start = Math.max(0, reached[0] ?? 0)
  const inOrder = [...names.slice(start), ...names.slice(0, start)]
  expect
    .soft(
      reached.map((place) => names[place]),
      where,
    )
    .toEqual(inOrder)
}

/** Runs in the page: finds all that Tab should reach, numbers it, and gives the names. */
function mark(end: number): string[] {
  const dialog = document.querySelector('[role=dialog]')
  const all = [
    ...(dialog ?? document).querySelectorAll<HTMLElement>(
      'button, a[href], input, select, textarea, summary, [tabindex="0"]',
    ),
  ]
  const isOne = (one: HTMLElement): boolean => {
    // Of tabs only the one that is chosen; their list hands the focus on to it.
    if (one.matches('[role=tab]')) return one.ariaSelected === 'true'
    if (one.tabIndex < 0 || one.matches('[role=tablist]') || one.matches(':disabled') || !one.checkVisibility())
      return false
    if (!(one instanceof HTMLInputElement) || one.type !== 'radio') return true
    // Of radio buttons only the one that is chosen, or the first if none is.
    const group = all.filter((each) => each instanceof HTMLInputElement && each.name === one.name)
    return one.checked || (one === group[0] && !group.some((each) => (each as HTMLInputElement).checked))
  }
  const found = all.filter(isOne)
  for (const [at, one] of found.entries()) one.dataset['place'] = String(at)
  if (dialog === null && found.length > 0) {
    const last = document.body.appendChild(document.createElement('button'))
    last.dataset['place'] = String(end)
    Object.assign(last.style, { position: 'fixed', top: 0, left: 0, width: '1px', height: '1px', opacity: 0 })
  }
  return found.map((one) => {
    const label = (one as HTMLInputElement).labels?.[0] ?? one
    return one.getAttribute('aria-label') ?? label.textContent ?? one.tagName
  })
}

/** Runs in the page: the next Tab begins with what comes first in the document. */
function goToTheBeginning(): void {
  document.body.tabIndex = -1
  document.body.focus()
  document.body.removeAttribute('tabindex')
}

/** Runs in the page: what has the focus now; null where nothing of the page has it. */
function look(): Stop | null {
  const active = document.activeElement
  if (!(active instanceof HTMLElement) || active === document.body) return null
  // A large choice draws the ring around itself, for the small button in it.
  const isRinged = [active, active.closest('.choice')].some((one) => {
    if (one === null) return false
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
  })
  const { left, top, right, bottom } = active.getBoundingClientRect()
  // Of a text of several lines that where one begins to write; of all else everything.
  const end = active instanceof HTMLTextAreaElement ? Math.min(bottom, top + 24) : bottom
  const isTall = bottom - top > innerHeight
  const inside = left >= 0 && right <= innerWidth + 1 && top >= 0 && end <= innerHeight + 1
  const there = document.elementFromPoint((left + right) / 2, (top + end) / 2)
  return {
    place: Number(active.dataset['place'] ?? -1),
    name: nameOf(active),
    isRinged: isRinged && active.matches(':focus-visible'),
    isSeen: isTall
      ? top < innerHeight && bottom > 0
      : inside && there !== null && (active.contains(there) || there.contains(active)),
  }

  function nameOf(one: HTMLElement): string {
    const label = (one as HTMLInputElement).labels?.[0] ?? one
    return one.getAttribute('aria-label') ?? label.textContent ?? one.tagName
  }
}
