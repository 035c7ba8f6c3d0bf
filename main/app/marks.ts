import { grantsIn } from '../../shared/case/types.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import { type Marks, marksOf } from '../issuers/aws/deny.ts'
import type { Device } from './device.ts'
import type { IssueOrder } from './issue-now.ts'

/**
 * What tells a session that this device just issued from others. It is read from the case, as custodians' apps read it, so that the
 * deny is the same whoever puts it; where the case does not count the grant, nothing of it is borne out.
 */
export function marksOfIssued(
  device: Pick<Device, 'case'>,
  { one, plan }: Pick<IssueOrder, 'one' | 'plan'>,
  statement: VerifiedOf<'grant'>,
): Marks {
  const { member: requester, seconds } = one.request.payload
  const now = device.case(one.id)
  const counted = now && grantsIn(now).find(({ id }) => id === statement.id)
  return marksOf(counted ?? { statement, plan, requester, soonest: 0 }, seconds)
}
