import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { createScan } from '../../../shared/carriers/scan.ts'
import { codesSeen } from '../../code-reader.ts'
import { WindowActor } from '../../drill/window-actor.ts'
import { dialog, go, headline, LONG, press } from '../../drill/window-hands.ts'
import { type RunningApp, startApp } from '../../driver.ts'
import { filmedScreen, filmOf, type Stand } from '../../film.ts'
import type { LocalParty } from '../../in-process/world.ts'
import { decode } from '../../screens/png.ts'
import { HEIGHT, WIDTH } from '../../seen-codes.ts'
import { Hand, MAIN } from '../hand.ts'

/** How a screen stood before the camera, one film after the other. */
const STANDS: readonly Stand[] = [
  { fills: 0.96 },
  { mirrored: true, fills: 0.94 },
  { turned: 3, fills: 0.92 },
  { light: [24, 66, 38], fills: 0.96 },
  { mirrored: true, turned: -4, fills: 0.9, light: [30, 90, 44] },
]
let films = 0
/** Pictures of one film, at most. */
const MOST = 90
/** How long a person holds a screen before a camera, on a busy machine. */
const HELD = { timeout: 60_000 }

/**
 * Somebody's laptop: a real window, a screen that is filmed as it is, and a camera to which films of other screens are played.
 * It listens on the loopback alone, looks for nobody, and was never told an address.
 */
export class Laptop {
  readonly name: string
  readonly app: RunningApp
  readonly actor: WindowActor
  readonly #camera: string

  private constructor(name: string, app: RunningApp, actor: WindowActor, camera: string) {
    this.name = name
    this.app = app
    this.actor = actor
    this.#camera = camera
  }

  /**
   * Opens and unlocks a window on what a party had, whose own app has ended; the person's keys come with it. It waits for others in
   * vain, and then writes down that its log was read: from then on it records nothing while its owner reads what to sign.
   *
   * @param entries - how many its log had.
   */
  static async open({ name, profileDir, keys }: LocalParty, dir: string, entries: number): Promise<Laptop> {
    const [file, camera] = [join(dir, `${name}-keys.json`), join(dir, `${name}.y4m`)]
    await writeFile(file, JSON.stringify([{ ...keys[0].state, name: MAIN }]))
    await writeFile(camera, NOTHING)
    const app = await startApp({
      profile: profileDir,
      words: ['--listen=127.0.0.1', '--no-discovery'],
      switches: ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`],
    })
    const hand = new Hand(name, file)
    const actor = await WindowActor.at(app, name, join(dir, 'pictures'), (started) => hand.sitDown(started))
    await app.page.setViewportSize({ width: WIDTH, height: HEIGHT })
    await press(app.page, 'Unlock with my key')
    await go(app.page, 'Log')
    await headline(app.page, `${entries + 1} entries in this device’s log`)
    return new Laptop(name, app, actor, camera)
  }

  get page(): Page {
    return this.app.page
  }

  /** Goes to the one case there is. */
  async openCase(): Promise<void> {
    await go(this.page, 'Cases')
    await press(this.page, /prod-root for Ana/)
  }

  /** What a camera films of this screen while it shows what its device said in the case. */
  async film(): Promise<Uint8Array> {
    await this.openCase()
    await press(this.page, 'Show as a code')
    // All of it at once: nobody scrolls for a camera.
    const code = this.page.getByRole('img', { name: 'Code of what this device said' })
    await expect(code).toBeInViewport({ ratio: 1 })
    const film = await this.#filmed(STANDS[films++ % STANDS.length])
    await dialog(this.page).getByRole('button', { name: 'Done' }).click()
    return film
  }

  /** The screen again and again, until there is enough on the film: a camera sees one still code at once, and misses some of a sequence. */
  async #filmed(stand: Stand | undefined): Promise<Uint8Array> {
    const scan = createScan()
    const pictures: Uint8Array[] = []
    for (let number = 1; scan.complete.length === 0; number++) {
      if (number > MOST) throw new Error(`${this.name}’s screen stood ${JSON.stringify(stand)}, and cannot be read`)
      const png = await this.page.screenshot()
      if (number % 3 === 0) continue
      const picture = filmedScreen(decode(png), stand)
      pictures.push(picture)
      for (const text of await codesSeen(picture)) scan.take(text)
    }
    // No faster than a busy machine searches them.
    return filmOf(pictures, 6)
  }

  /** Scans what a camera filmed until it is all there, and closes the camera. @param from - whose screen it was. */
  async scan(film: Uint8Array, from: string): Promise<void> {
    // The browser opens the file each time the camera is opened.
    await writeFile(`${this.#camera}.new`, film)
    await rename(`${this.#camera}.new`, this.#camera)
    await go(this.page, 'Log')
    await press(this.page, 'Scan codes')
    const got = dialog(this.page).getByRole('status')
    await expect(got).toContainText(/Got 1: [1-9]\d* new, \d+ known, 0 refused, 0 waiting for others\./, HELD)
    await expect(got).toContainText(`Got ${from}`)
    await dialog(this.page).getByRole('button', { name: 'Done' }).click()
    await expect
      .poll(() => this.page.evaluate(async () => (await navigator.permissions.query({ name: 'camera' })).state))
      .toBe('denied')
  }

  /** Every other member's device is named, and none is connected, or ever was since this window was opened. */
  async isAlone(others: number): Promise<void> {
    await go(this.page, 'Settings')
    const devices = this.page.getByRole('list', { name: 'Devices' }).getByRole('listitem')
    const alone = devices
      .filter({ hasText: 'not met since this app was unlocked' })
      .filter({ hasText: 'Not connected' })
    await expect(alone).toHaveCount(others, LONG)
    await expect(devices).toHaveCount(others)
    await expect(this.page.getByRole('list', { name: 'Typed addresses' })).toHaveCount(0)
  }

  /** By which ways the statements of others in the case came here: each way once, in the words of the timeline. */
  async waysOfOthers(): Promise<string[]> {
    await this.openCase()
    const entries = await this.page
      .locator('.timeline > li')
      .evaluateAll((all) =>
        all.map((one) => [one.querySelector('strong')?.textContent ?? '', one.textContent ?? ''] as const),
      )
    const ways = entries.flatMap(([person, text]) =>
      person === this.name ? [] : [/Came (.*?), /.exec(text)?.[1] ?? `${person} spoke here: ${text}`],
    )
    return [...new Set(ways)].sort()
  }
}

/** A wall. */
const NOTHING = filmOf([new Uint8Array(WIDTH * HEIGHT).fill(200)])
