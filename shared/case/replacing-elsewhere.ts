import type { UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { memberOf, type VerifiedOf } from '../statements/door.ts'
import { deviceId } from '../statements/member.ts'
import { isSameKeyring, narrowLeft } from './renewing.ts'
import { inItsPlace, usedKey } from './replacing.ts'
import { type Case, CLOCK_TOLERANCE_MS, type Grant, grantsIn } from './types.ts'

/** Another device that began to replace a key, and that may still be at it as far as the record tells. */
export interface Replacing {
  readonly member: string
  /** When its owner's touch began it, as it says. */
  readonly at: UnixMilliseconds
  /** Until when it can go on: by then all that it may have begun with is over. */
  readonly until: UnixMilliseconds
  /** Public ids of the keys that it deposited since: the secret of what it made it may still have. Empty while it deposited none. */
  readonly made: readonly string[]
}

/**
 * Which other devices may be replacing the key that a grant used, in this case or in another that used it; who began last comes first.
 * A device that was locked by hand or closed since goes on no more, and no statement says so: therefore each has an end.
 *
 * @param device - whose app asks.
 * @param cases - all that may be under way.
 */
export function replacingElsewhere(
  org: Organization,
  cases: readonly Case[],
  grant: Grant,
  device: string,
  now: UnixMilliseconds,
): Replacing[] {
  const last = new Map<string, VerifiedOf<'rotating'>>()
  for (const one of rotatingsOf(org, cases, grant)) {
    const before = last.get(one.payload.device)
    if (before === undefined || before.payload.sequence < one.payload.sequence) last.set(one.payload.device, one)
  }
  last.delete(device)
  return [...last.values()]
    .filter(({ payload }) => isThere(org, payload))
    .map(({ payload }) => ({
      member: payload.member,
      at: payload.time,
      until: goodUntil(cases, grant, payload, now),
      made: depositedSince(org, grant, payload),
    }))
    .filter(({ until }) => until > now)
    .sort((a, b) => b.at - a.at || (a.member < b.member ? -1 : 1))
}

function rotatingsOf(org: Organization, cases: readonly Case[], grant: Grant): VerifiedOf<'rotating'>[] {
  const old = usedKey(org, grant)
  return cases
    .flatMap(grantsIn)
    .filter((each) => usedKey(org, each) === old && isSameKeyring(each.plan, grant.plan))
    .flatMap(({ rotatings }) => rotatings)
}

type Begun = VerifiedOf<'rotating'>['payload']

function isThere({ head }: Organization, { member, device }: Begun): boolean {
  const own = memberOf(head.roster, member)
  return own !== undefined && deviceId(own) === device
}

// Whatever was made for it later it did not begin with; clocks may differ.
function goodUntil(cases: readonly Case[], grant: Grant, { device, time }: Begun, now: UnixMilliseconds): number {
  const left = cases
    .flatMap(grantsIn)
    .filter((each) => isSameKeyring(each.plan, grant.plan))
    .flatMap(({ statement, aftercare }) =>
      aftercare
        .filter(({ payload }) => payload.time <= time + CLOCK_TOLERANCE_MS)
        .flatMap(({ payload: { rotator } }) =>
          rotator?.boxes.some((box) => box.device === device) ? narrowLeft(rotator, statement, now) : [],
        ),
    )
  return now + Math.max(0, ...left)
}

// Whoever begins once more has lost what it had before: the secret of a key that it deposited by then too. Its own chain says which came first.
function depositedSince(org: Organization, grant: Grant, { device, sequence }: Begun): string[] {
  return inItsPlace(org, grant)
    .filter(({ deposit }) => deposit.device === device && deposit.sequence > sequence)
    .map(({ deposit }) => deposit.header.accessKeyId)
}
