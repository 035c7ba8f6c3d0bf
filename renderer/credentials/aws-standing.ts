import type { GenerationView, PlanView } from '../../shared/views/plan-views.ts'
import type { SetUpVerdict } from '../../shared/views/set-up-lines.ts'

/** How far a step is, as far as this app can tell; never better than it knows. */
export interface Standing {
  readonly is: 'not-yet' | 'unseen' | 'waits' | 'unknown' | 'wrong' | 'done'
  readonly words: string
}

/** The steps from nothing to a deposited credential. */
export interface AwsSteps {
  readonly setUp: Standing
  readonly plan: Standing
  readonly check: Standing
  readonly deposit: Standing
  /** The first plan in effect over whose credential no key is dealt. */
  readonly toDeposit: PlanView | null
  /** Whether a plan is in effect and every credential of one has a key that is held. */
  readonly isOver: boolean
}

const CHECKED = {
  right: { is: 'done', words: 'Right, as far as the key can see' },
  wrong: { is: 'wrong', words: 'Something is wrong' },
  unknown: { is: 'unknown', words: 'Not all could be seen' },
} as const satisfies Record<SetUpVerdict, Standing>

/**
 * How far each step is.
 *
 * @param checked - the last check since the app was unlocked. It is recorded nowhere, so without one nothing is known of AWS.
 */
export function awsSteps(
  plans: readonly PlanView[],
  generations: readonly GenerationView[],
  checked: { readonly verdict: SetUpVerdict } | null,
): AwsSteps {
  const effective = plans.filter(({ state }) => state === 'effective')
  const keysOf = ({ credential }: PlanView) =>
    generations.filter(
      (one) => one.credential === credential.credential && one.state !== 'retired' && one.problems.length === 0,
    )
  const isHeld = (plan: PlanView) => keysOf(plan).some(({ state }) => state !== 'dealt')
  const isOver = effective.length > 0 && effective.every(isHeld)
  const toDeposit = effective.find((plan) => keysOf(plan).length === 0) ?? null
  return {
    setUp: checked === null ? { is: 'unseen', words: 'Not seen from here: the check tells' } : CHECKED[checked.verdict],
    plan: planStanding(plans, effective.length),
    check: checked === null ? { is: 'not-yet', words: 'Not since this app was unlocked' } : CHECKED[checked.verdict],
    deposit: depositStanding(isOver, effective.length > 0 && toDeposit === null),
    toDeposit,
    isOver,
  }
}

function planStanding(plans: readonly PlanView[], effective: number): Standing {
  if (effective > 0) return { is: 'done', words: effective === 1 ? 'In effect' : `${effective} in effect` }
  return plans.some(({ state }) => state === 'draft')
    ? { is: 'waits', words: 'Waits for the admins' }
    : { is: 'not-yet', words: 'Not yet' }
}

function depositStanding(isOver: boolean, isDealt: boolean): Standing {
  if (isOver) return { is: 'done', words: 'Held by its custodians' }
  return isDealt ? { is: 'waits', words: 'Waits for the custodians' } : { is: 'not-yet', words: 'Not yet' }
}
