import type { SessionView } from '../../shared/views/session-views.ts'

/** The monotonic moment at which each session ends for this window. */
export type Deadlines = ReadonlyMap<string, number>

/** Names one session over all snapshots. */
function sessionKey(session: Pick<SessionView, 'case' | 'accessKeyId'>): string {
  return `${session.case} ${session.accessKeyId}`
}

/**
 * Deadlines after a snapshot: what is left counts from its arrival, and an earlier deadline stays, so that no later
 * message ever lengthens a countdown. Sessions that are gone are forgotten.
 */
export function tightened(before: Deadlines, sessions: readonly SessionView[], arrivedAt: number): Deadlines {
  return new Map(
    sessions.map((session) => {
      const key = sessionKey(session)
      return [key, Math.min(before.get(key) ?? Number.POSITIVE_INFINITY, arrivedAt + Math.max(0, session.leftMs))]
    }),
  )
}

/**
 * Milliseconds left, at least 0: the smaller of what the monotonic clock and the wall clock say. The monotonic one
 * stands still while the machine sleeps; the wall clock may be set back, which then lengthens nothing.
 */
export function leftOf(deadlines: Deadlines, session: SessionView, monotonic: number, wall: number): number {
  const deadline = deadlines.get(sessionKey(session)) ?? monotonic
  return Math.max(0, Math.min(deadline - monotonic, session.ends - wall))
}

/** `58:04`, or `1:02:09` from an hour on; a begun second counts as a second. */
export function clockText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}
