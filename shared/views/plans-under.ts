import type { Organization } from '../org/org-from.ts'
import { adminConsent } from '../org/roster-rules.ts'
import type { Roster } from '../statements/kinds.ts'
import { namesOf } from './people.ts'
import { planChecks } from './plan-checks.ts'

/** Most letters that are said of one plan: a draft that leaves a whole large organization out has much to say. */
const MOST_LETTERS = 2000

/** The first of some sentences, and how many more there are. */
function firstOf(sentences: readonly string[]): string {
  let said = ''
  for (const [at, sentence] of sentences.entries()) {
    if (at > 0 && said.length + sentence.length > MOST_LETTERS) return `${said} And ${sentences.length - at} more.`
    said += at === 0 ? sentence : ` ${sentence}`
  }
  return said
}

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
        return [`Nobody could ask under “${plan.name}” any more: ${firstOf(wrong.map(({ says }) => says))}`]
      const { by, need, met } = adminConsent(roster, collection.endorsementsOf(id))
      return met ? [] : [`“${plan.name}” would fall out of effect: ${by.length} of ${need} admins have endorsed it.`]
    })
}
