import { expect, type Page } from '@playwright/test'

interface Focus {
  readonly name: string
  readonly isShown: boolean
  readonly isInside: boolean
}

/** What has the focus, whether its ring shows, and whether it lies inside of the window. */
function focusOf(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body
    const label = element.id === '' ? null : document.querySelector(`label[for="${element.id}"]`)
    const ring = [element, element.closest('.choice')].some((one) => {
      if (one === null) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(one)
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
    })
    const { top, bottom, left, right } = element.getBoundingClientRect()
    return {
      name: element.getAttribute('aria-label') ?? (label ?? element).textContent ?? '',
      isShown: element.matches(':focus-visible') && ring,
      isInside: top >= 0 && left >= 0 && bottom <= innerHeight + 1 && right <= innerWidth + 1,
    }
  })
}

/** Presses Tab until something of this name has the focus; every stop on the way must show that it has it. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const stops: string[] = []
  for (;;) {
    await page.keyboard.press('Tab')
    const focus = await focusOf(page)
    stops.push(focus.name)
    // Between the last and the first element the focus is the browser's own for one press.
    if (focus.name !== '' && !focus.isInside) expect.soft(focus, 'the focus lies outside of the window').toBeNull()
    if (name.test(focus.name)) {
      expect(focus.isShown, `the focus on "${focus.name}" does not show`).toBe(true)
      return
    }
    if (stops.length > 60) throw new Error(`${name} cannot be reached by Tab: ${stops.join(' → ')}`)
  }
}

/** Goes to something by Tab and presses it. */
export async function tabAndPress(page: Page, name: RegExp): Promise<void> {
  await tabTo(page, name)
  await page.keyboard.press('Enter')
}
