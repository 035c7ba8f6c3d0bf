import { type Digest, digest, utf8 } from '../../shared/bytes.ts'
import type { Clocks } from './countdown.ts'

/** How long a copied session stays on the clipboard. */
export const CLIPBOARD_MS = 60_000

/** What was copied and when; of the text only its digest. */
export interface Copied {
  readonly digest: Digest
  readonly at: Clocks
}

/** Remembers that a text went onto the clipboard. */
export function copied(text: string, now: Clocks): Copied {
  return { digest: digest(utf8(text)), at: now }
}

/**
 * What to do about the clipboard: `clear` it when 60 seconds have passed by either clock (one stands still in sleep, the
 * other may be set back) or the session is over; `forget` it when it holds something else by now; else `wait`.
 *
 * @param current - what is on the clipboard; null if it holds no text.
 */
export function clipboardRule(
  { digest: ours, at }: Copied,
  current: string | null,
  now: Clocks,
  sessionOver: boolean,
): 'wait' | 'clear' | 'forget' {
  if (current === null || digest(utf8(current)) !== ours) return 'forget'
  const elapsed = Math.max(now.wall - at.wall, now.monotonic - at.monotonic)
  return sessionOver || elapsed >= CLIPBOARD_MS ? 'clear' : 'wait'
}
