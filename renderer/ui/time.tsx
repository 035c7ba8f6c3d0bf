import { useNow } from '../store/clock.ts'
import { clockOf, fullUtc, relative } from './time-words.ts'

/** A moment: local clock and what is left or gone; full UTC on hover. */
export function Moment({ at }: { readonly at: number }) {
  const now = useNow(10_000)
  return (
    <time dateTime={new Date(at).toISOString()} title={fullUtc(at)}>
      {clockOf(at, now)} · {relative(at, now)}
    </time>
  )
}

/** Only what is left or gone. */
export function Since({ at }: { readonly at: number }) {
  const now = useNow(10_000)
  return (
    <time dateTime={new Date(at).toISOString()} title={fullUtc(at)}>
      {relative(at, now)}
    </time>
  )
}

/** Only the local clock, with the day where it is not today. */
export function Clock({ at }: { readonly at: number }) {
  const now = useNow(60_000)
  return (
    <time dateTime={new Date(at).toISOString()} title={fullUtc(at)}>
      {clockOf(at, now)}
    </time>
  )
}
