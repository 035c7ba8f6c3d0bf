/**
 * Files that people open with Lockbox, by whichever start of it or event of the system they come. The newest waits until
 * the app is there to be told.
 */
export class Openings {
  #waiting: string | null = null
  #listener: ((path: string) => void) | null = null

  /** Somebody opened a file. @param path - absolute; nothing has looked at it. */
  add(path: string): void {
    if (this.#listener === null) this.#waiting = path
    else this.#listener(path)
  }

  /** Tells the app of each from now on, and of the one that waits. */
  listen(listener: (path: string) => void): void {
    this.#listener = listener
    if (this.#waiting !== null) listener(this.#waiting)
    this.#waiting = null
  }
}
