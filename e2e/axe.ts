import type { Page } from '@playwright/test'
import axeCore from 'axe-core'

/**
 * What axe finds wrong on what a page shows now, each with the elements concerned. In the page itself, without a second
 * window, which the shell would close; the policy lets a debugger do that.
 */
export async function violationsOn(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeCore.source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof axeCore }
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
  })
}
