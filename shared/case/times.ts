import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { type Standings, satisfies } from '../org/quorum.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { believedRefusal, diesAt, earliest } from './grants.ts'
import { type Case, isForNobody } from './types.ts'

/** A time that a member's device claims for one step of a case. */
export interface Measured {
  readonly at: UnixMilliseconds
  /** Whose device's clock it is. */
  readonly member: string
}

/**
 * How the end is known: `refused` by AWS, as far as that is believed; `said` by whoever had or issued the session, and not sure;
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
  /** When the session was handed over to whoever asked; when it was issued, where no handover is here. In a rotation, only if it was handed over. */
  readonly access: Measured | null
  readonly end: MeasuredEnd | null
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
    access: grant && !isForNobody(one) ? claimOf(grant.handover ?? grant.statement) : null,
    end: endOf(one),
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

/** An end, and how it came. */
export type MeasuredEnd = Measured & {
  readonly known: EndKnown
  readonly how: VerifiedOf<'ended'>['payload']['how'] | 'expired'
}

/**
 * When the session of the grant that counts ended; null as long as nobody says so. Until it is sure, that is what is said. Then it is
 * AWS's refusal, if that is believed, and else AWS's expiration: until then it may have been used, whatever was said.
 */
export function endOf({ grant, endings }: Pick<Case, 'grant' | 'endings'>): MeasuredEnd | null {
  if (grant === null || grant.state === 'granted') return null
  const { ends, issuer, state } = grant
  const said = earliest(ends)
  if (state !== 'ended' && said !== undefined) {
    const { at, member, how } = said.payload
    return { at, member, known: 'said', how }
  }
  // Ordered is not ended.
  if (endings.some((ending) => ending.grant === grant.id && !ending.expired)) return null
  const refused = believedRefusal(grant)
  if (refused !== null) {
    const { at, member, end } = refused
    return { at, member, known: 'refused', how: end.payload.how }
  }
  return { at: diesAt(grant), member: issuer, known: 'expired', how: 'expired' }
}
