import { type Standings, standingOf, vetoers } from '../org/quorum.ts'
import type { Case } from './types.ts'

/** What came of a request, for whoever looks back. */
export const OUTCOMES = ['granted', 'denied', 'expired', 'withdrawn', 'failed', 'open'] as const
export type Outcome = (typeof OUTCOMES)[number]

/**
 * What came of a case: `granted` once a session was issued, however that ended; `open` while it may still be, or while a
 * session may exist that nothing names; `failed` if it could not be answered at all, or ran out after an issuing device
 * had tried in vain; else why nothing was issued. A request that was denied stays so when its hour is over.
 *
 * @param head - who stands where now.
 */
export function outcomeOf(one: Pick<Case, 'state' | 'grant' | 'attempts' | Denied>, head: Standings): Outcome {
  const { state, grant, attempts } = one
  if (grant !== null) return 'granted'
  switch (state) {
    case 'withdrawn':
      return 'withdrawn'
    case 'blocked':
      return 'denied'
    case 'impossible':
      return 'failed'
    case 'expired':
      if (attempts.some(({ issuing, failed }) => issuing !== null || failed !== null)) return 'failed'
      return isDenied(one, head) ? 'denied' : 'expired'
    default:
      return 'open'
  }
}

type Denied = 'plan' | 'quorum' | 'request'

/**
 * Whether denials alone kept a request from ever being approved. That custodians have left since, of whom nobody knows any more in which
 * groups they were, denied nothing.
 */
function isDenied({ plan, quorum, request }: Pick<Case, Denied>, head: Standings): boolean {
  if (plan === null || quorum === null || quorum.denied.length === 0 || !quorum.blocked) return false
  const vetoing = vetoers(plan, head)
  if (quorum.denied.some((member) => vetoing.includes(member))) return true
  const others = plan.custodians.filter(
    (member) => member !== request.payload.member && !quorum.denied.includes(member),
  )
  if (others.length < plan.quorum.count) return true
  return others.every((member) => standingOf(head, member) !== undefined)
}
