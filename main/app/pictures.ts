/** A picture comes this long after a change that nobody expected: what the app does about it may still be in it. */
const SOON_MS = 10
/** At most twenty a second … */
const APART_MS = 50
/** … and where one takes long to draw, a tenth of the time. */
const SHARE = 10

/** When the window gets its next picture: at once after a quiet time, now and then while changes pour in, always of the last. */
export class Pictures {
  readonly #draw: () => void
  readonly #onFault: (error: unknown) => void
  #timer: NodeJS.Timeout | null = null
  #notBefore = 0

  /** @param onFault - told why one could not be drawn; the app goes on, and the next change is drawn again. */
  constructor(draw: () => void, onFault: (error: unknown) => void) {
    this.#draw = draw
    this.#onFault = onFault
  }

  /** Something that the window shows is different. */
  changed(): void {
    if (this.#timer !== null) return
    const waitMs = Math.max(SOON_MS, this.#notBefore - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      const began = performance.now()
      this.#drawOne()
      const tookMs = performance.now() - began
      this.#notBefore = began + Math.max(APART_MS, SHARE * tookMs)
    }, waitMs)
  }

  #drawOne(): void {
    try {
      this.#draw()
    } catch (error) {
      this.#onFault(error)
    }
  }

  /** No more pictures. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }
}
