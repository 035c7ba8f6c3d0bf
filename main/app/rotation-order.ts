import type { Digest } from '../../shared/bytes.ts'
import { isSameUser, namedKeys, usedKey } from '../../shared/case/replacing.ts'
import { type Grant, grantsIn } from '../../shared/case/types.ts'
import type { Turned } from '../issuers/worker/rotate-client.ts'
import type { Device } from './device.ts'
import type { RotationRecord } from './rotation-record.ts'

/** What of a rotation that is under way tells whether another waits for it. */
export interface UnderWay {
  readonly request: Digest
  readonly grant: Digest
  /** What its last turn came to; null before the first. */
  readonly outcome: Turned['outcome'] | null
  readonly kept: Pick<RotationRecord, 'progress'>
}

/**
 * Whether another case comes first here: one that used the same key, which is done soon after that; or one for which a key of
 * the same user is being made and not deposited yet, since to this rotation that would be a stranger.
 */
export function comesAfter(device: Pick<Device, 'org' | 'case'>, grant: Grant, underWay: readonly UnderWay[]): boolean {
  const org = device.org()
  if (org === null) return false
  const named = namedKeys(org)
  const old = usedKey(org, grant)
  return underWay.some((held) => {
    const one = device.case(held.request)
    const other = one && grantsIn(one).find(({ id }) => id === held.grant)
    const whose = other?.plan.access.aftercare
    if (other === undefined || whose === undefined || other.id === grant.id) return false
    if (!isSameUser(grant.plan.access.aftercare, whose)) return false
    return isMaking(held, named) || usedKey(org, other) === old
  })
}

/** Whether it may make a key, or has made one that no deposit names yet. */
function isMaking({ outcome, kept: { progress } }: UnderWay, named: readonly string[]): boolean {
  const { asked, made } = progress
  return outcome === null || asked !== null || (made !== null && !named.includes(made))
}
