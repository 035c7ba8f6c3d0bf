import type { DrillDue, DrillReason } from '../case/drills.ts'
import type { Opened, Opening } from '../case/openings.ts'
import type { Names } from './people.ts'
import type { GenerationView, OpeningView, PlanView } from './plan-views.ts'

const CHANGED: Readonly<Record<DrillReason, string>> = {
  plan: 'this version of the plan was not used yet',
  people: 'a custodian or issuer, or a device or key of theirs, is another than at the last one',
  generation: 'the key was dealt anew without an opening before',
}

/** When the next drill of a plan is due, as the window shows it. */
export function drillView(drill: DrillDue | null, names: Names): PlanView['drill'] {
  if (drill === null) return null
  const { last, due, changed, state } = drill
  return { last: openingView(last, names), due, why: changed.map((reason) => CHANGED[reason]), state }
}

/** How a key was opened last, as the window shows it. */
export function openedView(
  { last, byDealer }: Opened,
  names: Names,
): Pick<GenerationView, 'opened' | 'openedByDealer'> {
  return { opened: openingView(last, names), openedByDealer: openingView(byDealer, names) }
}

function openingView(opening: Opening | null, names: Names): OpeningView | null {
  return opening && { case: opening.case, purpose: opening.purpose, at: opening.at, by: names(opening.member) }
}
