import type { RunningApp, VirtualKey } from '../driver.ts'

// One by cable, one by radio: the browser then asks a key only for credentials that can be on it. Asked for another's and
// not touched, a virtual key stays busy and refuses everything that follows.
const SHAPES = [{ transport: 'usb' }, { transport: 'nfc' }]

/**
 * A person's two security keys as the browser's own virtual ones, and the hand that touches the one the window asks for.
 * A virtual key answers only if it is being touched when it is asked, so the hand moves just before each question.
 */
export class WindowKeys {
  readonly #keys: ReadonlyMap<string, VirtualKey>

  private constructor(keys: ReadonlyMap<string, VirtualKey>) {
    this.#keys = keys
  }

  /** @param names - what their owner calls the two keys at set-up; the first one is used where any will do. */
  static async insert(app: RunningApp, names: readonly [string, string]): Promise<WindowKeys> {
    const keys = new Map<string, VirtualKey>()
    for (const [at, name] of names.entries()) keys.set(name, await app.addVirtualKey(SHAPES[at]))
    const inserted = new WindowKeys(keys)
    await app.page.exposeFunction('__hand', (title: string) => inserted.#reach(title))
    await app.page.addInitScript(askTheHand)
    await app.page.evaluate(askTheHand)
    return inserted
  }

  /** Touches the key that the title names, and takes the finger off the other. */
  async #reach(title: string): Promise<void> {
    const named = [...this.#keys.keys()].find((name) => title.includes(`“${name}”`)) ?? [...this.#keys.keys()][0]
    for (const [name, key] of this.#keys) await key.touch(name === named)
  }
}

/** Runs in the page: before the browser asks the keys, the hand reads the panel's title. */
function askTheHand(): void {
  const { credentials } = navigator
  const hand = Reflect.get(globalThis, '__hand') as (title: string) => Promise<void>
  const reach = async (): Promise<void> => {
    // The panel is drawn in the task after the one that asks.
    await new Promise((drawn) => setTimeout(drawn, 30))
    await hand(document.querySelector('[role=dialog] h1, [role=dialog] h2')?.textContent ?? '')
  }
  const create = credentials.create.bind(credentials)
  const get = credentials.get.bind(credentials)
  credentials.create = async (options) => {
    await reach()
    return create(options)
  }
  credentials.get = async (options) => {
    await reach()
    return get(options)
  }
}
