import type { Reporter } from '@playwright/test/reporter'
import { GET_ELECTRON } from '../build/shells.mjs'

/** Says at the end of a run what this machine could not run, so that nobody takes it for passed. */
export class LeftOut implements Reporter {
  readonly #electron: string | null

  constructor({ electron }: { readonly electron: string | null }) {
    this.#electron = electron
  }

  onEnd(): void {
    if (this.#electron !== null) return
    console.log(
      `\n  LEFT OUT: nothing was run in Electron, because its program is not installed; this brings it: ${GET_ELECTRON}`,
    )
  }

  printsToStdio(): boolean {
    return true
  }
}

// Playwright reads the default export.
export { LeftOut as default }
