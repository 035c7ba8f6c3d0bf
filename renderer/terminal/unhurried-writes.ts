/** What draws text: an xterm.js terminal. */
interface Drawing {
  write(text: string, onDrawn?: () => void): void
}

// xterm.js reads what it is given at once to its end, and looks at the clock only in between. A few characters can ask for
// much: 16 KiB of "scroll by 500 lines" took many seconds, in which nobody could press Lock. So it is given little at a time …
const PIECE = 256
/** … and only so much before its end is waited for, since it never drops what it was given. */
const AHEAD = 16 * PIECE

/** Writes to a terminal in such a way that the window stays with its owner, whatever is drawn. */
export class UnhurriedWrites {
  readonly #drawing: Drawing
  #last: Promise<void> = Promise.resolve()
  #stops = 0

  constructor(drawing: Drawing) {
    this.#drawing = drawing
  }

  /** Draws text after what was given before. Resolves when it is drawn, or was dropped. */
  write(text: string): Promise<void> {
    const stops = this.#stops
    this.#last = this.#last.then(async () => {
      for (let from = 0; from < text.length && stops === this.#stops; from += AHEAD)
        await this.#ahead(text.slice(from, from + AHEAD))
    })
    return this.#last
  }

  /** Drops what is not with the terminal yet. */
  drop(): void {
    this.#stops++
  }

  #ahead(text: string): Promise<void> {
    return new Promise((resolve) => {
      for (let from = 0; from < text.length; from += PIECE)
        this.#drawing.write(text.slice(from, from + PIECE), from + PIECE >= text.length ? resolve : undefined)
    })
  }
}
