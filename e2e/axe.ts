import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import type axeCore from 'axe-core'

/** The rules whose finding depends on colours. */
export const RULES_OF_COLOURS: readonly string[] = ['color-contrast', 'link-in-text-block']

/** Without comments and blanks: a page reads it in half the time. */
const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe finds wrong on what a page shows now, each with the elements concerned. In the page itself, without a second
 * window, which the shell would close; the policy lets a debugger do that.
 *
 * @param rules - the only ones to go by; all of them if there are none.
 */
export async function violationsOn(page: Page, rules: readonly string[] = []): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    await page.evaluate(SOURCE)
    await page.evaluate(rememberColours)
  }
  return page.evaluate(
    async (only) => {
      const { axe } = globalThis as unknown as { axe: typeof axeCore }
      const { violations } = await axe.run(document, {
        resultTypes: ['violations'],
        ...(only.length > 0 && { runOnly: { type: 'rule', values: only } }),
      })
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
    },
    [...rules],
  )
}

/** What axe knows a colour by. */
interface Colour {
  r: number
  g: number
  b: number
  alpha: number
  parseString: (this: Colour, text: string) => Colour
}

/**
 * Runs in the page. To measure contrast axe reads the colours of each text and of all that lies behind it, the same few
 * again and again, which took it a third of its time. What a text says of a colour never changes.
 */
function rememberColours(): void {
  const { axe } = globalThis as unknown as { axe: { commons: { color: { Color: { prototype: Colour } } } } }
  const { prototype } = axe.commons.color.Color
  const parse = prototype.parseString
  const known = new Map<string, Pick<Colour, 'r' | 'g' | 'b' | 'alpha'>>()
  prototype.parseString = function (this: Colour, text) {
    const colour = known.get(text)
    if (colour !== undefined) return Object.assign(this, colour)
    parse.call(this, text)
    known.set(text, { r: this.r, g: this.g, b: this.b, alpha: this.alpha })
    return this
  }
}
