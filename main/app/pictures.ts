/** A picture comes this long after a change that nobody expected: the round that the change asked for begins first. */
const SOON_MS = 1
/**
 * What the app does about a change comes first, since others wait for it, as for a share that is to be released. It is waited for
 * so long, which nobody sees; on a disk that hangs the picture comes all the same.
 */
const PATIENCE_MS = 250
/** At most ten a second: more nobody sees, and whoever draws does not issue meanwhile … */
const APART_MS = 100
/** … and where one takes long to draw, a twentieth of the time. */
const SHARE = 20

/** What pictures are made of. */
export interface PictureParts<Picture> {
  readonly draw: () => Picture
  /** What the app is doing about changes at this moment, until it is done; null if nothing. */
  readonly underWay: () => Promise<unknown> | null
  /** Brings one to the window. */
  readonly show: (picture: Picture) => void
  /** Whether a person sees no difference between two. */
  readonly isSame: (one: Picture, other: Picture) => boolean
  /** Told why one could not be drawn or shown; the app goes on, and the next change is drawn again. */
  readonly onFault: (error: unknown) => void
}

/** When the window gets its next picture: at once after a quiet time, now and then while changes pour in, always of the last. */
export class Pictures<Picture> {
  readonly #parts: PictureParts<Picture>
  #timer: NodeJS.Timeout | null = null
  /** Ends the wait for what the app was doing. */
  #goOn: () => void = () => undefined
  #notBefore = 0
  #last: Picture | null = null

  constructor(parts: PictureParts<Picture>) {
    this.#parts = parts
  }

  /** Something that the window shows is different. */
  changed(): void {
    if (this.#timer !== null) {
      // A lock gives up what was under way, and must be seen at once.
      if (this.#parts.underWay() === null) this.#goOn()
      return
    }
    const waitMs = Math.max(SOON_MS, this.#notBefore - performance.now())
    this.#after(waitMs, () => this.#drawBy(performance.now() + PATIENCE_MS))
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timer = null
      act()
    }, ms)
    this.#timer = timer
    return timer
  }

  /** Draws once the app is doing nothing, or when that time has come. */
  #drawBy(latest: number): void {
    const doing = this.#parts.underWay()
    const leftMs = latest - performance.now()
    if (doing === null || leftMs <= 0) return this.#drawOne(() => true)
    const waiting = this.#after(leftMs, () => this.#drawBy(latest))
    this.#goOn = () => {
      if (this.#timer !== waiting) return
      clearTimeout(waiting)
      // What it asked for begins right behind it.
      this.#after(SOON_MS, () => this.#drawBy(latest))
    }
    void doing.then(this.#goOn, this.#goOn)
  }

  /** Nothing came, but time has passed: if that alone makes another picture, such as of a request that is over, it is shown. */
  timePassed(): void {
    if (this.#timer !== null || performance.now() < this.#notBefore) return
    this.#drawOne((picture) => this.#last === null || !this.#parts.isSame(this.#last, picture))
  }

  #drawOne(isNews: (picture: Picture) => boolean): void {
    const began = performance.now()
    try {
      const picture = this.#parts.draw()
      if (isNews(picture)) {
        this.#last = picture
        this.#parts.show(picture)
      }
    } catch (error) {
      this.#parts.onFault(error)
    }
    const tookMs = performance.now() - began
    this.#notBefore = began + Math.max(APART_MS, SHARE * tookMs)
  }

  /** No more pictures. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
