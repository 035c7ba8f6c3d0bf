import type { Digest } from '../bytes.ts'
import { type Generation, newestHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { missingGroups, type Quorum, satisfies } from '../org/quorum.ts'
import { holdsShare, lastAccepted, type Me, releaseDuty } from './duties.ts'
import type { Case } from './types.ts'

/** Why a custodian's approval brings no share, and what they accept to change that. */
export interface Withheld {
  readonly why: 'plan-not-accepted' | 'share-not-proven'
  /** The plan, or the deposit. */
  readonly of: Digest
}

/**
 * What a custodian has to accept before their approval of an open request brings a share, or null. Approving asks for neither, so
 * that there may be approvals enough, and never a share.
 */
export function whyWithheld(org: Organization, one: Case, me: Me): Withheld | null {
  const isDecider = one.plan?.custodians.includes(me.member) === true && me.member !== one.request.payload.member
  if (!isDecider || !['asked', 'approved'].includes(one.state) || one.quorum?.denied.includes(me.member)) return null
  const duty = releaseDuty(org, one, me)
  if (typeof duty === 'object' || ['already-released', 'not-active', 'protocol-unsupported'].includes(duty)) return null
  const key = keyOf(org, one)
  // The share first: accepting that of a deposit made under this version accepts the version as well.
  if (key !== undefined && !holdsShare(key, me.member)) return { why: 'share-not-proven', of: key.id }
  return lastAccepted(org, one, me.member) ? null : { why: 'plan-not-accepted', of: one.request.payload.plan }
}

/** Of an approved request whose shares cannot all come as things stand: whose do not, in the plan's order, and what else would do. */
export interface Stuck {
  /** Who did not accept the version that was asked under. */
  readonly notAccepted: readonly string[]
  /** Who holds no proven share, as long as too few of the others do; then no app at all releases. */
  readonly noShare: readonly string[]
  /** What those who hold one lack of the rule. */
  readonly missing: Missing
}

/** Approvals that are missing of the rule, and groups of which they have to be. */
export interface Missing {
  readonly count: number
  readonly groups: Quorum['missingGroups']
}

/** Whether, and why, an approved request cannot come to enough shares by itself; null if it can, by what this app knows. */
export function stuckOn(org: Organization, one: Case): Stuck | null {
  if (one.state !== 'approved' || one.plan === null || one.quorum === null) return null
  const { plan, quorum, attempt } = one
  const { roster } = org.head
  const key = keyOf(org, one)
  if (key === undefined) return null
  const released = new Set(attempt?.releases.map(({ payload }) => payload.member))
  const awaited = quorum.approved.filter((member) => !released.has(member))
  const holders = quorum.approved.filter((member) => holdsShare(key, member))
  const missing = {
    count: Math.max(0, plan.quorum.count - holders.length),
    groups: missingGroups(plan, roster, holders),
  }
  const noShare = satisfies(plan, roster, holders) ? [] : awaited.filter((member) => !holdsShare(key, member))
  const notAccepted = awaited.filter((member) => !noShare.includes(member) && !lastAccepted(org, one, member))
  const coming = quorum.approved.length - notAccepted.length
  return noShare.length === 0 && coming >= plan.quorum.count ? null : { notAccepted, noShare, missing }
}

/** The key that shares are released of: the attempt's, before there is one the one that it would be. */
function keyOf({ generations }: Organization, { attempt, plan }: Case): Generation | undefined {
  if (attempt !== null) return generations.find(({ id }) => id === attempt.ready.payload.deposit)
  return plan === null ? undefined : newestHeld(generations, plan)
}
