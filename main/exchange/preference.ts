import type { Digest } from '../../shared/bytes.ts'
import type { Hello } from './messages.ts'

/** An open connection this old is believed lost when its peer comes anew and does not know of it. */
const SETTLED_MS = 5000

/** What decides between two connections with one device. */
export interface Candidate {
  /** Whether we dialed it. */
  readonly isOurs: boolean
  /** Our number of it. */
  readonly number: number
  /** The peer's hello over it. */
  readonly hello: Hello
  readonly openForMs: number
}

/**
 * Whether a connection that was just greeted replaces the open one between the same two devices. Both ends must come
 * to the same answer whichever they saw first, unless one of them has lost the older one (docs/formats/lan.md §4).
 */
export function isPreferred(fresh: Candidate, open: Candidate, ours: Digest, theirs: Digest): boolean {
  // The peer's app was started anew: the other connection ended with its last run.
  if (open.hello.run !== fresh.hello.run) return true
  if (!fresh.hello.connected && open.openForMs > SETTLED_MS) return true
  // Both dialed: what the device with the lower id dialed is kept.
  if (fresh.isOurs !== open.isOurs) return fresh.isOurs === ours < theirs
  // One dialed twice: its later one is kept, by its own count, which both ends know.
  return fresh.isOurs ? fresh.number > open.number : fresh.hello.connection > open.hello.connection
}
