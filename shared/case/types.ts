import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Quorum } from '../org/quorum.ts'
import type { Refusal } from '../org/refusal.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import type { Classification } from '../statements/review.ts'

/** Unanswered, a request expires after this long (DESIGN §11). */
export const REQUEST_VALID_MS = 60 * 60_000
/** A `ready` lasts at most this long. */
export const READY_VALID_MS = 10 * 60_000
/** An attempt may be followed by the next when its `ready` was silent this long on the custodian's own clock. */
export const SILENCE_MS = 5 * 60_000
/** Clocks further apart than this are a matter for people. */
export const CLOCK_TOLERANCE_MS = 10 * 60_000
/** A session is certainly over this long after AWS's expiration. */
export const END_CERTAIN_MS = 5 * 60_000
/** AWS lets no session of a role live longer than this. */
export const LONGEST_SESSION_MS = 12 * 60 * 60_000
/** AWS's limit for a session of a role that another role assumed, seconds. */
export const CHAINED_SECONDS = 3600

/** When this app first had a statement, by its own clock: the only thing of `caseFrom` that is not in the set itself. */
export type Heard = (id: Digest) => UnixMilliseconds | undefined

export type CaseRefusalCode =
  | 'not-active'
  | 'not-custodian'
  | 'own-request'
  | 'not-requester'
  | 'not-issuer'
  | 'deposit-unfit'
  | 'share-index'
  | 'no-approval'
  | 'ready-unknown'
  | 'ready-too-long'
  | 'attempt-order'
  | 'grant-unknown'
  | 'not-admin'
  | 'not-revoker'
  | 'other-policy'
  | 'rotating-unknown'
  | 'other-key'
  | 'reviewer-involved'
  | 'basis-roster'
  | 'basis-plan'
  | 'basis-request'
  | 'basis-quorum'
  | 'basis-ready'
  | 'basis-releases'
  | 'basis-issuing'

export type CaseRefusal = Refusal<CaseRefusalCode>

/** Why a request cannot be answered at all. */
export type RequestProblem =
  | 'plan-unknown'
  | 'plan-not-effective'
  | 'not-allowed-to-ask'
  | 'requester-not-active'
  | 'emergency-not-in-plan'
  | 'duration-not-in-plan'
  | 'rotator-not-in-plan'
  | 'clock-ahead'
  | 'protocol-unsupported'

/** One try of one issuing device. */
export interface Attempt {
  readonly number: number
  readonly ready: VerifiedOf<'ready'>
  /** Releases that count, by the plan's order of custodians. */
  readonly releases: readonly VerifiedOf<'release'>[]
  readonly issuing: VerifiedOf<'issuing'> | null
  readonly failed: VerifiedOf<'failed'> | null
  /** Whether custodians may still release to it: neither lapsed nor failed. */
  readonly open: boolean
  /** Whether nothing came of it for five minutes by this app's own clock, neither from its device nor for it. */
  readonly silent: boolean
}

/** A grant whose basis carries it. */
export interface Grant {
  readonly id: Digest
  readonly statement: VerifiedOf<'grant'>
  readonly plan: Plan
  readonly roster: Roster
  /** Who approved, by the decisions of the basis alone. */
  readonly quorum: Quorum
  readonly requester: string
  readonly issuer: string
  /** What its basis bears out: by the clocks of whoever released and issued its session ends no earlier, whatever the grant says. */
  readonly soonest: UnixMilliseconds
  /** How far its session is. */
  readonly state: SessionState
  readonly handover: VerifiedOf<'handover'> | null
  readonly ends: readonly VerifiedOf<'ended'>[]
  /** What its device made for ending the session and replacing the key. */
  readonly aftercare: readonly VerifiedOf<'aftercare'>[]
  /** Custodians' orders to end it. */
  readonly revokes: readonly VerifiedOf<'revoke'>[]
  /** That AWS has a policy which denies it; not that it was seen refused. */
  readonly revocations: readonly VerifiedOf<'revoked'>[]
  /** That somebody began to replace the key. */
  readonly rotatings: readonly VerifiedOf<'rotating'>[]
  /** How far the key was replaced, by the devices that began it. */
  readonly rotations: readonly VerifiedOf<'rotated'>[]
}

/** A session that somebody wants ended before its time, or says is, and of which nobody can be sure. */
export interface Ending {
  /** The grant's id. */
  readonly grant: Digest
  /** When the first word came that asked for it, as its author claims. */
  readonly since: UnixMilliseconds
  /** When the session dies by itself, by this app's clock as far as the issuing device measured AWS's. */
  readonly dies: UnixMilliseconds
  /** Whether that is past, and only the margin is waited for that every clock is given. */
  readonly expired: boolean
  /** Whether somebody says that AWS has the deny. */
  readonly denied: boolean
  /** Who says that AWS refused it, which is not believed yet; sorted. */
  readonly saidBy: readonly string[]
}

/** A review that counts. */
export interface Review {
  readonly id: Digest
  readonly statement: VerifiedOf<'review'>
  /** Whether the keys that signed it no longer stand in the head: then no statement says that it was signed before. */
  readonly left: boolean
}

/**
 * Where a case stands.
 * - `impossible`: the request breaks a rule and cannot be answered.
 * - `asked`: approvals are missing. `blocked`: they can no longer be had. `withdrawn`, `expired`: nobody can approve any more.
 * - `approved`: the rule is met; an issuing device has to make ready, or shares are on their way.
 * - `issuing`: a credential is being used; a session may exist although nothing else says so.
 * - `granted`: a session lives, by AWS's clock. `ending`: its time is over, or somebody said it ended or ordered its end, unconfirmed.
 * - `ended`: AWS refused a call, or its expiration is long enough ago; of several sessions, so with every one.
 */
export type CaseState =
  | 'impossible'
  | 'asked'
  | 'blocked'
  | 'withdrawn'
  | 'expired'
  | 'approved'
  | 'issuing'
  | 'granted'
  | 'ending'
  | 'ended'

/** How far a granted session is, as {@link CaseState} has it. */
export type SessionState = Extract<CaseState, 'granted' | 'ending' | 'ended'>

/** Whether a case still moves, or somebody still waits for it. */
export function isOpen({ state }: { readonly state: CaseState }): boolean {
  return state === 'asked' || state === 'approved' || state === 'issuing' || state === 'granted' || state === 'ending'
}

export type Finding =
  | { readonly code: 'surplus-grant'; readonly id: Digest }
  | { readonly code: 'basis-incomplete'; readonly id: Digest }
  | { readonly code: 'session-may-exist'; readonly id: Digest }
  | { readonly code: 'released-without-grant'; readonly id: Digest }
  | { readonly code: 'second-open-request'; readonly id: Digest }
  | { readonly code: 'late-denial'; readonly id: Digest }
  | { readonly code: 'two-verdicts'; readonly id: Digest }
  | { readonly code: 'no-witness'; readonly id: Digest }
  | { readonly code: 'evidence-differs'; readonly id: Digest }
  | { readonly code: 'revoked'; readonly id: Digest }
  | { readonly code: 'aftercare-missing'; readonly id: Digest }
  | { readonly code: 'misuse'; readonly id: Digest }
  | { readonly code: 'suspicious-activity'; readonly id: Digest }
  | { readonly code: 'reviews-differ'; readonly id: Digest }
  | { readonly code: 'reviewer-left'; readonly id: Digest }

/** What a case still owes. Computed, loud, and never in the way of the next emergency. */
export interface Obligation {
  readonly code: 'rotate' | 'rotate-exposed' | 'retire' | 'review'
  readonly since: UnixMilliseconds
  readonly due: UnixMilliseconds
}

/** Whether nothing of a case moves any more and nothing is owed. Computed like the rest: nobody declares a case closed. */
export function isClosed(one: Pick<Case, 'state' | 'obligations'>): boolean {
  return !isOpen(one) && one.obligations.length === 0
}

/** One break-glass event, as its statements and `now` make it. */
export interface Case {
  /** The request's id. */
  readonly id: Digest
  readonly request: VerifiedOf<'request'>
  readonly plan: Plan | null
  readonly state: CaseState
  readonly problem: RequestProblem | null
  /** Whether the request may still be decided on and issued for, whatever an attempt has come to meanwhile. */
  readonly answerable: boolean
  readonly expires: UnixMilliseconds
  readonly quorum: Quorum | null
  /** Newest first. */
  readonly attempts: readonly Attempt[]
  /** The attempt custodians release to, if any. */
  readonly attempt: Attempt | null
  readonly grant: Grant | null
  readonly surplus: readonly Grant[]
  /** Sessions, surplus ones too, that are to end early and may still live. */
  readonly endings: readonly Ending[]
  /** Those that count, by id. */
  readonly reviews: readonly Review[]
  /** What members found in AWS's record, those that count, by id. */
  readonly evidence: readonly VerifiedOf<'evidence'>[]
  /** Recorded terminals, those that count, by id. */
  readonly recordings: readonly VerifiedOf<'evidence'>[]
  /** What it was, as the reviews say; null before the first. */
  readonly classification: Classification | null
  readonly findings: readonly Finding[]
  readonly obligations: readonly Obligation[]
  readonly refused: readonly CaseRefusal[]
  /** Every statement of the case, by claimed time, device and place in its chain: for showing, never for judging. */
  readonly timeline: readonly VerifiedStatement[]
}

/** Whether what a case issues is for nobody: the session of a rotation is, unless somebody says that it was handed over. */
export function isForNobody({ request, ...granted }: Pick<Case, 'request' | 'grant' | 'surplus'>): boolean {
  return request.payload.purpose === 'rotation' && grantsIn(granted).every(({ handover }) => handover === null)
}

/** Every grant of a case that its basis carries, the one that counts first. */
export function grantsIn({ grant, surplus }: Pick<Case, 'grant' | 'surplus'>): readonly Grant[] {
  return grant === null ? [] : [grant, ...surplus]
}
