import { expect } from '@playwright/test'
import type { Stage } from './fixture.ts'

/** One press of Tab. */
interface Stop {
  /** The place among all that should be reached, in the order of the document; -1 where it is none of them. */
  readonly place: number
  readonly name: string
  readonly isRinged: boolean
  /** Whether it lies inside of the window with nothing before it. */
  readonly isSeen: boolean
}

/** The place of what `mark` puts after everything else of a page. */
const END = -2

/** How a key is told to the browser. */
const TAB = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 }

/**
 * Every control can be reached by Tab in the order of reading, each shows that it has the focus and lies in view when it
 * has, and Tab comes round again. In a dialog that means: within the dialog. A page's last stop is one of ours, from which
 * we go to its beginning: beyond it the focus is the browser's own, which hands it back one press later, or at once but
 * some milliseconds after the press.
 */
export async function tabReachesAll({ page, session }: Stage, where: string): Promise<void> {
  const names = await page.evaluate(mark, END)
  // A dialog that only says to wait keeps the focus itself.
  if (names.length === 0) return
  await page.evaluate(lookAtEveryPress, END)
  let path: Path = { reached: [], troubles: [], isRound: false }
  // As many presses at a time as should do: asking the page after each of them took most of the time.
  for (let left = 4 * names.length + 2; left > 0 && !path.isRound; ) {
    const presses = Math.min(left, path.reached.length === 0 ? names.length + 2 : 2)
    await Promise.all(
      Array.from({ length: presses }, async () => {
        await Promise.all([
          session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...TAB }),
          session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...TAB }),
        ])
      }),
    )
    left -= presses
    path = pathAlong(await page.evaluate(stopsSoFar))
  }
  await page.evaluate(lookNoMore, END)
  expect.soft(path.troubles, where).toEqual([])
  // A screen begins at its headline, so the first of all comes after the last. By name, so that a failure says which.
  const start = Math.max(0, path.reached[0] ?? 0)
  const inOrder = [...names.slice(start), ...names.slice(0, start)]
  expect
    .soft(
      path.reached.map((place) => names[place]),
      where,
    )
    .toEqual(inOrder)
}

/** Where some presses led. */
interface Path {
  readonly reached: readonly number[]
  readonly troubles: readonly string[]
  /** Whether they came back to the first. */
  readonly isRound: boolean
}

function pathAlong(stops: readonly Stop[]): Path {
  const reached: number[] = []
  const troubles: string[] = []
  for (const stop of stops) {
    if (stop.place === reached[0] && reached.length > 1) return { reached, troubles, isRound: true }
    // A field of several parts, such as a date, is left after the last of them.
    if (stop.place === reached.at(-1)) continue
    if (stop.place === -1) troubles.push(`Tab reaches what is none of the controls: ${stop.name}`)
    if (!stop.isRinged) troubles.push(`the focus does not show: ${stop.name}`)
    if (!stop.isSeen) troubles.push(`the focus lies out of sight: ${stop.name}`)
    reached.push(stop.place)
  }
  return { reached, troubles, isRound: false }
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

/** What a page keeps while Tab is pressed. */
interface Watched {
  stops?: Stop[]
  watch?: AbortController
}

/**
 * Runs in the page: from now on looks at what has the focus whenever Tab is let go, by which time the focus has moved.
 * From the page's last stop, which is ours, the next Tab begins with what comes first in the document.
 */
function lookAtEveryPress(end: number): void {
  const stops: Stop[] = []
  const watch = new AbortController()
  Object.assign(globalThis, { stops, watch } satisfies Watched)
  const { signal } = watch
  window.addEventListener('keyup', () => lookAt(document.activeElement), { capture: true, signal })

  function lookAt(active: Element | null): void {
    if (!(active instanceof HTMLElement) || active === document.body) return
    if (active.dataset['place'] === String(end)) {
      document.body.tabIndex = -1
      document.body.focus()
      document.body.removeAttribute('tabindex')
      return
    }
    // A large choice draws the ring around itself, for the small button in it.
    const isRinged = [active, active.closest('.choice')].some((one) => {
      if (one === null) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(one)
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
    })
    stops.push({
      place: Number(active.dataset['place'] ?? -1),
      name: nameOf(active),
      isRinged: isRinged && active.matches(':focus-visible'),
      isSeen: isSeen(active),
    })
  }

  function isSeen(active: HTMLElement): boolean {
    const { left, top, right, bottom } = active.getBoundingClientRect()
    if (bottom - top > innerHeight) return top < innerHeight && bottom > 0
    // Of a text of several lines that where one begins to write; of all else everything.
    const last = active instanceof HTMLTextAreaElement ? Math.min(bottom, top + 24) : bottom
    if (left < 0 || right > innerWidth + 1 || top < 0 || last > innerHeight + 1) return false
    const there = document.elementFromPoint((left + right) / 2, (top + last) / 2)
    return there !== null && (active.contains(there) || there.contains(active))
  }

  function nameOf(one: HTMLElement): string {
    const label = (one as HTMLInputElement).labels?.[0] ?? one
    return one.getAttribute('aria-label') ?? label.textContent ?? one.tagName
  }
}

/** Runs in the page: what had the focus after each press; nothing where nothing of the page had it. */
function stopsSoFar(): readonly Stop[] {
  return (globalThis as Watched).stops ?? []
}

/** Runs in the page: undoes what was done to it. */
function lookNoMore(end: number): void {
  ;(globalThis as Watched).watch?.abort()
  document.querySelector(`[data-place="${end}"]`)?.remove()
}
