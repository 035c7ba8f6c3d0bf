import type { UnixMilliseconds } from './bytes.ts'

/** A time for records: UTC to the second. A cosigner may claim a second beyond every calendar. */
export function utcWords(ms: UnixMilliseconds): string {
  if (!(Math.abs(ms) <= 8.64e15)) return `${ms} ms after 1970`
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** So many months of the calendar before a time, in UTC. Of a month that has no such day it is the last: of May 31st, February's. */
export function monthsBefore(now: UnixMilliseconds, months: number): UnixMilliseconds {
  const date = new Date(now)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months + 1, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), last)
  return date.setUTCMonth(date.getUTCMonth() - months, day)
}
