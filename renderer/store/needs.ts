import { isOpen } from '../../shared/case/types.ts'
import type { PersonView } from '../../shared/views/people-views.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import type { CaseView, Snapshot } from '../../shared/views/views.ts'

/** Requests that wait for this person: to decide, or to touch the key once more so that a share can be released. */
export function requestsForMe(snapshot: Snapshot): CaseView[] {
  return snapshot.cases.filter(({ mine }) => mine.mayDecide || mine.needsTouch)
}

/** Whether something about this device or organization keeps people from relying on it; a note says what. */
export function isTroubled({ vault, standing, organization, notes }: Snapshot): boolean {
  return (
    vault.disk.condition !== 'well' ||
    vault.notices.length > 0 ||
    (standing !== null &&
      (standing.logBroken ||
        standing.unread !== null ||
        (standing.state !== 'current' && standing.state !== 'meeting'))) ||
    (organization !== null && (organization.split !== null || !organization.supported)) ||
    notes.some(({ level }) => level === 'danger')
  )
}

/** Whether a case still waits for approvals, shares or a session: what a change of its plan would cut off. */
export function isDecidable({ state }: CaseView): boolean {
  return state === 'asked' || state === 'approved' || state === 'issuing'
}

/** What waits on each screen of the rail; a screen without an entry has nothing waiting. */
export function waiting(snapshot: Snapshot): Readonly<Record<string, number>> {
  return {
    now: requestsForMe(snapshot).length,
    cases: snapshot.cases.filter(isOpen).length,
    credentials: toAccept(snapshot) + plansToEndorse(snapshot).length,
    people: snapshot.drafts.filter(({ before, after }) => !(before.mine || after.mine)).length,
  }
}

function toAccept(snapshot: Snapshot): number {
  const shares = snapshot.generations.filter(({ mine }) => mine === 'accept').length
  return shares + snapshot.plans.filter((plan) => plan.state === 'effective' && plan.mustAccept).length
}

/**
 * The plan versions that still matter: without those that lie behind one that enough admins endorsed, whatever they were
 * and whether that one can still be met.
 */
export function currentPlans(plans: Snapshot['plans']): Snapshot['plans'] {
  const versions = new Map(plans.map((plan) => [plan.id, plan]))
  const behind = new Set<string>()
  for (const plan of plans.filter(
    ({ state, consent }) => state === 'effective' || (state === 'impossible' && consent.met),
  ))
    for (
      let before = plan.replaces;
      before !== null && !behind.has(before) && versions.get(before)?.plan === plan.plan;
      before = versions.get(before)?.replaces ?? null
    )
      behind.add(before)
  return plans.filter(({ id, state }) => state !== 'replaced' && !behind.has(id))
}

/** A plan of which a drill is due. */
export type DrillPlan = PlanView & { readonly drill: NonNullable<PlanView['drill']> }

/** Plans of which a drill is due and none is under way, the longest overdue first; for commanders and admins alone. */
export function drillsDue({ me, plans, cases }: Pick<Snapshot, 'me' | 'plans' | 'cases'>): DrillPlan[] {
  if (!me?.roles.some((role) => role === 'commander' || role === 'admin')) return []
  const running = new Set(cases.filter((one) => one.purpose === 'drill' && isOpen(one)).map(({ plan }) => plan.id))
  return plans
    .filter((plan): plan is DrillPlan => plan.drill !== null && plan.drill.state !== 'well' && !running.has(plan.id))
    .sort((a, b) => a.drill.due - b.drill.due)
}

/** Plan drafts that this admin has not endorsed yet. */
export function plansToEndorse(snapshot: Snapshot): Snapshot['plans'] {
  if (!snapshot.me?.roles.includes('admin')) return []
  return currentPlans(snapshot.plans).filter(({ state, consent }) => state === 'draft' && !consent.mine)
}

/** Whether another person's app can be reached now; this very app always can. */
export function isReachable(person: PersonView | undefined): boolean {
  return person?.me === true || person?.reach?.connected === true
}

/** Who can be reached now of those who decide under a plan, against what its rule needs. */
export interface ReachNow {
  readonly have: number
  readonly need: number
  /** Groups of which too few can be reached, in words. */
  readonly lacking: readonly string[]
  readonly isEnough: boolean
  /** Those whose app is locked: they are called, and do not count before they unlock it. */
  readonly locked: number
}

/** Counts for a request by this app's owner, whose own decision would not count. */
export function reachNow(plan: PlanView, { people, me }: Pick<Snapshot, 'people' | 'me'>): ReachNow {
  const deciders = new Set(plan.custodians.map(({ member }) => member).filter((member) => member !== me?.member))
  const here = people.filter((person) => deciders.has(person.member) && isReachable(person))
  const lacking = plan.groups.flatMap(({ group, count }) => {
    const of = here.filter(({ groups }) => groups.includes(group)).length
    return of < count ? [`${of} of the ${count} you need from ${group}`] : []
  })
  const locked = people.filter(({ member, reach }) => deciders.has(member) && reach?.presence === 'locked').length
  const isEnough = here.length >= plan.need && lacking.length === 0
  return { have: here.length, need: plan.need, lacking, isEnough, locked }
}

/** "Reachable now: 3 of the 3 you need". */
export function reachNowWords({ have, need }: ReachNow): string {
  const more = have > need ? `, and ${have - need} more` : ''
  return `Reachable now: ${Math.min(have, need)} of the ${need} you need${more}`
}

/** What else there is to know before asking, a sentence each. */
export function reachNowMore({ lacking, locked }: ReachNow): readonly string[] {
  const groups = lacking.map((words) => `Reachable now: ${words}.`)
  if (locked === 0) return groups
  const called =
    locked === 1
      ? '1 is locked. The owner is called when you ask, and counts after unlocking.'
      : `${locked} are locked. Their owners are called when you ask, and count after unlocking.`
  return [...groups, called]
}

/** Who of those who decide can be reached, and how many the tightest plan needs; null while nobody decides anything. */
export function reachability(snapshot: Snapshot): { reachable: number; of: number; need: number } | null {
  const plans = snapshot.plans.filter(({ state }) => state === 'effective')
  if (snapshot.stage !== 'member') return null
  const custodians = new Set(plans.flatMap((plan) => plan.custodians.map(({ member }) => member)))
  const people = snapshot.people.filter(({ member }) => plans.length === 0 || custodians.has(member))
  return {
    reachable: people.filter(isReachable).length,
    of: people.length,
    need: Math.max(0, ...plans.map(({ need }) => need)),
  }
}
