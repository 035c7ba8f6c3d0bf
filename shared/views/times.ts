import { type CaseTimes, type Measured, timesOf } from '../case/times.ts'
import type { Case } from '../case/types.ts'
import type { Standings } from '../org/quorum.ts'
import * as z from '../zod.ts'
import { ms, personRef } from './fields.ts'
import type { Names } from './people.ts'

const stepView = z.strictObject({ at: ms, by: personRef })

/** When a case passed its steps, each by the clock of the device of whoever took it; null for what has not happened. */
export const timesView = z.strictObject({
  asked: stepView,
  quorum: stepView.nullable(),
  access: stepView.nullable(),
  end: stepView.extend({ known: z.enum(['refused', 'said', 'expired']) }).nullable(),
})
export type TimesView = z.infer<typeof timesView>

/** The measured times of a case with names. Claims of several clocks: see `timesOf`. */
export function timesViewOf(one: Case, head: Standings, names: Names): TimesView {
  const step = ({ at, member }: Measured) => ({ at, by: names(member) })
  const { asked, quorum, access, end }: CaseTimes = timesOf(one, head)
  return {
    asked: step(asked),
    quorum: quorum && step(quorum),
    access: access && step(access),
    end: end && { ...step(end), known: end.known },
  }
}

/** A step as people read it. */
export interface StepWords {
  readonly name: 'Asked' | 'Approved' | 'Access' | 'End'
  readonly at: number
  readonly by: string
  /** How long it took since the step before, as the end of a sentence: "after 40 s"; null for the first. */
  readonly took: string | null
}

/** The steps that a case has passed, in their order, with the length of each. */
export function stepsOf({ asked, quorum, access, end }: TimesView): StepWords[] {
  const steps: StepWords[] = []
  const named = [
    ['Asked', asked],
    ['Approved', quorum],
    ['Access', access],
    ['End', end],
  ] as const
  let before: number | null = null
  for (const [name, step] of named) {
    if (step === null) continue
    steps.push({ name, at: step.at, by: step.by.name, took: before === null ? null : tookWords(step.at - before) })
    before = step.at
  }
  return steps
}

/** A negative length comes of two clocks that do not agree, and says so. */
function tookWords(length: number): string {
  return length < 0 ? `${lengthWords(-length)} earlier, since the clocks do not agree` : `after ${lengthWords(length)}`
}

/** How an end is known, as the end of a sentence. */
export const END_WORDS: Readonly<Record<NonNullable<TimesView['end']>['known'], string>> = {
  refused: 'AWS refused a call',
  said: 'said, not confirmed by AWS',
  expired: 'AWS’s expiration, by the issuing device’s measure of AWS’s clock',
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A length in words, not negative: "under 1 s", "40 s", "2 min 11 s", "1 h 3 min", "2 days 4 h". */
export function lengthWords(length: number): string {
  if (length < SECOND) return 'under 1 s'
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`
  if (length < HOUR) return two(length, MINUTE, 'min', SECOND, 's')
  if (length < 2 * DAY) return two(length, HOUR, 'h', MINUTE, 'min')
  return two(length, DAY, 'days', HOUR, 'h')
}

function two(length: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((length % large) / small)
  const whole = `${Math.floor(length / large)} ${largeName}`
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`
}
