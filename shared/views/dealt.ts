import { together } from './lists.ts'

/** How a key was dealt: to whom, the first first, and how many of them it takes. */
export interface Dealt {
  readonly custodians: readonly string[]
  readonly need: number
}

/** Why a key that was dealt like this cannot serve a plan with these custodians, as the end of a sentence; or null. */
export function dealtOtherwise(key: Dealt, plan: Dealt, name: (member: string) => string): string | null {
  const isSame = (a: readonly string[], b: readonly string[]) => a.join() === b.join()
  if (!isSame([...key.custodians].sort(), [...plan.custodians].sort()))
    return `is dealt to ${together(key.custodians.map(name))}, who are not this plan’s custodians`
  if (!isSame(key.custodians, plan.custodians)) return 'is dealt to these custodians in another order'
  return key.need === plan.need ? null : `takes ${key.need} shares, and this plan needs ${plan.need} approvals`
}
