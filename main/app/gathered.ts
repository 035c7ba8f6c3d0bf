/** Has each thing that comes kept at once; those that come while one is being kept, together behind it. */
export class Gathered<One> {
  readonly #keep: (all: readonly One[]) => Promise<void>
  #waiting: One[] = []
  #last: Promise<unknown> = Promise.resolve()
  #next: Promise<void> | null = null

  /** @param keep - keeps some of them. */
  constructor(keep: (all: readonly One[]) => Promise<void>) {
    this.#keep = keep
  }

  /** Resolves when it is kept. @throws what keeping those threw that it was kept with. */
  add(one: One): Promise<void> {
    this.#waiting.push(one)
    if (this.#next !== null) return this.#next
    const next = this.#last.then(() => {
      this.#next = null
      return this.#keep(this.#waiting.splice(0))
    })
    this.#next = next
    this.#last = next.catch(() => undefined)
    return next
  }
}
