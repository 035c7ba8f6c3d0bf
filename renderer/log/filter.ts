import { tidyLine } from '../ui/tidy.ts'

/** What the log is narrowed to. */
export interface Filter {
  readonly case: string | null
  readonly member: string | null
  readonly text: string
}

/** How long a search waits for the next letter. */
export const TYPING_MS = 150

export const NO_FILTER: Filter = { case: null, member: null, text: '' }

/** The call for a page of the entries that fit, newest first; filtering is done in main, which alone can read the rows. */
export function filterRequest(filter: Filter, skip: number, most: number) {
  return { case: filter.case, member: filter.member, text: tidyLine(filter.text), skip, most }
}

/** The local day of a moment, as a date field has it: "2026-11-23". */
export function dayOf(at: number): string {
  const date = new Date(at)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** When a local day begins, or the day so many days after it; null for what is no day, such as of the year 202, or of February the 30th. */
export function beginningOf(day: string, after: number): number | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? []
  if (year === undefined || Number(year) < 1970) return null
  // A day that no calendar has would be taken for one of the next month, and list what nobody asked for.
  if (dayOf(new Date(Number(year), Number(month) - 1, Number(date)).getTime()) !== day) return null
  // By the calendar, not by 24 hours: where clocks change, days have other lengths.
  return new Date(Number(year), Number(month) - 1, Number(date) + after).getTime()
}
