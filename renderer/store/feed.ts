import { follow } from '../../shared/views/following.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { newsBetween } from './announcements.ts'
import type { App } from './app.ts'
import { acceptSnapshot } from './snapshot-store.ts'
import { announce, resetView } from './view-store.ts'

/**
 * Feeds the stores from main. A vault that is no longer open empties every store but the snapshot itself, which then holds
 * nothing of the vault either.
 *
 * @returns the way to stop.
 */
export async function feed(app: App, monotonic: () => number): Promise<() => void> {
  const take = (snapshot: Snapshot): void => {
    const before = acceptSnapshot(app.shown, snapshot, monotonic())
    if (before !== null && isOpen(before) && !isOpen(snapshot)) forget(app)
    announce(app.view, newsBetween(before, snapshot).join(' '))
  }
  return follow(app.client.app, take)
}

/** While its log is being read a vault does not count as open yet, though some of it is shown. */
function isOpen({ vault, stage }: Snapshot): boolean {
  return vault.status === 'open' || stage === 'reading'
}

function forget(app: App): void {
  resetView(app.view)
  app.desk.reset()
}

const PERSON_MS = 10_000

/** Tells main that somebody is there, at most every 10 seconds; puts off the idle lock. */
export function watchPerson(app: App, target: EventTarget, monotonic: () => number): () => void {
  let last = Number.NEGATIVE_INFINITY
  const seen = (): void => {
    if (monotonic() - last < PERSON_MS) return
    last = monotonic()
    app.client.app.active().catch(() => undefined)
  }
  const events = ['pointerdown', 'keydown', 'wheel']
  for (const event of events) target.addEventListener(event, seen, { passive: true })
  return () => {
    for (const event of events) target.removeEventListener(event, seen)
  }
}
