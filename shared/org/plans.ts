import type { Digest } from '../bytes.ts'
import type { Collection } from '../statements/collection.ts'
import { memberOf, standsIn } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import { type PlanProblem, planProblems } from './plan-rules.ts'
import { adminConsent, type Consent } from './roster-rules.ts'

/** One version of a plan as the head roster sees it. */
export interface PlanVersion {
  readonly id: Digest
  readonly plan: Plan
  readonly consent: Consent
  readonly problems: readonly PlanProblem[]
  /**
   * `effective`: may be asked for. `draft`: lacks endorsements. `replaced`: a version that names it as predecessor is
   * effective. `impossible`: it breaks a rule under this roster.
   */
  readonly state: 'effective' | 'draft' | 'replaced' | 'impossible'
  /** Custodians who accepted this version: by endorsing it, or a deposit made under it. */
  readonly acceptedBy: readonly string[]
}

/**
 * All plan versions under a roster. Consent is counted by that roster's admins and their keys alone, so a removed key
 * adds nothing; when admins leave, a plan may need new endorsements, and its state says so.
 */
export function plansFrom(collection: Collection, roster: Roster): PlanVersion[] {
  const versions = collection.of('plan').map((statement): PlanVersion => {
    const consent = adminConsent(roster, collection.endorsementsOf(statement.id))
    const problems = problemsOf(statement.payload, roster)
    const state = problems.length > 0 ? 'impossible' : consent.met ? 'effective' : 'draft'
    return {
      id: statement.id,
      plan: statement.payload,
      consent,
      problems,
      state,
      acceptedBy: acceptedBy(collection, roster, statement.id, statement.payload),
    }
  })
  const replaced = replacedAmong(versions)
  return versions.map((version) => (replaced.has(version.id) ? { ...version, state: 'replaced' } : version))
}

// Judged again after each statement about people or plans, and with each grant; most versions lie behind others.
const judged = new WeakMap<Plan, { readonly under: Roster; readonly problems: readonly PlanProblem[] }>()

/** As {@link planProblems}, which looks only once as long as it is asked about one roster. */
export function problemsOf(plan: Plan, roster: Roster): readonly PlanProblem[] {
  const known = judged.get(plan)
  if (known?.under === roster) return known.problems
  const problems = planProblems(plan, roster)
  judged.set(plan, { under: roster, problems })
  return problems
}

// Two effective versions of one predecessor both stay effective and are shown side by side: neither admin quorum is
// above the other, and custodians release only under the one they accepted.
function replacedAmong(versions: readonly PlanVersion[]): ReadonlySet<Digest> {
  const effective = new Map(versions.filter(({ state }) => state === 'effective').map((one) => [one.id, one]))
  const predecessors = new Map(versions.map(({ id, plan }) => [id, plan.predecessor]))
  const replaced = new Set<Digest>()
  for (const { plan } of effective.values())
    for (const ancestor of chainFrom(plan.predecessor, predecessors))
      if (effective.get(ancestor)?.plan.plan === plan.plan) replaced.add(ancestor)
  return replaced
}

/** A version and all that came before it; a chain that leads back to itself ends there. */
function chainFrom(first: Digest | null, predecessors: ReadonlyMap<Digest, Digest | null>): ReadonlySet<Digest> {
  const chain = new Set<Digest>()
  for (let at = first; at !== null && !chain.has(at); at = predecessors.get(at) ?? null) chain.add(at)
  return chain
}

function acceptedBy(collection: Collection, roster: Roster, id: Digest, plan: Plan): string[] {
  const deposits = collection.of('deposit').filter(({ payload }) => payload.header.plan === id)
  const endorsements = [id, ...deposits.map((deposit) => deposit.id)].flatMap((of) => collection.endorsementsOf(of))
  return plan.custodians.filter(
    (member) =>
      memberOf(roster, member) !== undefined &&
      endorsements.some((one) => one.payload.member === member && standsIn(roster, one)),
  )
}
