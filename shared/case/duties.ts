import type { Digest } from '../bytes.ts'
import { type Generation, newestHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import type { PlanVersion } from '../org/plans.ts'
import { satisfies } from '../org/quorum.ts'
import { memberOf, standsIn } from '../statements/door.ts'
import { deviceId } from '../statements/member.ts'
import { involvedIn } from './reviews.ts'
import { type Attempt, type Case, isOpen } from './types.ts'

/** This app: its owner and its own device. The roster may have come to hold other keys under its owner's name. */
export interface Me {
  readonly member: string
  readonly device: Digest
}

/** Why something may not be done; for people, by code. */
export type NotNow =
  | 'case-closed'
  | 'not-active'
  | 'not-custodian'
  | 'own-request'
  | 'already-decided'
  | 'rule-not-met'
  | 'no-own-approval'
  | 'plan-not-accepted'
  | 'share-not-proven'
  | 'no-attempt'
  | 'already-released'
  | 'not-issuer'
  | 'attempt-runs'
  | 'no-generation'
  | 'releases-missing'
  | 'already-issuing'
  | 'protocol-unsupported'
  | 'not-over'
  | 'took-part'
  | 'session-over'
  | 'not-admin'
  | 'nothing-to-replace'
  | 'can-be-replaced'
  | 'on-its-way'
  | 'already-asked'
  | 'no-plan-rotates'
  | 'not-requester'
  | 'no-other-admin'

/**
 * Why `me` may not decide on a case now, or null. An app refuses on its own clock after expiry. While a device is at it a denial may
 * still stop it, until it uses the credential; an approval gives it nothing.
 */
export function whyNoDecision(one: Case, me: string, verdict: 'approve' | 'deny'): NotNow | null {
  if (!one.answerable) return 'case-closed'
  if (me === one.request.payload.member) return 'own-request'
  if (!one.plan?.custodians.includes(me)) return 'not-custodian'
  if (verdict === 'approve' && one.state === 'issuing') return 'attempt-runs'
  // Only a denial that counts: one signed in this member's name with foreign keys must not silence the member.
  return one.quorum?.denied.includes(me) ? 'already-decided' : null
}

/** Whether `me` may withdraw the request of a case: as long as no grant of it is here, also while a device is at it, which then stops. */
export function mayWithdraw(one: Case, me: string): boolean {
  return me === one.request.payload.member && (one.answerable || one.state === 'blocked')
}

/**
 * Why `me` may not review a case now, or null: how long access was needed can only be answered once it is over. It does not
 * matter whether somebody reviewed it before; a second look is always welcome.
 */
export function whyNoReview(org: Organization, one: Case, { member: me, device }: Me): NotNow | null {
  if (!org.supported) return 'protocol-unsupported'
  const own = memberOf(org.head.roster, me)
  if (own === undefined || deviceId(own) !== device) return 'not-active'
  if (involvedIn(org, one).has(me)) return 'took-part'
  return isOpen(one) && one.state !== 'ending' ? 'not-over' : null
}

/** Members who may review a case, by the roster's order: those who had no part in it. */
export function reviewersOf(org: Organization, one: Case): string[] {
  const involved = involvedIn(org, one)
  return org.head.roster.members.map(({ member }) => member).filter((member) => !involved.has(member))
}

/**
 * The attempt to which `me` may release its share now, or why not. This is where the custodians, not the issuing
 * device, enforce the rule: full quorum by this app's own computation, not expired, own approval present, and the plan
 * is the one its owner last accepted. An approval under this member's name that other keys signed, which a quorum of
 * admins could put in the roster, is not this app's own: then its keys do not stand in the head, and it releases nothing.
 */
export function releaseDuty(
  org: Organization,
  one: Case,
  { member: me, device }: Me,
): { readonly attempt: Attempt; readonly index: number } | NotNow {
  if (!org.supported) return 'protocol-unsupported'
  const own = memberOf(org.head.roster, me)
  if (own === undefined || deviceId(own) !== device) return 'not-active'
  if (one.state !== 'approved') return one.state === 'asked' ? 'rule-not-met' : 'case-closed'
  if (!one.quorum?.approved.includes(me)) return one.plan?.custodians.includes(me) ? 'no-own-approval' : 'not-custodian'
  if (!lastAccepted(org, one, me)) return 'plan-not-accepted'
  if (one.attempt === null) return 'no-attempt'
  if (one.attempt.releases.some(({ payload }) => payload.member === me)) return 'already-released'
  if (!holdersMeetRule(org, one, one.attempt)) return 'rule-not-met'
  return { attempt: one.attempt, index: (one.plan?.custodians.indexOf(me) ?? -1) + 1 }
}

/**
 * Whether those who approved and hold a share of this very key meet the rule by themselves. Without M of them nobody
 * could combine anything, so it costs no emergency; and keys that a quorum of admins put under custodians' names have no
 * share to prove, so they cannot make a quorum out of one honest approval after another.
 */
function holdersMeetRule({ generations, head }: Organization, one: Case, { ready }: Attempt): boolean {
  const generation = generations.find(({ id }) => id === ready.payload.deposit)
  const holders = one.quorum?.approved.filter((member) => holdsShare(generation, member)) ?? []
  return one.plan !== null && satisfies(one.plan, head.roster, holders)
}

/** Whether a member accepted their share of a key and proved it. */
export function holdsShare(generation: Pick<Generation, 'seats'> | undefined, member: string): boolean {
  const seat = generation?.seats.find((each) => each.member === member)
  return seat?.accepted === true && seat.provenAt.length > 0
}

/** Whether the case's plan version is effective, and of all such versions of its plan the one that `me` accepted last. */
export function lastAccepted(org: Organization, one: Case, me: string): boolean {
  const version = org.plans.find(({ id }) => id === one.request.payload.plan)
  if (version?.state !== 'effective') return false
  const accepted = acceptedAt(org, version, me)
  const others = org.plans.filter(
    ({ id, plan, state }) => id !== version.id && state === 'effective' && plan.plan === version.plan.plan,
  )
  return accepted >= 0 && others.every((other) => acceptedAt(org, other, me) < accepted)
}

/** By the sequence of `me`'s own device, when it last endorsed the plan or a deposit made under it; -1 if never. */
function acceptedAt({ collection, head }: Organization, { id }: PlanVersion, me: string): number {
  const deposits = collection.of('deposit').filter(({ payload }) => payload.header.plan === id)
  const endorsements = [id, ...deposits.map((deposit) => deposit.id)].flatMap((of) => collection.endorsementsOf(of))
  const mine = endorsements.filter((one) => one.payload.member === me && standsIn(head.roster, one))
  return Math.max(-1, ...mine.map(({ payload }) => payload.sequence))
}

/** Whether `me` should make its device ready now (the next attempt's number), or why not. */
export function readyDuty(
  org: Organization,
  one: Case,
  { member: me, device }: Me,
):
  | {
      readonly number: number
      readonly after: { ready: string; failed: string | null } | null
      readonly deposit: string
    }
  | NotNow {
  if (!org.supported) return 'protocol-unsupported'
  if (one.plan === null || one.quorum === null || !one.answerable) return 'case-closed'
  const own = memberOf(org.head.roster, me)
  if (own === undefined || deviceId(own) !== device) return 'not-active'
  if (!issuersFor(one.plan, one.request.payload.member).includes(me)) return 'not-issuer'
  if (one.quorum.approved.length < one.plan.quorum.count - 1) return 'rule-not-met'
  const generation = newestHeld(org.generations, one.plan)
  if (generation === undefined) return 'no-generation'
  const last = one.attempts[0]
  if (last === undefined) return { number: 1, after: null, deposit: generation.id }
  // A device that died with the attempt in its hands is not waited for until the attempt lapses. While approvals are
  // missing there is nothing that it could do, so then its silence says nothing.
  const isLeft = last.silent && one.quorum.met && last.ready.payload.device !== device
  if (last.open && !isLeft) return 'attempt-runs'
  return {
    number: last.number + 1,
    after: { ready: last.ready.id, failed: last.failed?.id ?? null },
    deposit: generation.id,
  }
}

/** Whether the device that made `ready` may record `issuing` now, or why not. */
export function issueDuty(org: Organization, one: Case, device: string): { readonly attempt: Attempt } | NotNow {
  if (!org.supported) return 'protocol-unsupported'
  if (one.state !== 'approved') return one.state === 'asked' ? 'rule-not-met' : 'case-closed'
  if (one.attempt === null || one.attempt.ready.payload.device !== device) return 'no-attempt'
  if (one.attempt.issuing !== null) return 'already-issuing'
  return withEnoughShares(one, one.attempt)
}

/**
 * Whether the device that made `ready` and recorded `issuing` may now use the credential, or why not. To have the record
 * acknowledged takes up to most of a minute, or a laptop's sleep, and what came meanwhile counts.
 *
 * @param ready - the id of the `ready` that the shares were released to.
 * @returns the attempt with the releases that count now: a grant cannot stand on any other.
 */
export function useDuty(org: Organization, one: Case, ready: Digest): { readonly attempt: Attempt } | NotNow {
  if (!org.supported) return 'protocol-unsupported'
  if (!one.answerable) return 'case-closed'
  if (one.quorum?.met !== true) return 'rule-not-met'
  if (one.attempt?.ready.id !== ready) return 'no-attempt'
  return withEnoughShares(one, one.attempt)
}

function withEnoughShares({ plan }: Case, attempt: Attempt): { readonly attempt: Attempt } | NotNow {
  return attempt.releases.length >= (plan?.quorum.count ?? Number.POSITIVE_INFINITY) ? { attempt } : 'releases-missing'
}
