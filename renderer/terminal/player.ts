import type { Cast } from '../../shared/terminal/asciicast.ts'

/** Nobody waits longer than this for what comes next; the times that are said stay the true ones. */
const LONGEST_WAIT_MS = 2000

/** One step of a replay: how long to wait before it, at ordinary speed, and when it really was. */
export interface Step {
  readonly wait: number
  readonly at: number
  readonly event: Cast['events'][number]
}

/** A recording as what is to be shown one after the other; long waits are shortened. */
export function stepsOf({ events }: Cast): Step[] {
  return events.map((event, index) => ({
    wait: Math.min(event.at - (events[index - 1]?.at ?? 0), LONGEST_WAIT_MS),
    at: event.at,
    event,
  }))
}

/** How a recording ended, for people; one without an end was cut off. */
export function endWords({ events }: Cast): string {
  const last = events.at(-1)
  if (last?.type !== 'end')
    return 'It was cut off: Lockbox or the computer died while it was recorded, or its file was damaged.'
  const words = {
    exited: 'The shell ended by itself.',
    closed: 'The shell was closed.',
    'session-over': 'The session was over.',
    locked: 'Lockbox was locked.',
    quit: 'Lockbox was closed.',
    full: 'The recording was full.',
  }
  return words[last.why]
}

/** Minutes and seconds since the beginning. */
export function timeText(at: number): string {
  const seconds = Math.floor(at / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
