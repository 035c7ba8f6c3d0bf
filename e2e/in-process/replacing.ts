import type { CaseState } from '../../shared/case/types.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { Party } from './party.ts'
import { acceptShares, approves, asks, caseOf, type Habit, isDone, type Person } from './people.ts'
import type { Setting } from './stories.ts'
import type { TestClock } from './test-clock.ts'

/** What a drill is while people and devices still do something for it. */
const UNDER_WAY: readonly (string | undefined)[] = ['asked', 'approved', 'issuing'] satisfies CaseState[]

/** Whether everybody's window shows that no used key is to be replaced or deleted any more. */
export function owesNoKey({ cases }: Snapshot): boolean {
  return cases.every(({ obligations }) => !obligations.some(({ code }) => code === 'rotate' || code === 'retire'))
}

/**
 * People who replace used keys: an admin does what the window asks, and everybody accepts shares. Where it asks for a drill, since the
 * new key itself is gone from the app, they do that. Time passes once the old key is off.
 *
 * @param by - the admin; Raj, if left out.
 */
export function replacing(
  { parties, plan }: Pick<Setting, 'parties' | 'plan'>,
  clock: TestClock,
  by: Party = parties[1],
): Person[] {
  const [ana, raj, mia, leo] = parties
  /** The reference of the drill that is asked for, and how many came to nothing. */
  let drill = ''
  let expired = 0
  const replaces: Habit = async (party, snapshot) => {
    if (party !== by) return
    const { cases } = snapshot
    const mine = cases.flatMap(({ id, rotation }) => (rotation === null ? [] : [{ id, ...rotation }]))
    const next = mine.find(({ may }) => may !== null)
    if (next?.may === 'begin') await party.sign(party.call.cases.replaceKey({ request: next.id }))
    if (next?.may === 'deposit') await party.sign(party.call.cases.depositNewKey({ request: next.id }))
    if (mine.some(({ at, deletesAt }) => at === 'delete' && deletesAt !== null)) clock.pass(2 * 60_000)
    const run = caseOf(snapshot, drill)?.state
    // Nobody waits in earnest until AWS is asked again, but for a drill they do: on a busy machine its time would be over first.
    if (mine.some(({ trouble }) => trouble !== '') && !UNDER_WAY.includes(run)) clock.pass(1000)
    const asked = mine.find(({ trouble }) => trouble.includes('Run a drill'))
    if (asked === undefined) return
    if (run === 'expired') expired++
    drill = `DRILL-${asked.id.slice(0, 6)}-${expired}`
  }
  const drills: Habit = async (party, snapshot) => {
    if (drill !== '') await asks({ plan, reference: drill, purpose: 'drill' })(party, snapshot)
  }
  const approvesDrill: Habit = async (party, snapshot) => {
    if (drill !== '') await approves(drill)(party, snapshot)
  }
  return [
    { party: ana, habits: [acceptShares, drills, isDone] },
    { party: raj, habits: [acceptShares, replaces, approvesDrill] },
    { party: mia, habits: [acceptShares, replaces] },
    { party: leo, habits: [acceptShares, replaces, approvesDrill] },
  ]
}

/** Asks for what may replace a used key, wherever the window offers it. */
export const asksToRotate: Habit = async (party, { cases }) => {
  const owed = cases.find(({ rotation }) => rotation?.asks?.may === true)
  if (owed !== undefined) await party.sign(party.call.cases.askToRotate({ request: owed.id }))
}

/** Approves every rotation, and touches the key again when the window says so. */
export const approvesRotations: Habit = async (party, { cases }) => {
  const one = cases.find(
    ({ purpose, mine }) => purpose === 'rotation' && mine.mayDecide && (mine.decided === null || mine.needsTouch),
  )
  if (one !== undefined) await party.sign(party.call.cases.decide({ request: one.id, verdict: 'approve', reason: '' }))
}
