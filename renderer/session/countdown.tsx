import { useStore } from 'zustand'
import type { SessionView } from '../../shared/views/session-views.ts'
import { useApp } from '../store/app.ts'
import { useClocks } from '../store/clock.ts'
import { clockText, leftOf } from '../store/countdown.ts'

/** When the last minutes begin. */
export const LAST_MS = 5 * 60_000

/** Milliseconds left of a session, again four times a second. */
export function useLeft(session: SessionView): number {
  const deadlines = useStore(useApp().shown, (shown) => shown.deadlines)
  const { monotonic, wall } = useClocks(250)
  return leftOf(deadlines, session, monotonic, wall)
}

/** What is left, large; amber and with words in the last minutes. */
export function Countdown({ left }: { readonly left: number }) {
  return (
    <p className={left <= LAST_MS ? 'countdown last' : 'countdown'} role="timer" aria-label="Time left">
      {clockText(left)}
      {left <= LAST_MS && <span className="large"> left</span>}
    </p>
  )
}
