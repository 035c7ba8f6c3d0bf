import { Ban, CircleAlert, CircleCheck, Clock, Hourglass, KeyRound, Radio, Undo2 } from 'lucide-react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { State, type Tone } from '../ui/state.tsx'

const STATES: Readonly<Record<CaseView['state'], readonly [Tone, typeof Clock, string]>> = {
  impossible: ['red', Ban, 'Cannot be answered'],
  asked: ['amber', Hourglass, 'Waiting for approvals'],
  blocked: ['red', Ban, 'Blocked'],
  withdrawn: ['plain', Undo2, 'Withdrawn'],
  expired: ['plain', Clock, 'Expired'],
  approved: ['amber', KeyRound, 'Approved, not issued yet'],
  issuing: ['amber', Radio, 'Being issued'],
  granted: ['green', CircleCheck, 'Session live'],
  ending: ['amber', CircleAlert, 'Ending, not confirmed'],
  ended: ['plain', CircleCheck, 'Ended, confirmed'],
}

/** Of a rotation, whose session is for nobody. */
const ISSUED = ['plain', CircleCheck, 'Issued, no access'] as const

/** Where a case stands, in two words. */
export function CaseState({ one }: { readonly one: Pick<CaseView, 'state' | 'forNobody'> }) {
  const isLive = one.state === 'granted' || one.state === 'ending'
  const [tone, icon, words] = isLive && one.forNobody ? ISSUED : STATES[one.state]
  return (
    <State tone={tone} icon={icon}>
      {words}
    </State>
  )
}
