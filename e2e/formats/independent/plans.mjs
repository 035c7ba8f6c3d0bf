import { isAdmin, standsIn } from './organization.mjs'

// rules.md §2 to §4.

const isMember = (roster, id) => roster.members.some(({ member }) => member === id)
const has = (roster, id, what, value) =>
  roster.members.find(({ member }) => member === id)?.[what].includes(value) ?? false

/** Whether these members meet count and groups of the plan's rule. */
export function satisfies({ quorum }, roster, members) {
  const those = [...members]
  return (
    those.length >= quorum.count &&
    quorum.groups.every(({ group, count }) => those.filter((id) => has(roster, id, 'groups', group)).length >= count)
  )
}

/** rules.md §2: who decided what, and whether that is enough. */
export function quorumOf(plan, roster, requester, approvals, denials) {
  const deciders = plan.custodians.filter((id) => id !== requester && isMember(roster, id))
  const denied = deciders.filter((id) => denials.has(id))
  const approved = deciders.filter((id) => approvals.has(id) && !denials.has(id))
  const vetoed = denied.some((id) => plan.quorum.veto.some((group) => has(roster, id, 'groups', group)))
  const left = deciders.filter((id) => !denials.has(id))
  return {
    approved,
    denied,
    met: !vetoed && satisfies(plan, roster, approved),
    blocked: vetoed || !satisfies(plan, roster, left),
  }
}

export const mayIssue = (plan, requester) =>
  plan.issuers.filter((member) => member !== requester || plan.requesterMayIssue)

/** rules.md §3: whether a plan has a problem under a roster. */
export function hasProblem(plan, roster) {
  const { custodians, requesters, issuers, quorum } = plan
  if (![...custodians, ...requesters, ...issuers].every((id) => isMember(roster, id))) return true
  if (!custodians.every((id) => has(roster, id, 'roles', 'approver'))) return true
  if (!requesters.every((id) => has(roster, id, 'roles', 'commander'))) return true
  if (requesters.some((requester) => mayIssue(plan, requester).length === 0)) return true
  if (hasStrayAftercare(plan.access)) return true
  if (quorum.count > custodians.length || !satisfies(plan, roster, custodians)) return true
  return requesters.some((requester) => {
    const deciders = custodians.filter((id) => id !== requester)
    const without = (absent) =>
      satisfies(
        plan,
        roster,
        deciders.filter((id) => id !== absent),
      )
    if (plan.whyTight === '' && !deciders.every(without)) return true
    if (!satisfies(plan, roster, deciders)) return false
    const reviewers = roster.members.filter(({ member }) => member !== requester)
    return !reviewers.some(
      ({ member }) => without(member) && mayIssue(plan, requester).some((issuer) => issuer !== member),
    )
  })
}

function hasStrayAftercare({ roleArn, mfa, aftercare }) {
  const [partition, account] = [(arn) => arn.split(':')[1], (arn) => arn.split(':')[4]]
  const isNear = (one, other) => partition(one) === partition(other) && account(one) === account(other)
  if (aftercare?.revoker !== undefined && !isNear(aftercare.revoker, roleArn)) return true
  const rotator = aftercare?.rotator?.roleArn
  if (rotator === undefined) return false
  return mfa === undefined ? partition(rotator) !== partition(roleArn) : !isNear(rotator, mfa)
}

/** States of all plan versions under the head (rules.md §3), by id. */
export function planStates(statements, head) {
  const plans = statements.ofKind('plan')
  const states = new Map(
    plans.map(({ id, payload }) => {
      const state = hasProblem(payload, head)
        ? 'impossible'
        : statements.hasAdminQuorum(id, head)
          ? 'effective'
          : 'draft'
      return [id, state]
    }),
  )
  const effective = plans.filter(({ id }) => states.get(id) === 'effective')
  for (const { id, payload } of effective)
    if (effective.some((other) => other.payload.plan === payload.plan && descends(statements, other, id)))
      states.set(id, 'replaced')
  return states
}

function descends(statements, plan, from) {
  for (let at = plan.payload.predecessor; at !== null; at = statements.get(at, 'plan')?.payload.predecessor ?? null)
    if (at === from) return true
  return false
}

/** rules.md §4: whether a deposit has a problem other than `generation-twice`. */
export function depositHasProblem(statements, history, deposit) {
  const { header, boxes, organization } = deposit.payload
  const roster = history.find(({ id }) => id === deposit.payload.roster)?.payload
  const plan = statements.get(header.plan, 'plan')
  return (
    !isAdmin(standsIn(deposit, roster)) ||
    header.organization !== organization ||
    plan === undefined ||
    !history.some(({ payload }) => statements.hasAdminQuorum(header.plan, payload)) ||
    boxes.length !== header.custodians.length ||
    !fits(deposit, plan)
  )
}

/** Whether a deposit is dealt as the plan says. */
export const fits = ({ payload: { header } }, { payload: plan }) =>
  header.custodians.join() === plan.custodians.join() &&
  header.commitments.length === plan.quorum.count &&
  header.credential === plan.credential.credential
