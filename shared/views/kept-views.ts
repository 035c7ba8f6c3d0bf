import type { Case, CaseRefusalCode } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import type { TimelineEntry } from './case-views.ts'
import { type LineOf, timelineEntry } from './timeline.ts'
import type { TimesView } from './times.ts'

/** A line, and of what it is made that may be different the next time. */
interface KeptLine {
  readonly stands: string
  readonly refused: CaseRefusalCode | null
  readonly line: TimelineEntry
}

/**
 * Parts of the views of cases as they were made last. A picture is drawn after each change, and of nearly all cases it says what the
 * one before said. Names, keys and owners of devices go by the rosters alone: under others all is made anew.
 */
export class KeptViews {
  #history: Organization['history'] | null = null
  #lines = new WeakMap<VerifiedStatement, KeptLine>()
  #times = new WeakMap<Case, TimesView>()

  /**
   * A line of a timeline: the same again until other devices vouch for its statement, or the case refuses it. How a statement came to
   * this device stays as it was.
   */
  readonly lineOf: LineOf = (statement, context, refused) => {
    this.#under(context.org)
    const stands = context.stands(statement.id)
    const known = this.#lines.get(statement)
    if (known !== undefined && known.stands === stands && known.refused === refused) return known.line
    const line = timelineEntry(statement, { ...context, stands: () => stands }, refused)
    this.#lines.set(statement, { stands, refused, line })
    return line
  }

  /** The measured times of a case, which is another one as soon as something in it is different. */
  timesOf(one: Case, org: Organization, make: () => TimesView): TimesView {
    this.#under(org)
    const times = this.#times.get(one) ?? make()
    this.#times.set(one, times)
    return times
  }

  #under({ history }: Organization): void {
    if (history === this.#history) return
    this.#history = history
    this.#lines = new WeakMap()
    this.#times = new WeakMap()
  }
}
