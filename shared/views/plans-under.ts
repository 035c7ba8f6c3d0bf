import type { Organization } from '../org/org-from.ts'
import { adminConsent } from '../org/roster-rules.ts'
import type { Roster } from '../statements/kinds.ts'
import { namesOf } from './people.ts'
import { planChecks } from './plan-checks.ts'

/**
 * What would become of the plans in effect if this roster took effect, in words: who leaves takes plans along, and an
 * admin's endorsements with them. Empty where every plan goes on as it is.
 */
export function plansUnder({ plans, collection, history }: Organization, roster: Roster): string[] {
  const names = namesOf([...history.map((version) => version.roster), roster])
  return plans
    .filter(({ state }) => state === 'effective')
    .flatMap(({ id, plan }) => {
      const wrong = planChecks(plan, roster, (member) => names(member).name).filter(({ level }) => level === 'wrong')
      if (wrong.length > 0)
        return [`Nobody could ask under “${plan.name}” any more: ${wrong.map(({ says }) => says).join(' ')}`]
      const { by, need, met } = adminConsent(roster, collection.endorsementsOf(id))
      return met ? [] : [`“${plan.name}” would fall out of effect: ${by.length} of ${need} admins have endorsed it.`]
    })
}
