import { accessChecks } from '../../shared/views/access-checks.ts'
import { dealtOtherwise } from '../../shared/views/dealt.ts'
import { type PlanCheck, planChecks } from '../../shared/views/plan-checks.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { liveKey, seatsOf } from './credential-key.ts'
import { formOf, type PlanEdit } from './plan-model.ts'

/** The checks of a plan as it is filled in, against the people and keys there are. */
export function editChecks(
  edit: PlanEdit,
  { people, plans, generations }: Pick<Snapshot, 'people' | 'plans' | 'generations'>,
): PlanCheck[] {
  const known = [...people, ...generations.flatMap(({ seats }) => seats.map(({ person }) => person))]
  const name = (member: string) => known.find((one) => one.member === member)?.name ?? member
  const form = formOf(edit)
  const checks = [...planChecks(form, { members: people }, name), ...accessChecks(form)]
  const key = liveKey(generations, edit.credential)
  if (key === undefined) return checks
  const named = `Key ${key.generation} of ${edit.credentialName}`
  const dealt = { custodians: seatsOf(key), need: key.need }
  const why = dealtOtherwise(dealt, { custodians: edit.custodians, need: edit.need }, name)
  if (why === null)
    return [...checks, { level: 'good', says: `${named} serves it as it is: nothing has to be deposited for it.` }]
  const losing = plans.filter(({ key: serving, id }) => serving === key.id && id !== edit.replaces)
  const others = losing.map((plan) => ` “${plan.name}” then has no key.`).join('')
  return [...checks, { level: 'attention', says: `${named} ${why}: one has to be deposited under this plan.${others}` }]
}
