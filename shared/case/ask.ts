import { memberOf, standsIn, type VerifiedOf } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import type { RequestProblem } from './types.ts'

/** Why this request may not be made under this plan and roster, or null. Looks at no clock. */
export function mayAsk(plan: Plan, roster: Roster, request: VerifiedOf<'request'>): RequestProblem | null {
  const { payload } = request
  if (!standsIn(roster, request)) return 'requester-not-active'
  const commander = memberOf(roster, payload.member)?.roles.includes('commander') ?? false
  if (!commander || !plan.requesters.includes(payload.member)) return 'not-allowed-to-ask'
  if (!plan.emergencies.includes(payload.emergency)) return 'emergency-not-in-plan'
  if (!plan.durations.includes(payload.seconds)) return 'duration-not-in-plan'
  // Only at AWS would it turn out, when shares are spent, that nothing can come of it.
  const canRotate = plan.access.aftercare?.rotator !== undefined
  if (payload.purpose === 'rotation' && !canRotate) return 'rotator-not-in-plan'
  return null
}
