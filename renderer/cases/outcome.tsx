import { Ban, CircleCheck, CircleX, Clock, Hourglass, Undo2 } from 'lucide-react'
import type { Outcome } from '../../shared/case/outcome.ts'
import { type CaseRow, outcomeWords } from '../../shared/views/case-log.ts'
import { State, type Tone } from '../ui/state.tsx'

const LOOKS: Readonly<Record<Outcome, readonly [Tone, typeof Clock]>> = {
  granted: ['green', CircleCheck],
  denied: ['red', Ban],
  expired: ['plain', Clock],
  withdrawn: ['plain', Undo2],
  failed: ['red', CircleX],
  open: ['amber', Hourglass],
}

/** What came of a case. */
export function OutcomeState({ outcome, forNobody }: Pick<CaseRow, 'outcome' | 'forNobody'>) {
  const [tone, icon] = LOOKS[outcome]
  return (
    <State tone={tone} icon={icon}>
      {outcomeWords({ outcome, forNobody })}
    </State>
  )
}
