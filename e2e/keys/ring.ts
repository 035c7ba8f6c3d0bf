import { readFileSync, writeFileSync } from 'node:fs'
import {
  type AssertedJson,
  type CreatedJson,
  type CreateOptions,
  type GetOptions,
  type KeyState,
  newKeyState,
  type SoftwareKey,
  softwareKey,
} from './software-key.ts'

/** What a page asks of its keys. */
export type KeyCall =
  | { readonly kind: 'create'; readonly options: CreateOptions }
  | { readonly kind: 'get'; readonly options: GetOptions }

/**
 * The keys that lie beside one app, and the hand that touches one of them or none. A call waits until a key is
 * touched; with one being touched, calls are answered at once.
 */
export class KeyRing {
  readonly #keys = new Map<string, SoftwareKey>()
  readonly #file: string | null
  readonly #waiting = new Set<() => void>()
  #touched: string | null = null

  /**
   * @param file - Where the keys' state is kept after each call, so that it survives the app and the test; null to
   *   keep it in memory only.
   */
  constructor(file: string | null = null) {
    this.#file = file
    for (const state of file === null ? [] : savedIn(file)) this.#keys.set(state.name, softwareKey(state))
  }

  /** The key of this name, new if there is none yet. */
  key(name: string, options: { seed?: string; algorithm?: number } = {}): SoftwareKey {
    const found = this.#keys.get(name) ?? softwareKey(newKeyState(name, options))
    this.#keys.set(name, found)
    return found
  }

  /** From now on this key is touched whenever a call waits for it; null takes the hand away. */
  touch(name: string | null): void {
    if (name !== null && !this.#keys.has(name)) throw new TypeError(`there is no key "${name}"`)
    this.#touched = name
    for (const wake of this.#waiting) wake()
  }

  /** How many calls wait for a touch. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Answers a call with the key that is touched, as soon as one is.
   *
   * @param signal - The caller gave up; a later touch is then not for it.
   * @throws {DOMException} as {@link SoftwareKey} does, and `AbortError`.
   */
  async answer(call: KeyCall, origin: string, signal?: AbortSignal): Promise<CreatedJson | AssertedJson> {
    const key = await this.#touchedKey(signal)
    const answer = call.kind === 'create' ? key.create(call.options, origin) : key.get(call.options, origin)
    this.#save()
    return answer
  }

  async #touchedKey(signal?: AbortSignal): Promise<SoftwareKey> {
    for (;;) {
      signal?.throwIfAborted()
      const key = this.#touched === null ? undefined : this.#keys.get(this.#touched)
      if (key) return key
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal?.addEventListener('abort', wake, { once: true })
      })
    }
  }

  #save(): void {
    if (this.#file === null) return
    writeFileSync(this.#file, JSON.stringify([...this.#keys.values()].map(({ state }) => state)), { mode: 0o600 })
  }
}

function savedIn(file: string): KeyState[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyState[]
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
