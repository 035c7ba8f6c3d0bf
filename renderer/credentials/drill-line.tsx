import { CalendarClock, CircleCheck, TriangleAlert } from 'lucide-react'
import type { OpeningView, PlanView } from '../../shared/views/plan-views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { State } from '../ui/state.tsx'
import { Moment, Since } from '../ui/time.tsx'

type Drill = NonNullable<PlanView['drill']>

/** When the next drill of a plan is due, and how its credential was opened last. Once overdue it is red; it never stops anything. */
export function DrillLine({ drill }: { readonly drill: Drill }) {
  return (
    <span className="stack-8">
      <span className="row">
        <DrillState drill={drill} />
      </span>
      {drill.why.length > 0 && <span>Due at once: {drill.why.join('; ')}.</span>}
      <span className="muted small">
        {drill.last === null ? (
          'No device but the one that deposited it has opened a key of it yet'
        ) : (
          <Last drill={drill.last} />
        )}
        {drill.why.length > 0 && drill.state === 'due' && (
          <>
            ; by the calendar it would be due <Since at={drill.due} />
          </>
        )}
      </span>
    </span>
  )
}

/** The state alone: next due, due now, or overdue. */
function DrillState({ drill: { state, due } }: { readonly drill: Drill }) {
  if (state === 'overdue')
    return (
      <State tone="red" icon={TriangleAlert}>
        Drill overdue: was due <Moment at={due} />
      </State>
    )
  if (state === 'due')
    return (
      <State tone="amber" icon={CalendarClock}>
        Drill due now
      </State>
    )
  return (
    <State tone="plain" icon={CircleCheck}>
      Next drill due <Moment at={due} />
    </State>
  )
}

function Last({ drill }: { readonly drill: OpeningView }) {
  return (
    <>
      Last opened by {OPENED_BY[drill.purpose]} <Since at={drill.at} />, issued by <Exact>{drill.by.name}</Exact>
    </>
  )
}

/** By what a key was opened, in words. */
export const OPENED_BY: Readonly<Record<OpeningView['purpose'], string>> = {
  drill: 'a drill',
  access: 'a use in an emergency',
}
