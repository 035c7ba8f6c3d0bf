import { type Browser, chromium, errors } from '@playwright/test'

/** How long a connection may take before another one is tried. */
const CONNECT_MS = 8_000

/**
 * A connection of Playwright's to a browser that the app speaks to as well. One that is made in the moment in which the
 * window gets its first document waits for ever for that page, though page and app go on and a second one is there at once.
 */
export async function connectTo(endpoint: string): Promise<Browser> {
  for (let tries = 1; ; tries++)
    try {
      return await chromium.connectOverCDP(endpoint, { timeout: CONNECT_MS })
    } catch (error) {
      if (tries === 3 || !(error instanceof errors.TimeoutError)) throw error
    }
}
