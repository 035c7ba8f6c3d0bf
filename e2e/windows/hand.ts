import { expect, type Page } from '@playwright/test'
import type { RunningApp } from '../driver.ts'
import { type KeyCall, KeyRing } from '../keys/ring.ts'
import type { AssertedJson, CreatedJson } from '../keys/software-key.ts'

/** What the set-up screen calls the two keys unless somebody changes it. */
export const MAIN = 'Main key'
export const BACKUP = 'Backup key'

/**
 * A person's two software keys and the hand that touches the one the window asks for by name. The keys outlive the app
 * and the window's process, as real ones do; `take` and `leave` let the hand do something else.
 */
export class Hand extends KeyRing {
  #page: Page | null = null
  #follows = true

  /**
   * @param person - whose keys: two people never have the same.
   * @param file - where they are kept, for apps that come and go.
   */
  constructor(person: string, file: string | null = null) {
    super(file)
    for (const name of [MAIN, BACKUP]) this.key(name, { seed: `${person}, ${name}` })
  }

  /** Sits down at an app, the first time or after it was started anew. */
  async sitDown(app: RunningApp): Promise<void> {
    this.#page = app.page
    await app.useSoftwareKeys(this)
  }

  /** Touches this key from now on, whatever the window asks for. */
  take(name: string): void {
    this.#follows = false
    this.touch(name)
  }

  /** Touches nothing until `follow` or `take`. */
  leave(): void {
    this.#follows = false
    this.touch(null)
  }

  /** Touches again what the window asks for, beginning with what it asks for now. */
  follow(): void {
    this.#follows = true
    if (this.waiting > 0) void this.#reach()
  }

  /** Waits until the window asks for a touch that nobody gives. */
  async isAskedFor(): Promise<void> {
    await expect.poll(() => this.waiting).toBe(1)
  }

  override async answer(call: KeyCall, origin: string, signal?: AbortSignal): Promise<CreatedJson | AssertedJson> {
    if (this.#follows) await this.#reach()
    return super.answer(call, origin, signal)
  }

  async #reach(): Promise<void> {
    const title = (await this.#page?.locator('[role=dialog] h1').first().textContent()) ?? ''
    this.touch(title.includes(`“${BACKUP}”`) ? BACKUP : MAIN)
  }
}
