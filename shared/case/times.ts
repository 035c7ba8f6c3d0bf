import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { type Standings, satisfies } from '../org/quorum.ts'
import type { VerifiedOf } from '../statements/door.ts'
import type { Case, Grant } from './types.ts'

/** A time that a member's device claims for one step of a case. */
export interface Measured {
  readonly at: UnixMilliseconds
  /** Whose device's clock it is. */
  readonly member: string
}

/**
 * How the end is known: `refused` by AWS, which answered a call after it; `said` by whoever had or issued the session;
 * `expired` by AWS's own expiration, corrected by what the issuing device measured between its clock and AWS's.
 */
export type EndKnown = 'refused' | 'said' | 'expired'

/**
 * When a case passed its four steps; null for what has not happened.
 *
 * Every one is a claim: what the clock of the device that signed it showed. Different steps come from different devices,
 * whose clocks may differ (Lockbox asks people from 10 minutes on), so a length between two of them is no better than
 * their clocks agree, and may even come out negative.
 */
export interface CaseTimes {
  /** The request's own time. */
  readonly asked: Measured
  /** The approval with which "who must approve" was met: of those that count, in the order of their claimed times. */
  readonly quorum: Measured | null
  /** When the session was handed over to whoever asked; when it was issued, where no handover is here. */
  readonly access: Measured | null
  /** A refusal by AWS before what people said, and that before AWS's expiration, once that is past. */
  readonly end: (Measured & { readonly known: EndKnown }) | null
}

/**
 * The measured times of a case.
 *
 * @param head - who stands where, by which approvals are counted before a grant; a grant brings its own roster.
 */
export function timesOf(one: Case, head: Standings): CaseTimes {
  const { grant } = one
  return {
    asked: claimOf(one.request),
    quorum: quorumAt(one, grant?.roster ?? head),
    access: grant && claimOf(grant.handover ?? grant.statement),
    end: grant && endOf(grant, one),
  }
}

function claimOf({
  payload,
}: {
  readonly payload: { readonly time: UnixMilliseconds; readonly member: string }
}): Measured {
  return { at: payload.time, member: payload.member }
}

function quorumAt(one: Case, roster: Standings): Measured | null {
  const { plan, quorum } = one
  if (plan === null || quorum === null || !quorum.met) return null
  const approved: string[] = []
  for (const decision of approvalsOf(one)) {
    const { member } = decision.payload
    if (!approved.includes(member)) approved.push(member)
    if (satisfies(plan, roster, approved)) return claimOf(decision)
  }
  return null
}

/** The approvals that count, by claimed time: of a granted case those that the grant stands on, whatever came later. */
function approvalsOf({ timeline, refused, quorum, grant }: Case): VerifiedOf<'decision'>[] {
  const stands = new Set<Digest>(grant?.statement.payload.basis.decisions ?? [])
  const isOut = new Set(refused.map(({ id }) => id))
  return timeline.filter(
    (one): one is VerifiedOf<'decision'> =>
      one.kind === 'decision' &&
      one.payload.verdict === 'approve' &&
      !isOut.has(one.id) &&
      (grant === null ? (quorum?.approved.includes(one.payload.member) ?? false) : stands.has(one.id)),
  )
}

function endOf({ id, statement, ends, issuer, state }: Grant, { endings }: Case): CaseTimes['end'] {
  const earliest = (some: readonly VerifiedOf<'ended'>[]) =>
    some.toSorted((a, b) => a.payload.at - b.payload.at || (a.id < b.id ? -1 : 1))[0]
  const refused = earliest(ends.filter(({ payload }) => payload.confirmation === 'aws-refused'))
  // Until it is sure that it ended, a refusal is said and no more.
  if (refused !== undefined && state === 'ended')
    return { at: refused.payload.at, member: refused.payload.member, known: 'refused' }
  const said = earliest(ends)
  if (said !== undefined) return { at: said.payload.at, member: said.payload.member, known: 'said' }
  const { expires, skewMs } = statement.payload
  // Ordered is not ended.
  const isOrdered = endings.some(({ grant, expired }) => grant === id && !expired)
  return state === 'granted' || isOrdered ? null : { at: expires - skewMs, member: issuer, known: 'expired' }
}
