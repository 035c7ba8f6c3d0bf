import type { Plan } from '../statements/kinds.ts'
import { fits, type Generation, isHeld, newestHeld } from './generations.ts'

/**
 * Which key of its credential serves a plan version, or why none does. Several plans may name one credential: a key that
 * was dealt under one of them serves every other that has the same custodians in the same order and needs as many.
 */
export type PlanKey =
  | { readonly state: 'held'; readonly generation: Generation }
  /** Dealt as this plan needs it; too few custodians accepted it yet. */
  | { readonly state: 'dealt'; readonly generation: Generation }
  /** The key of the credential that is held, or else the newest, is dealt to others or needs another number of shares. */
  | { readonly state: 'dealt-otherwise'; readonly generation: Generation }
  | { readonly state: 'none' }

/** The key of a plan version among all generations. */
export function planKey(generations: readonly Generation[], plan: Plan): PlanKey {
  const held = newestHeld(generations, plan)
  if (held !== undefined) return { state: 'held', generation: held }
  const live = generations
    .filter((one) => one.problems.length === 0 && one.state !== 'retired')
    .filter((one) => one.deposit.header.credential === plan.credential.credential)
    .sort((a, b) => b.deposit.header.generation - a.deposit.header.generation)
  const dealt = live.find((one) => fits(one, plan))
  if (dealt !== undefined) return { state: 'dealt', generation: dealt }
  const other = live.find(isHeld) ?? live[0]
  return other === undefined ? { state: 'none' } : { state: 'dealt-otherwise', generation: other }
}
