import type { OutletPlace } from './records.ts'

/**
 * How far an outlet is, made durable now and then: one record a second at most, since the journal only grows and an
 * issue waits for its turn in it. What is lost with a crash is delivered once more.
 */
export class Bookmark {
  readonly #save: (place: OutletPlace) => Promise<void>
  readonly #everyMs: number
  #place: OutletPlace | null
  #isSaved = true
  #timer: NodeJS.Timeout | null = null
  #saving: Promise<void> | null = null

  constructor(place: OutletPlace | null, everyMs: number, save: (place: OutletPlace) => Promise<void>) {
    this.#place = place
    this.#everyMs = everyMs
    this.#save = save
  }

  get place(): OutletPlace | null {
    return this.#place
  }

  move(place: OutletPlace): void {
    this.#place = place
    this.#isSaved = false
    if (this.#timer !== null) return
    this.#write()
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (!this.#isSaved) this.move(this.#place ?? place)
    }, this.#everyMs)
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#write()
    await this.#saving
  }

  #write(): void {
    const place = this.#place
    if (this.#isSaved || place === null) return
    this.#isSaved = true
    const save = () => this.#save(place)
    // At once, where nothing is being written: a lock leaves no later moment.
    const saving: Promise<void> = (this.#saving === null ? save() : this.#saving.then(save))
      // A full disk, a journal that is closed: then more is repeated after the next start, and nothing is lost.
      .catch(() => undefined)
      .finally(() => {
        if (this.#saving === saving) this.#saving = null
      })
    this.#saving = saving
  }
}
