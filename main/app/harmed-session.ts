import { deniesBeside } from '../../shared/case/aftercare-duties.ts'
import type { Grant } from '../../shared/case/types.ts'
import type { Device } from './device.ts'
import type { Held } from './held-session.ts'

/**
 * A deny is for one session. Where a server heeds nothing of what singles that out, or somebody denied more by hand, it hits the
 * others of the role as well: their own apps look for that when one was put, and tell their people.
 */
export function heedDeniesBeside(
  device: Pick<Device, 'currentCases' | 'notes'>,
  grant: Grant,
  held: Pick<Held, 'name' | 'besides' | 'isHarmTold'> & { readonly live: Pick<Held['live'], 'suspect' | 'isHarmed'> },
): void {
  const policies = deniesBeside(device.currentCases(), grant)
  if (policies.length > held.besides) {
    held.besides = policies.length
    held.live.suspect()
  }
  if (!held.live.isHarmed() || held.isHarmTold) return
  held.isHarmTold = true
  device.notes.add(
    'danger',
    `AWS refuses your session for ${held.name}, and nobody ended it`,
    `AWS answered it before. It has since been given what denies another session of the same role (${policies.at(-1) ?? ''}), and a deny of that role is felt by yours too: the server does not heed what singles a session out, or somebody denied more by hand.`,
    'All sessions of that role may be refused. For access now, ask under a plan with another role. Whoever looks after AWS sees in IAM what denies; do not delete a policy whose session may live.',
  )
}
