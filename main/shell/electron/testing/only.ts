/** What was done to a fake, in order: its name and what it was given. */
export type Call = readonly [what: string, ...given: unknown[]]

/** What test tools and promises ask of any object. */
const ASKED_BY_TOOLS: ReadonlySet<string> = new Set([
  'then',
  'asymmetricMatch',
  '$$typeof',
  'toJSON',
  'nodeType',
  'tagName',
])

/**
 * An object of which only what a test gives may be used: anything else throws, with its name. The type is Electron's
 * own declaration, so a fake that does not fit it does not compile.
 */
export function only<T extends object>(name: string, given: Partial<T>): T {
  return new Proxy(given, {
    get: (target, key) => {
      if (Reflect.has(target, key)) return Reflect.get(target, key, target) as unknown
      if (typeof key === 'symbol' || ASKED_BY_TOOLS.has(key)) return undefined
      throw new TypeError(`nothing was to use ${name}.${key}`)
    },
    set: (_target, key) => {
      throw new TypeError(`nothing was to set ${name}.${String(key)}`)
    },
  }) as T
}

type Listener = (...given: never[]) => unknown

/** The listeners of one object, and the way to call them. */
export class Listeners {
  readonly #all = new Map<string, Set<Listener>>()

  /** The events that somebody listens to now. */
  heard(): string[] {
    return [...this.#all].filter(([, listeners]) => listeners.size > 0).map(([event]) => event)
  }

  readonly on = (event: string, listener: Listener): void => {
    this.#all.set(event, (this.#all.get(event) ?? new Set()).add(listener))
  }

  readonly once = (event: string, listener: Listener): void => {
    const first: Listener = (...given) => {
      this.off(event, first)
      return listener(...given)
    }
    this.on(event, first)
  }

  readonly off = (event: string, listener: Listener): void => {
    this.#all.get(event)?.delete(listener)
  }

  /** Tells an event to those who listen. */
  emit(event: string, ...given: unknown[]): void {
    for (const listener of this.#all.get(event) ?? []) listener(...(given as never[]))
  }
}

/** An event whose default may be prevented. */
export function preventable(): { readonly preventDefault: () => void; readonly wasPrevented: () => boolean } {
  let prevented = false
  return {
    preventDefault: () => {
      prevented = true
    },
    wasPrevented: () => prevented,
  }
}
