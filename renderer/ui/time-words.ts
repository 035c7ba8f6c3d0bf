import { utcWords } from '../../shared/utc.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** "4 min ago", "in 12 min", "just now", "12 days ago". */
export function relative(at: number, now: number): string {
  const away = Math.abs(at - now)
  if (away < MINUTE) return at > now ? 'in less than a minute' : 'just now'
  return at > now ? `in ${amount(away)}` : `${amount(away)} ago`
}

function amount(milliseconds: number): string {
  if (milliseconds < HOUR) return `${Math.floor(milliseconds / MINUTE)} min`
  if (milliseconds < 2 * DAY) {
    const minutes = Math.floor((milliseconds % HOUR) / MINUTE)
    const hours = Math.floor(milliseconds / HOUR)
    return milliseconds < 6 * HOUR && minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`
  }
  return `${Math.floor(milliseconds / DAY)} days`
}

/** "14:32:08", with the date in front where it is another day. */
export function clockOf(at: number, now: number): string {
  const time = new Date(at)
  const clock = time.toLocaleTimeString('en-GB')
  if (time.toDateString() === new Date(now).toDateString()) return clock
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })} ${clock}`
}

/** "2026-11-23 14:32:08 UTC". */
export const fullUtc = utcWords

/** Seconds of access as people say them: "30 min", "1 h", "1 h 30 min". */
export function durationWords(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}
