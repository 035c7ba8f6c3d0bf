import type { PersonView } from '../../shared/views/people-views.ts'
import type { GenerationView } from '../../shared/views/plan-views.ts'
import { toggled } from '../ui/lists.ts'
import type { PlanEdit } from './plan-model.ts'

// A key serves a plan as it is only if the plan names those it is dealt to, in that order, and wants as many approvals as
// the key takes shares.

/** The key of a credential that a plan over it would use: the one that is held, or else the newest. */
export function liveKey(generations: readonly GenerationView[], credential: string | null): GenerationView | undefined {
  const live = generations
    .filter((one) => one.credential === credential && one.state !== 'retired' && one.problems.length === 0)
    .sort((a, b) => b.generation - a.generation)
  return live.find(({ state }) => state !== 'dealt') ?? live[0]
}

/** Another credential for a plan; of one that has a key, also those it is dealt to, so that the key serves this plan too. */
export function withCredential(
  edit: PlanEdit,
  credential: { readonly id: string; readonly name: string } | null,
  generations: readonly GenerationView[],
): PlanEdit {
  if (credential === null) return { ...edit, credential: null, credentialName: '' }
  const key = liveKey(generations, credential.id)
  const dealt = key === undefined ? {} : { custodians: seatsOf(key), need: key.need }
  return { ...edit, credential: credential.id, credentialName: credential.name, ...dealt }
}

/** To whom a key is dealt, share 1 first. */
export function seatsOf({ seats }: GenerationView): string[] {
  return [...seats].sort((a, b) => a.index - b.index).map(({ person }) => person.member)
}

/**
 * The custodians with one more or fewer. They keep the order in which the key is dealt, or else that of the roster: a key
 * serves only plans that name its custodians in its order, and nobody can see in ticks which came first.
 */
export function withCustodian(
  edit: PlanEdit,
  member: string,
  on: boolean,
  people: readonly PersonView[],
  generations: readonly GenerationView[],
): string[] {
  const key = liveKey(generations, edit.credential)
  const order = [...(key === undefined ? [] : seatsOf(key)), ...people.map((person) => person.member)]
  const place = (one: string) => (order.includes(one) ? order.indexOf(one) : order.length)
  return toggled(edit.custodians, member, on).sort((a, b) => place(a) - place(b))
}
