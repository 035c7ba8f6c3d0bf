import { isOpen } from '../../shared/case/types.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { OutletView } from '../../shared/views/outlets.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'

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
    people: rostersToEndorse(snapshot).length,
    settings: stuckOutlets(snapshot, snapshot.now).length,
  }
}

/** Lists of people that wait for this owner's endorsement; what was overtaken waits for nobody. */
export function rostersToEndorse(snapshot: Snapshot): Snapshot['drafts'] {
  return snapshot.drafts.filter(
    (draft) => !(draft.before.mine || draft.after.mine || draft.overtaken) && mayEndorse(snapshot, draft),
  )
}

/** Whether the endorsement of this app's owner counts: a founding takes all, joining whoever joins, and a change admins. */
export function mayEndorse({ stage, me }: Pick<Snapshot, 'stage' | 'me'>, draft: Snapshot['drafts'][number]): boolean {
  const inDraft = draft.people.find((person) => person.me)
  return stage !== 'member' || draft.genesis || [me, inDraft].some((one) => one?.roles.includes('admin') ?? false)
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

/** Keys that serve a plan and are held by just enough: an admin deposits another in time. */
export function barelyHeld({ me, plans, generations }: Pick<Snapshot, 'me' | 'plans' | 'generations'>) {
  if (!me?.roles.includes('admin')) return []
  const serving = new Set(currentPlans(plans).map(({ key }) => key))
  return generations.filter(({ id, hasSpare }) => serving.has(id) && !hasSpare)
}

/** Plan drafts that this admin has not endorsed yet. */
export function plansToEndorse(snapshot: Snapshot): Snapshot['plans'] {
  if (!snapshot.me?.roles.includes('admin')) return []
  return currentPlans(snapshot.plans).filter(({ state, consent }) => state === 'draft' && !consent.mine)
}

/** After so long nobody takes it for a receiver that restarts. */
const STUCK_MS = 60_000

/** Whether an outlet fails for so long that somebody should look. */
function isStuck({ since }: OutletView, now: number): boolean {
  return since !== null && now - since >= STUCK_MS
}

/** Other systems that the log has not got through to for a while. */
export function stuckOutlets({ outlets }: Pick<Snapshot, 'outlets'>, now: number): OutletView[] {
  return outlets.filter((outlet) => isStuck(outlet, now))
}

/** How many entries of the log are still to go out. */
export function unsentCount({ delivered, gone, total }: OutletView): number {
  return Math.max(0, total - delivered - gone)
}
