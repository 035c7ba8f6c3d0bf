/**
 * A picture comes this long after a change that nobody expected: the round that the change asked for begins first. What the app
 * then does about it waits for the disk, and is in the next picture.
 */
const SOON_MS = 1
/** At most ten a second: more nobody sees, and whoever draws does not issue meanwhile … */
const APART_MS = 100
/** … and where one takes long to draw, a twentieth of the time. */
const SHARE = 20

/** What pictures are made of. */
export interface PictureParts<Picture> {
  readonly draw: () => Picture
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
  #notBefore = 0
  #last: Picture | null = null

  constructor(parts: PictureParts<Picture>) {
    this.#parts = parts
  }

  /** Something that the window shows is different. */
  changed(): void {
    if (this.#timer !== null) return
    const waitMs = Math.max(SOON_MS, this.#notBefore - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#drawOne(() => true)
    }, waitMs)
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
  }
}
