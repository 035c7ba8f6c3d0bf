import type { VerifiedOf } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import type { Finding, Grant, Obligation } from './types.ts'

const HOUR_MS = 60 * 60_000

/** What a case owes, earliest first: after a grant a review and a rotation, after stray releases a rotation. */
export function obligationsOf(
  request: VerifiedOf<'request'>,
  grant: Grant | null,
  findings: readonly Finding[],
  plan: Plan | null,
): Obligation[] {
  if (plan === null) return []
  const { rotationHours, reviewHours } = plan.obligations
  const since = grant?.statement.payload.time ?? request.payload.time
  const owed: Obligation[] = []
  if (grant !== null)
    owed.push(
      { code: 'rotate', due: since + rotationHours * HOUR_MS },
      { code: 'review', due: since + reviewHours * HOUR_MS },
    )
  else if (findings.some(({ code }) => code === 'released-without-grant'))
    owed.push({ code: 'rotate-exposed', due: since + rotationHours * HOUR_MS })
  return owed.sort((a, b) => a.due - b.due)
}
