import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { newestHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import type { PlanVersion } from '../org/plans.ts'
import { memberOf } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import { deviceId } from '../statements/member.ts'
import { grantsInUse } from './blobs.ts'
import type { Me, NotNow } from './duties.ts'
import { isOver } from './grants.ts'
import { isSameUser, keyToReplace } from './replacing.ts'
import { type Case, type Grant, grantsIn, LONGEST_SESSION_MS } from './types.ts'

/**
 * Whose devices have what may replace the keys of a plan's user now, by the roster's order: admins of the head, whichever case
 * it was made in, as far as the record says. One that is over, or was sealed to a device that is gone, is none; nor is one whose
 * box nobody keeps any more.
 */
export function whoCanReplace(
  { head }: Pick<Organization, 'head'>,
  cases: readonly Case[],
  plan: Plan,
  now: UnixMilliseconds,
): string[] {
  const devices = new Set(
    cases
      .flatMap((one) => grantsInUse(one, now))
      .filter((grant) => isSameKeyring(grant.plan, plan))
      .flatMap(({ aftercare, statement }) =>
        aftercare.flatMap(({ payload: { rotator } }) =>
          rotator !== null && narrowLeft(rotator, statement, now) > 0 ? rotator.boxes : [],
        ),
      )
      .map(({ device }) => device),
  )
  const admins = head.roster.members.filter(({ roles }) => roles.includes('admin'))
  return admins.filter((member) => devices.has(deviceId(member))).map(({ member }) => member)
}

/**
 * How long what may replace a key, or deny a session, is good from now on, milliseconds; nothing or less where it is over. By AWS's
 * clock as its device measured it, and by its word no longer than AWS lets any session live.
 *
 * @param grant - beside which it was made.
 */
export function narrowLeft(
  { expires }: { readonly expires: UnixMilliseconds },
  { payload: { time, skewMs } }: Grant['statement'],
  now: UnixMilliseconds,
): number {
  return Math.min(expires - skewMs - now, LONGEST_SESSION_MS - Math.abs(now - time))
}

/** The cases whose used key is still to be replaced, and can be with what is made under this plan; in the order given. */
export function owedUnder(cases: readonly Case[], plan: Plan): Case[] {
  return cases.filter((one) => {
    const grant = keyToReplace(one)
    return grant !== null && isSameKeyring(grant.plan, plan)
  })
}

/**
 * A case that is about to bring somebody what replaces the keys of a plan's user, or null. A request that is not approved is
 * none: whether it comes to anything is open. Nor is one that nothing can come of any more, whatever its issuing device says.
 */
export function onItsWay(
  org: Pick<Organization, 'head'>,
  cases: readonly Case[],
  plan: Plan,
  now: UnixMilliseconds,
): Digest | null {
  const isComing = (one: Case) =>
    now < one.expires + LONGEST_SESSION_MS &&
    (one.state === 'approved' ||
      one.state === 'issuing' ||
      grantsIn(one).some((grant) => grant.aftercare.length === 0 && !isOver(grant, now)))
  return cases.find((one) => mayBring(org, one, plan) && isComing(one))?.id ?? null
}

/** The rotations that somebody asked for, and that are not approved. */
export function askedRotations(org: Pick<Organization, 'head'>, cases: readonly Case[], plan: Plan): Case[] {
  return cases.filter(
    (one) => one.state === 'asked' && one.request.payload.purpose === 'rotation' && mayBring(org, one, plan),
  )
}

/** Whether what a case makes replaces the keys of a plan's user, and there is an admin to get it. */
function mayBring(org: Pick<Organization, 'head'>, { plan, request }: Case, wanted: Plan): boolean {
  return plan !== null && isSameKeyring(plan, wanted) && hasAdminBut(org, request.payload.member)
}

/** Whether anybody gets a rotator where this member asks, who gets none. */
function hasAdminBut({ head }: Pick<Organization, 'head'>, requester: string): boolean {
  return head.roster.members.some(({ member, roles }) => member !== requester && roles.includes('admin'))
}

/** Whether what is made under one plan may replace keys of the other: the same credential, kept as keys of the same user. */
export function isSameKeyring(one: Plan, other: Plan): boolean {
  const { aftercare } = one.access
  return (
    one.credential.credential === other.credential.credential &&
    aftercare !== undefined &&
    isSameUser(other.access.aftercare, aftercare)
  )
}

/** What is looked at beside the case. */
export interface Renewing {
  readonly org: Organization
  /** All that may be under way, the case itself among them. */
  readonly cases: readonly Case[]
  readonly me: Me
  readonly now: UnixMilliseconds
}

/**
 * The plan under which `me` may ask for a rotation: for what replaces the key that a case used, and for no access, where
 * nobody has what replaces it any more; of several with a held generation the plan that the case used. Or why not. Who may ask
 * under a plan, and who decides, is as ever.
 */
export function rotationPlan(one: Case, { org, cases, me, now }: Renewing): PlanVersion | NotNow {
  if (!org.supported) return 'protocol-unsupported'
  const own = memberOf(org.head.roster, me.member)
  if (own === undefined || deviceId(own) !== me.device) return 'not-active'
  const grant = keyToReplace(one)
  if (grant === null) return 'nothing-to-replace'
  if (whoCanReplace(org, cases, grant.plan, now).length > 0) return 'can-be-replaced'
  if (onItsWay(org, cases, grant.plan, now) !== null) return 'on-its-way'
  const isMine = ({ request }: Case) => request.payload.member === me.member
  if (askedRotations(org, cases, grant.plan).some(isMine)) return 'already-asked'
  const fitting = plansToAskUnder(org, grant.plan)
  if (fitting.length === 0) return 'no-plan-rotates'
  const mine = fitting.filter(({ plan }) => plan.requesters.includes(me.member))
  if (mine.length === 0 || !own.roles.includes('commander')) return 'not-requester'
  if (!hasAdminBut(org, me.member)) return 'no-other-admin'
  const able = mine.filter(({ plan }) => newestHeld(org.generations, plan) !== undefined)
  return able.find(({ plan }) => plan.plan === grant.plan.plan) ?? able[0] ?? 'no-generation'
}

/** Effective plans under which what replaces the key of another's user is made. */
export function plansToAskUnder({ plans }: Pick<Organization, 'plans'>, { ...plan }: Plan): PlanVersion[] {
  return plans.filter((version) => version.state === 'effective' && isSameKeyring(version.plan, plan))
}
