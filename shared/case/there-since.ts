import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { stoodIn } from './issuings.ts'

/**
 * Since when a plan or a deposit was there: the time that it claims, or the earliest that any genuine endorsement or proof of
 * custody of it claims. Who looked at it did so after it was there; so its author alone cannot date it into the future.
 */
export function thereSince(
  org: Pick<Organization, 'collection' | 'history'>,
  id: Digest,
  claimed: UnixMilliseconds,
): UnixMilliseconds {
  const { collection } = org
  return [...collection.endorsementsOf(id), ...collection.custodyOf(id)]
    .filter((one) => stoodIn(org, one))
    .reduce((earliest, { payload }) => Math.min(earliest, payload.time), claimed)
}
