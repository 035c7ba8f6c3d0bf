import { tidyLine } from '../ui/tidy.ts'

/** What the log is narrowed to. */
export interface Filter {
  readonly case: string | null
  readonly member: string | null
  readonly text: string
}

export const NO_FILTER: Filter = { case: null, member: null, text: '' }

/** The call for the newest entries that fit; filtering is done in main, which alone can read the rows. */
export function filterRequest(filter: Filter, most: number) {
  return {
    case: filter.case,
    member: filter.member,
    text: tidyLine(filter.text),
    most: Math.max(1, Math.min(500, most)),
  }
}
