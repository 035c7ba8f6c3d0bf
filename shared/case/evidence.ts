import type { Organization } from '../org/org-from.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import { isDiffering, isRecording } from '../statements/evidence.ts'
import { reviewingRosters } from './reviews.ts'
import type { CaseRefusalCode, Finding, Grant } from './types.ts'

/**
 * What members found in AWS's record about a case, and what shells were recorded, each in the order of the ids. Each is its author's word, counts by itself and
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
}): { readonly evidence: VerifiedOf<'evidence'>[]; readonly recordings: VerifiedOf<'evidence'>[] } {
  const attached = about.filter((one) => one.kind === 'evidence')
  if (attached.length === 0) return { evidence: [], recordings: [] }
  const rosters = reviewingRosters(org, grants[0])
  const standing = attached.filter((one) => {
    const stands = rosters.some((roster) => standsIn(roster, one))
    if (!stands) refuse(one, 'not-active')
    return stands
  })
  // Only whoever asked had the session: nobody else records a shell that has it, nor takes the room of those who do.
  const isOfSession = ({ payload }: VerifiedOf<'evidence'>) =>
    grants.some(({ id, requester }) => requester === payload.member && payload.grants.some(({ grant }) => grant === id))
  // A recording shows what somebody saw on a screen. It must not pass for a comparison with AWS's record.
  return {
    evidence: standing.filter(({ payload }) => !isRecording(payload)),
    recordings: standing.filter((one) => isRecording(one.payload) && isOfSession(one)),
  }
}

/** Those of which their authors say that AWS's record differs from the case. */
export function differingIn(evidence: readonly VerifiedOf<'evidence'>[]): VerifiedOf<'evidence'>[] {
  return evidence.filter(({ payload }) => isDiffering(payload))
}

/** Each evidence of which its author says that AWS's record differs from the case. */
export function evidenceFindings(evidence: readonly VerifiedOf<'evidence'>[]): Finding[] {
  return differingIn(evidence).map(({ id }) => ({ code: 'evidence-differs', id }))
}
