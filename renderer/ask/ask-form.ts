import { emergencyName, PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { tidyLine, tidyText, wrongLine, wrongText } from '../ui/tidy.ts'
import { durationWords } from '../ui/time-words.ts'

/** What has been filled in so far. */
export interface AskForm {
  readonly emergency: string
  /** Id of the plan version. */
  readonly plan: string
  readonly what: string
  readonly reference: string
  readonly seconds: number
  readonly drill: boolean
}

/** An emergency to choose from, with the plans that count it. */
export interface Emergency {
  readonly emergency: string
  readonly name: string
  readonly says: string
  readonly plans: readonly PlanView[]
}

/** The emergencies that this person's plans count, each once. */
export function emergenciesOf(plans: readonly PlanView[]): Emergency[] {
  const mine = plans.filter(({ mayAsk }) => mayAsk)
  const names = [...new Set(mine.flatMap(({ emergencies }) => emergencies))].sort()
  return names.map((emergency) => ({
    emergency,
    name: capital(emergencyName(emergency)),
    says: PLAN_TEMPLATES.find((template) => template.emergency === emergency)?.says ?? '',
    plans: mine.filter(({ emergencies }) => emergencies.includes(emergency)),
  }))
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The form after another emergency or plan was chosen: a plan and a duration that fit it. */
export function chosen(form: AskForm, emergency: Emergency, planId: string | null): AskForm {
  const plan = emergency.plans.find(({ id }) => id === planId) ?? emergency.plans[0]
  if (plan === undefined) return form
  const seconds = plan.durations.includes(form.seconds) ? form.seconds : (plan.durations[0] ?? 0)
  return { ...form, emergency: emergency.emergency, plan: plan.id, seconds }
}

/** The request as it goes to main. */
export function requestOf(form: AskForm) {
  return {
    plan: form.plan,
    purpose: form.drill ? ('drill' as const) : ('access' as const),
    emergency: form.emergency,
    what: tidyText(form.what),
    reference: tidyLine(form.reference),
    seconds: form.seconds,
  }
}

/** What is still wrong, by field. */
export function wrongs(form: AskForm): { what: string | undefined; reference: string | undefined } {
  return { what: wrongText(tidyText(form.what), 2000, 1), reference: wrongLine(tidyLine(form.reference), 128, 0) }
}

/** The live sentence: what will be asked, as far as it is filled in. */
export function sentence(
  form: AskForm,
  emergency: Emergency | undefined,
  plan: PlanView | undefined,
  me: string,
): string {
  if (emergency === undefined || plan === undefined) return 'Choose the emergency; it picks the plan.'
  const kind = form.drill ? 'a drill of ' : ''
  const what = tidyText(form.what)
  const reference = tidyLine(form.reference)
  const why = `${emergency.name}${what === '' ? ' (say what happened)' : `: ${what}`}${reference === '' ? '' : ` (${reference})`}`
  return `${me} asks for ${kind}${durationWords(form.seconds)} of ${plan.credential.name}, because: ${why.replace(/[.]$/, '')}. ${plan.rule} must approve.`
}
