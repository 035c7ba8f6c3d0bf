import { hasReviewer, issuersFor, type PlanRules, straysOfAftercare } from '../org/plan-rules.ts'
import { inGroup, missingGroups, type Standings, satisfies, standingOf } from '../org/quorum.ts'
import { either, together } from './lists.ts'

/** One thing that decides whether a plan can be met at 3 a.m., as a sentence. */
export interface PlanCheck {
  /** `good`: it can. `attention`: it can, but look. `wrong`: the plan cannot take effect like this. */
  readonly level: 'good' | 'attention' | 'wrong'
  readonly says: string
}

type Name = (member: string) => string

/**
 * What DESIGN §10.11 asks of a plan, in words: who is missing, whether any one absence blocks it, whether devices may issue,
 * whether somebody is left to review, who can stop a request. There is a `wrong` one exactly if `planProblems` finds one.
 */
export function planChecks(plan: PlanRules, roster: Standings, name: Name): PlanCheck[] {
  return [
    ...standingChecks(plan, roster, name),
    ...approvalChecks(plan, roster, name),
    ...issuingChecks(plan, name),
    ...reviewChecks(plan, roster, name),
    ...vetoChecks(plan, roster, name),
    ...aftercareChecks(plan),
  ]
}

const wrong = (says: string): PlanCheck => ({ level: 'wrong', says })
const attention = (says: string): PlanCheck => ({ level: 'attention', says })
const good = (says: string): PlanCheck => ({ level: 'good', says })

function standingChecks(plan: PlanRules, roster: Standings, name: Name): PlanCheck[] {
  const parts = [
    { members: plan.custodians, is: 'a custodian', role: 'approver' },
    { members: plan.requesters, is: 'who may ask', role: 'commander' },
    { members: plan.issuers, is: 'whose device may issue', role: null },
  ] as const
  return parts.flatMap(({ members, is, role }) =>
    members.flatMap((one) => {
      const standing = standingOf(roster, one)
      if (standing === undefined) return [wrong(`${name(one)}, ${is}, is not a member any more.`)]
      if (role === null || standing.roles.includes(role)) return []
      return [wrong(`${name(one)}, ${is}, does not have the role ${role}.`)]
    }),
  )
}

function approvalChecks(plan: PlanRules, roster: Standings, name: Name): PlanCheck[] {
  const { custodians, quorum } = plan
  if (quorum.count > custodians.length)
    return [wrong(`${quorum.count} must approve, and there are ${custodians.length} custodians.`)]
  const short = missingGroups(plan, roster, custodians)
  if (short.length > 0)
    return short.map(({ group, count }) => {
      const need = quorum.groups.find((rule) => rule.group === group)?.count ?? count
      return wrong(`At least ${need} from ${group} must approve, and ${custodiansIn(need - count)} in it.`)
    })
  if (plan.requesters.length === 0) return [attention('Nobody may ask yet.')]
  const blocked = byRequester(plan, name, (requester) => absences(plan, roster, requester, name))
  if (blocked.length === 0) return [good('Whoever asks, with any one custodian away, enough are left to approve.')]
  return blocked.map((says) => (plan.whyTight === '' ? wrong(says) : attention(`${says} The plan says why.`)))
}

const custodiansIn = (count: number) =>
  count === 0 ? 'no custodian is' : count === 1 ? 'only 1 custodian is' : `only ${count} custodians are`

/** What happens when one custodian is away while this member asks, where that leaves too few; each as the end of a sentence. */
function absences(plan: PlanRules, roster: Standings, requester: string, name: Name): string[] {
  const deciders = plan.custodians.filter((member) => member !== requester)
  if (!satisfies(plan, roster, deciders)) return [`, ${lack(plan, roster, deciders)}, even with nobody away.`]
  const away = new Map<string, string[]>()
  for (const absent of deciders) {
    const rest = deciders.filter((member) => member !== absent)
    if (satisfies(plan, roster, rest)) continue
    const left = lack(plan, roster, rest)
    away.set(left, [...(away.get(left) ?? []), name(absent)])
  }
  return [...away].map(([left, names]) => ` and ${either(names)} is away, ${left}.`)
}

/** What these members lack, in words. */
function lack(plan: PlanRules, roster: Standings, members: readonly string[]): string {
  const { count } = plan.quorum
  if (members.length < count) return `only ${areLeft(members.length)} and ${count} must approve`
  return together(
    missingGroups(plan, roster, members).map(({ group, count: missing }) => {
      const here = members.filter((member) => inGroup(roster, member, group)).length
      if (here === 0) return `nobody from ${group} is left`
      return `of the ${here + missing} needed from ${group} only ${areLeft(here)}`
    }),
  )
}

const areLeft = (count: number) => (count === 1 ? '1 is left' : `${count} are left`)

function issuingChecks(plan: PlanRules, name: Name): PlanCheck[] {
  const none = byRequester(plan, name, (requester) =>
    issuersFor(plan, requester).length === 0 ? [', no other device may issue.'] : [],
  )
  const one = byRequester(plan, name, (requester) => {
    const [only, second] = issuersFor(plan, requester)
    if (only === undefined || second !== undefined) return []
    return [`, only ${name(only)}’s device may issue; while it is off, nothing is issued.`]
  })
  if (none.length + one.length > 0) return [...none.map(wrong), ...one.map(attention)]
  return plan.requesters.length === 0 ? [] : [good('Whoever asks, at least two devices may issue.')]
}

function reviewChecks(plan: PlanRules, roster: Standings, name: Name): PlanCheck[] {
  const without = byRequester(plan, name, (requester) =>
    hasReviewer(plan, roster, requester) ? [] : [', nobody is left to review: all others must approve or issue.'],
  )
  if (without.length > 0) return without.map(wrong)
  return plan.requesters.length === 0
    ? []
    : [good('Somebody who neither asked, approved nor issued is left to review.')]
}

function vetoChecks(plan: PlanRules, roster: Standings, name: Name): PlanCheck[] {
  return plan.quorum.veto.flatMap((group) => {
    const members = plan.custodians.filter((member) => inGroup(roster, member, group))
    const [only] = members
    if (only === undefined) return [attention(`No custodian is in ${group}, so nobody can use its veto.`)]
    if (members.length === 1 && plan.requesters.includes(only))
      return [attention(`When ${name(only)} asks, nobody else can use the veto of ${group}.`)]
    return [good(`One denial from ${either(members.map(name))} (${group}) stops a request.`)]
  })
}

function aftercareChecks({ access }: PlanRules): PlanCheck[] {
  return straysOfAftercare(access).map(({ role, roleArn, of }) =>
    wrong(
      role === 'revoker'
        ? `${roleArn} cannot deny a session of ${of}: it is in another account.`
        : `${roleArn} cannot replace the key: it is elsewhere than ${of}.`,
    ),
  )
}

/** "When Ana or Raj asks" before each of the endings, those of several requesters together. */
function byRequester(plan: PlanRules, name: Name, endings: (requester: string) => readonly string[]): string[] {
  const requesters = new Map<string, string[]>()
  for (const requester of plan.requesters)
    for (const ending of endings(requester))
      requesters.set(ending, [...(requesters.get(ending) ?? []), name(requester)])
  return [...requesters].map(([ending, names]) => `When ${either(names)} asks${ending}`)
}
