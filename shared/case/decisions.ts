import type { VerifiedOf } from '../statements/door.ts'
import type { Case } from './types.ts'

/**
 * What a decision does: it `counts`; or it is not counted, since its author `denied` too, which beats their approval, or said
 * it `again`; or a grant was made `without` it; or a grant names it whose author did not decide there (`stranger`); or nobody
 * can say, where the plan is not here (`unknown`).
 */
export type Weight = 'counts' | 'denied' | 'again' | 'without' | 'stranger' | 'unknown'

/** A decision that is not refused, and what it does. */
export interface Weighed {
  readonly decision: VerifiedOf<'decision'>
  readonly weight: Weight
}

type Weighable = Pick<Case, 'timeline' | 'refused' | 'grant' | 'quorum'>

/**
 * Every decision that is not refused, in the order of the claimed times: of somebody who both approved and denied each of the
 * two, so that whoever looks back sees what proves the one and what proves the other (docs/formats/rules.md §6, §8).
 */
export function weighedDecisions(one: Weighable): Weighed[] {
  const isOut = new Set(one.refused.map(({ id }) => id))
  const counted = new Set<string>()
  return one.timeline
    .filter((said): said is VerifiedOf<'decision'> => said.kind === 'decision' && !isOut.has(said.id))
    .map((decision) => {
      const { member, verdict } = decision.payload
      const weight = weightOf(decision, one)
      if (weight !== 'counts') return { decision, weight }
      const isAgain = counted.has(`${verdict} ${member}`)
      counted.add(`${verdict} ${member}`)
      return { decision, weight: isAgain ? 'again' : weight }
    })
}

function weightOf({ id, payload: { member, verdict } }: VerifiedOf<'decision'>, { grant, quorum }: Weighable): Weight {
  if (grant !== null && !grant.statement.payload.basis.decisions.includes(id)) return 'without'
  // Once granted, who decided is what the basis says: the case's own quorum also has who approved later.
  const { approved, denied } = grant?.quorum ?? quorum ?? { approved: null, denied: [] }
  if (approved === null) return 'unknown'
  if (denied.includes(member)) return verdict === 'deny' ? 'counts' : 'denied'
  return verdict === 'approve' && approved.includes(member) ? 'counts' : 'stranger'
}
