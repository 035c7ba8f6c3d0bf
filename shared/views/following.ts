import { changeBetween, changedPicture, type PictureChange } from './picture-change.ts'
import type { Snapshot } from './views.ts'

/** Main's end: the picture that the window has, so that it is told only what has become different. */
export class ToldPicture {
  #told: Snapshot | null = null

  /** The window asked, and is given this one whole. */
  whole(picture: Snapshot): Snapshot {
    this.#told = picture
    return picture
  }

  /** What makes this one out of what the window has; null while it has not asked, as it does when it starts. */
  change(picture: Snapshot): PictureChange | null {
    const before = this.#told
    if (before === null) return null
    this.#told = picture
    return changeBetween(before, picture)
  }
}

/** Main, as the window sees it. */
export interface PictureSource {
  snapshot(): Promise<Snapshot>
  /** @returns the way to stop. */
  changed(listener: (change: PictureChange) => void): () => void
}

/**
 * Follows what main shows: listens first, then asks, so that no change falls between. A change that does not fit what is here,
 * since one before it was missed, makes it ask anew. What comes late is dropped.
 *
 * @param take - given the first picture, and each that follows.
 * @returns the way to stop.
 */
export async function follow(source: PictureSource, take: (picture: Snapshot) => void): Promise<() => void> {
  let shown: Snapshot | null = null
  let isAsking = false
  /** The newest change that did not fit. */
  let missed = 0
  const show = (picture: Snapshot): void => {
    if (shown !== null && picture.number <= shown.number) return
    shown = picture
    take(picture)
  }
  const ask = async (): Promise<void> => {
    isAsking = true
    try {
      let number: number
      do {
        const picture = await source.snapshot()
        show(picture)
        number = picture.number
        // What was pushed after the answer was made may have come before it.
      } while (number < missed)
    } finally {
      isAsking = false
    }
  }
  const stop = source.changed((change) => {
    if (shown !== null && change.number <= shown.number) return
    const picture = shown && changedPicture(shown, change)
    if (picture !== null) return show(picture)
    missed = change.number
    // Main says why it has no picture; with the next change it is asked again.
    if (!isAsking) void ask().catch(() => undefined)
  })
  await ask()
  return stop
}
