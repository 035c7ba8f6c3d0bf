import { LockKeyhole, Wifi, WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import type { PersonView } from '../../shared/views/people-views.ts'
import { State } from '../ui/state.tsx'
import { Clock } from '../ui/time.tsx'

type Presence = NonNullable<PersonView['reach']>['presence']

const SHOWN = {
  unlocked: ['green', Wifi, 'Reachable'],
  locked: ['plain', LockKeyhole, 'Locked, is called'],
  gone: ['amber', WifiOff, 'Not reachable'],
} as const

/** Whether somebody's device can answer, is locked and hears, or cannot be reached. */
export function PresenceState({ presence, children }: { readonly presence: Presence; readonly children?: ReactNode }) {
  const [tone, icon, words] = SHOWN[presence]
  return (
    <State tone={tone} icon={icon}>
      {words}
      {children}
    </State>
  )
}

/** When somebody's device was heard of by relay last; not that it is there now, which nobody knows. */
export function Relayed({ at }: { readonly at: number | null }) {
  if (at === null) return null
  return (
    <p className="small muted">
      By relay, last heard <Clock at={at} />
    </p>
  )
}
