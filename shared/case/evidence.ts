import type { Organization } from '../org/org-from.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import { reviewingRosters } from './reviews.ts'
import type { CaseRefusalCode, Finding, Grant } from './types.ts'

/**
 * What members found in AWS's record about a case, in the order of the ids. Each is its author's word, counts by itself and
 * shuts no other out: who attaches a record that agrees must not be able to hide one that does not. Membership is that of a
 * review: once granted, that of the basis or later.
 */
export function evidenceOf({
  org,
  about,
  grants,
  refuse,
}: {
  readonly org: Organization
  readonly about: readonly VerifiedStatement[]
  /** The grant that counts, then every surplus one. */
  readonly grants: readonly Grant[]
  readonly refuse: (statement: VerifiedStatement, code: CaseRefusalCode) => void
}): VerifiedOf<'evidence'>[] {
  const attached = about.filter((one) => one.kind === 'evidence')
  if (attached.length === 0) return []
  const rosters = reviewingRosters(org, grants[0])
  return attached.filter((one) => {
    const stands = rosters.some((roster) => standsIn(roster, one))
    if (!stands) refuse(one, 'not-active')
    return stands
  })
}

/** Each evidence of which its author says that AWS's record differs from the case. */
export function evidenceFindings(evidence: readonly VerifiedOf<'evidence'>[]): Finding[] {
  return evidence
    .filter(({ payload }) => payload.differs.length > 0 || payload.more > 0)
    .map(({ id }) => ({ code: 'evidence-differs', id }))
}
