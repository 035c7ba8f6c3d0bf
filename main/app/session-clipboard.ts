import type { Digest } from '../../shared/bytes.ts'
import type { Time } from '../sessions/session.ts'
import type { Host } from './ports.ts'

/** How long a copied session stays on the clipboard. */
const CLIPBOARD_MS = 60_000
/** When a clipboard that could not be cleared is cleared again … */
const CLIPBOARD_RETRY_MS = 1_000
/** … and after how many failures its owner is told. */
const CLIPBOARD_STUCK = 5

/** Told by {@link SessionClipboard}. */
export interface ClipboardListener {
  onChange(): void
  /** What was copied could not be taken from the clipboard for a while; it is tried on. */
  onStuck(): void
}

/** What of sessions is on the clipboard: a secret is taken away again after a while, or when its session ends. */
export class SessionClipboard {
  readonly #time: Time
  readonly #host: Pick<Host, 'writeClipboard' | 'clearClipboard'>
  readonly #listener: ClipboardListener
  #held: { readonly of: Digest; readonly until: number; readonly stop: () => void } | null = null
  /** Texts that are on their way to the clipboard. */
  readonly #writing = new Set<Promise<void>>()

  constructor(time: Time, host: Pick<Host, 'writeClipboard' | 'clearClipboard'>, listener: ClipboardListener) {
    this.#time = time
    this.#host = host
    this.#listener = listener
  }

  /** Until when a secret of that case stays there; null if none of it is there. */
  until(id: Digest): number | null {
    return this.#held?.of === id ? this.#held.until : null
  }

  /** A session is over. */
  clearOf(id: Digest): void {
    if (this.#held?.of === id) void this.clear()
  }

  /**
   * Writes to the clipboard. What it may hold is known before it does, and again after, as whoever cleared it meanwhile looked
   * too early. After a write that failed it may hold either: it is cleared until that is done.
   *
   * @param secretOf - whose secret it is; null if it is none.
   */
  async put(text: string, secretOf: Digest | null): Promise<void> {
    const before = this.#held?.of ?? null
    this.#keepFor(secretOf ?? before, CLIPBOARD_MS)
    const writing = this.#host.writeClipboard(text)
    this.#writing.add(writing)
    try {
      await writing
      this.#keepFor(secretOf, CLIPBOARD_MS)
    } catch (error) {
      this.#keepFor(secretOf ?? before, CLIPBOARD_RETRY_MS)
      throw error
    } finally {
      this.#writing.delete(writing)
    }
  }

  /** Clears the clipboard after a while, or when that session ends; null if it holds nobody's. */
  #keepFor(of: Digest | null, ms: number): void {
    this.#held?.stop()
    const until = this.#time.now().wall + ms
    this.#held = of && { of, until, stop: this.#time.after(ms, () => void this.clear()) }
    this.#listener.onChange()
  }

  /**
   * Clears the clipboard if it still holds what was copied. A window that cannot do it now, because it is being replaced or
   * something else reads the clipboard, is asked again every second.
   *
   * @param failures - how often it could not.
   */
  async clear(failures = 0): Promise<void> {
    const held = this.#held
    if (held === null) return
    held.stop()
    const isDone = await this.#host.clearClipboard().then(
      () => true,
      () => false,
    )
    // Something else may have been copied meanwhile, and goes by its own clock.
    if (this.#held !== held) return
    const again = () => void this.clear(failures + 1)
    this.#held = isDone ? null : { ...held, stop: this.#time.after(CLIPBOARD_RETRY_MS, again) }
    if (!isDone && failures + 1 === CLIPBOARD_STUCK) this.#listener.onStuck()
    this.#listener.onChange()
  }

  /** The app ends. @returns whether nothing of it is there any more. */
  async close(): Promise<boolean> {
    await Promise.allSettled(this.#writing)
    await this.clear()
    this.#held?.stop()
    return this.#held === null
  }
}
