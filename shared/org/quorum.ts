import type { Plan } from '../statements/kinds.ts'
import type { Member } from '../statements/member.ts'

type Standing = Pick<Member, 'member' | 'roles' | 'groups'>

/** What of a roster says who must approve: a window, which has no roster, asks the same functions. */
export interface Standings {
  readonly members: readonly Standing[]
}

// A plan of a large organization asks some hundred thousand times, after each statement about people or plans.
const known = new WeakMap<Standings, ReadonlyMap<string, Standing>>()

/** What a member is; undefined for who is none. Not of the door, whose curves no window needs. */
export function standingOf(roster: Standings, id: string): Standing | undefined {
  // The first of two with one id, as everywhere: a draft may have two.
  const standings = known.get(roster) ?? new Map(roster.members.toReversed().map((one) => [one.member, one]))
  known.set(roster, standings)
  return standings.get(id)
}

/** How a request stands against "who must approve". */
export interface Quorum {
  /** Custodians whose approval counts, in the plan's order. */
  readonly approved: readonly string[]
  /** Custodians whose denial counts, in the plan's order. */
  readonly denied: readonly string[]
  readonly need: number
  /** Groups that still lack approvals, and how many. */
  readonly missingGroups: readonly { readonly group: string; readonly count: number }[]
  readonly met: boolean
  /** A denial with a veto, or too few custodians left: it can no longer be met. */
  readonly blocked: boolean
}

/** Who must approve. */
export type Rule = Pick<Plan, 'custodians' | 'quorum'>

/**
 * Judges approvals and denials by a plan's rule. Denial wins over the same member's approval, the requester's own
 * decision never counts, and nobody but an active custodian decides.
 */
export function judgeQuorum(
  plan: Rule,
  roster: Standings,
  requester: string,
  approvals: ReadonlySet<string>,
  denials: ReadonlySet<string>,
): Quorum {
  const deciders = plan.custodians.filter((member) => member !== requester && standingOf(roster, member) !== undefined)
  const denied = deciders.filter((member) => denials.has(member))
  const approved = deciders.filter((member) => approvals.has(member) && !denials.has(member))
  const vetoing = vetoers(plan, roster)
  const vetoed = denied.some((member) => vetoing.includes(member))
  const open = deciders.filter((member) => !denials.has(member))
  return {
    approved,
    denied,
    need: plan.quorum.count,
    missingGroups: missingGroups(plan, roster, approved),
    met: !vetoed && satisfies(plan, roster, approved),
    blocked: vetoed || !satisfies(plan, roster, open),
  }
}

/** Whether approvals of these members alone would do: enough of them, and enough from each group. */
export function satisfies(plan: Rule, roster: Standings, members: readonly string[]): boolean {
  return members.length >= plan.quorum.count && missingGroups(plan, roster, members).length === 0
}

/** Groups that these members leave short, and by how many. */
export function missingGroups({ quorum }: Rule, roster: Standings, members: readonly string[]) {
  return quorum.groups
    .map(({ group, count }) => ({
      group,
      count: count - members.filter((member) => inGroup(roster, member, group)).length,
    }))
    .filter(({ count }) => count > 0)
}

/** The groups by which this member's denial alone stops a request: none for who is no custodian. */
export function vetoOf(plan: Rule, roster: Standings, member: string): string[] {
  return plan.custodians.includes(member) ? plan.quorum.veto.filter((group) => inGroup(roster, member, group)) : []
}

/** Custodians of whom one denial is enough to stop a request, in the plan's order. The requester's own never is. */
export function vetoers(plan: Rule, roster: Standings): string[] {
  return plan.custodians.filter((member) => vetoOf(plan, roster, member).length > 0)
}

/** Whether a member is in a group. */
export function inGroup(roster: Standings, member: string, group: string): boolean {
  return standingOf(roster, member)?.groups.includes(group) ?? false
}
