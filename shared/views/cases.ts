import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { type NotNow, releaseDuty, whyNoDecision } from '../case/duties.ts'
import type { Case, Finding, RequestProblem } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import { emergencyName } from '../org/templates.ts'
import { memberOf } from '../statements/door.ts'
import { deviceId } from '../statements/member.ts'
import type { Names, Reach } from './people.ts'
import { timelineOf } from './timeline.ts'
import type { CaseView, SeatView } from './views.ts'

/** What the view of a case needs beside the case. */
export interface CaseContext {
  readonly org: Organization
  readonly names: Names
  readonly me: string
  /** This app's own device. */
  readonly device: Digest
  readonly now: UnixMilliseconds
  readonly reach: Reach
  /** Until when this app holds its owner's share for this case, or null. */
  readonly heldUntil: UnixMilliseconds | null
}

/** A case as the window shows it: where it stands, in words; who is who; what its owner may do. */
export function caseView(one: Case, context: CaseContext): CaseView {
  const { names, me } = context
  const { payload } = one.request
  return {
    id: one.id,
    state: one.state,
    ...sentences(one, context),
    purpose: payload.purpose,
    requester: names(payload.member),
    plan: { id: payload.plan, name: one.plan?.name ?? 'a plan that is not here' },
    credential: one.plan?.credential.name ?? '',
    account: one.plan?.access.roleArn ?? '',
    emergency: emergencyName(payload.emergency),
    what: payload.what,
    reference: payload.reference,
    seconds: payload.seconds,
    askedAt: payload.time,
    expires: one.expires,
    quorum: one.quorum && {
      have: one.quorum.approved.length,
      need: one.quorum.need,
      still: stillNeeded(one),
      met: one.quorum.met,
    },
    seats: seatsOf(one, context),
    attempt: one.attempt && {
      number: one.attempt.number,
      issuer: names(one.attempt.ready.payload.member),
      expires: one.attempt.ready.payload.expires,
      released: one.attempt.releases.length,
    },
    grant: grantOf(one, names),
    findings: one.findings.map((finding) => findingWords(finding)),
    obligations: one.obligations.map(({ code, due }) => ({ code, says: OBLIGATIONS[code], due })),
    timeline: timelineOf(one, context.org, names),
    refused: one.refused.length,
    mine: mineOf(one, context, me),
  }
}

function grantOf({ grant, state }: Case, names: Names): CaseView['grant'] {
  if (grant === null) return null
  const { accessKeyId, expires, skewMs } = grant.statement.payload
  const confirmed = grant.ends.find(({ payload }) => payload.confirmation === 'aws-refused')
  const end = confirmed ?? grant.ends[0]
  return {
    id: grant.id,
    issuer: names(grant.issuer),
    accessKeyId,
    expires,
    skewMs,
    confirmed: state === 'ended',
    endedAt: end?.payload.at ?? null,
  }
}

function mineOf(one: Case, { org, device, heldUntil }: CaseContext, me: string): CaseView['mine'] {
  const why = whyNoDecision(one, me)
  const decisions = one.timeline.filter((statement) => statement.kind === 'decision' && statement.payload.member === me)
  const denied = decisions.some((statement) => statement.kind === 'decision' && statement.payload.verdict === 'deny')
  const duty = releaseDuty(org, one, { member: me, device })
  const open = ['asked', 'approved', 'blocked'].includes(one.state)
  return {
    mayDecide: why === null,
    whyNot: why === null ? null : NOT_NOW[why],
    mayWithdraw: open && one.request.payload.member === me,
    decided: denied ? 'deny' : decisions.length > 0 ? 'approve' : null,
    holdsShareUntil: heldUntil,
    needsTouch: typeof duty === 'object' && heldUntil === null,
  }
}

const NOT_NOW: Record<NotNow, string> = {
  'case-closed': 'This case takes no more decisions.',
  'not-active': 'This device is not the one that the organization knows as yours.',
  'not-custodian': 'You hold no share for this plan.',
  'own-request': 'You asked; others decide.',
  'already-decided': 'You denied this request; that stands.',
  'rule-not-met': 'More approvals are needed first.',
  'no-own-approval': 'You have not approved.',
  'plan-not-accepted': 'You have not accepted this version of the plan.',
  'no-attempt': 'No device is ready to issue yet.',
  'already-released': 'Your share is released.',
  'not-issuer': 'This device does not issue for this plan.',
  'attempt-runs': 'A device is already on it.',
  'no-generation': 'No credential is held for this plan.',
  'releases-missing': 'Shares are still on their way.',
  'already-issuing': 'It is already being issued.',
  'protocol-unsupported': 'Your organization uses rules that this version does not know. Update Lockbox.',
}

/** Why something may not be done now, in words. */
export function notNowWords(why: NotNow): string {
  return NOT_NOW[why]
}

const OBLIGATIONS: Record<Case['obligations'][number]['code'], string> = {
  rotate: 'Replace the credential that was used',
  'rotate-exposed': 'Replace the credential: shares were released although nothing was granted',
  review: 'Hold the review',
}

const FINDINGS: Record<Finding['code'], string> = {
  'surplus-grant': 'A second session was issued for this request. Whoever sees it should have it revoked.',
  'basis-incomplete': 'A grant arrived whose approvals are not all here yet. Let this device meet the others.',
  'session-may-exist':
    'An issuing device used the credential and did not say how it went. A session may exist until its time is over.',
  'released-without-grant':
    'A share was released although no session came of it. The credential counts as exposed: replace it.',
  'second-open-request': 'There is another request for the same plan at about the same time.',
  'late-denial': 'Somebody denied, and the grant was made without that denial.',
  'no-witness': 'The plan wants another device to acknowledge issuing; the grant names none. Ask the issuer why.',
  'two-verdicts': 'Somebody approved and denied. The denial counts.',
}

/** A finding in words. */
export function findingWords({ code }: Finding): string {
  return FINDINGS[code]
}

function stillNeeded({ quorum }: Case): string {
  if (quorum === null || quorum.met) return ''
  const missing = Math.max(0, quorum.need - quorum.approved.length)
  const groups = quorum.missingGroups.map(({ group, count }) => `${count} from ${group}`)
  return groups.length > 0 && missing > 0
    ? `${missing} more, of them ${groups.join(' and ')}`
    : groups.length > 0
      ? groups.join(' and ')
      : `${missing} more`
}

function seatsOf(one: Case, { org, names, reach }: CaseContext): SeatView[] {
  return (one.plan?.custodians ?? []).map((member) => {
    const person = memberOf(org.head.roster, member)
    const decisions = one.timeline.flatMap((statement) =>
      statement.kind === 'decision' && statement.payload.member === member ? [statement.payload] : [],
    )
    const decision = decisions.find(({ verdict }) => verdict === 'deny') ?? decisions[0]
    const released =
      one.attempt?.releases.some(({ payload }) => payload.member === member) ||
      (one.grant?.statement.payload.basis.releases ?? []).some(
        (id) => org.collection.get('release', id)?.payload.member === member,
      )
    const reachable = person !== undefined && reach(deviceId(person))?.connected !== false
    return {
      person: names(member),
      contact: person?.contact ?? '',
      groups: person?.groups ?? [],
      state: seatState(),
      at: decision?.time ?? null,
      reason: decision?.reason ?? '',
    }

    function seatState(): SeatView['state'] {
      if (member === one.request.payload.member) return 'own-request'
      if (decision?.verdict === 'deny') return 'denied'
      if (released) return 'released'
      if (decision !== undefined) return 'approved'
      return reachable ? 'asked' : 'unreachable'
    }
  })
}

/** How long ago or ahead, in words: "4 min". */
export function minutesWords(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes < 1) return 'less than a minute'
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

const PROBLEMS: Record<RequestProblem, string> = {
  'plan-unknown': 'Its plan is not here yet. Let this device meet the others.',
  'plan-not-effective': 'Its plan is not in effect: admins have to endorse it.',
  'not-allowed-to-ask': 'Whoever asked may not ask under this plan.',
  'requester-not-active': 'Whoever asked is not an active member with this device and key.',
  'emergency-not-in-plan': 'The plan does not cover this emergency.',
  'duration-not-in-plan': 'The plan does not offer this duration.',
  'clock-ahead': 'It comes from a device whose clock is more than 10 minutes ahead. Compare clocks.',
  'protocol-unsupported': 'Your organization uses rules that this version does not know. Update Lockbox.',
}

function sentences(one: Case, { names, now }: CaseContext): Pick<CaseView, 'headline' | 'next'> {
  const asked = `asked ${minutesWords(now - one.request.payload.time)} ago`
  const issuer = one.grant?.issuer ?? one.attempt?.ready.payload.member
  const at = issuer === undefined ? 'an issuing device' : `${names(issuer).name}’s device`
  switch (one.state) {
    case 'impossible':
      return { headline: 'This request cannot be answered', next: one.problem === null ? '' : PROBLEMS[one.problem] }
    case 'asked':
      return {
        headline: `Waiting for ${stillNeeded(one)} · ${asked}`,
        next: 'Approvers decide in their own apps. Call those who do not answer.',
      }
    case 'blocked':
      return {
        headline: 'Denied: it can no longer be approved',
        next: 'Too many denials, or one with a veto. A new request may be made.',
      }
    case 'withdrawn':
      return { headline: 'Withdrawn by whoever asked', next: 'Nothing will be issued.' }
    case 'expired':
      return { headline: 'Expired: nobody can approve it any more', next: 'Ask again if it is still needed.' }
    case 'approved':
      return approvedSentences(one, at)
    case 'issuing':
      return {
        headline: `${at} is using the credential; a session may exist`,
        next: 'If nothing follows, the session dies by itself when its time is over.',
      }
    case 'granted':
      return {
        headline: `Access is granted, ${minutesWords((one.grant?.statement.payload.expires ?? now) - now - (one.grant?.statement.payload.skewMs ?? 0))} left`,
        next: `${names(one.request.payload.member).name} has the session. It ends by itself.`,
      }
    case 'ending':
      return {
        headline: 'The session is ending; not yet confirmed',
        next: 'It is confirmed when AWS refuses a call, or 5 minutes after its expiration.',
      }
    case 'ended':
      return {
        headline: 'The session has ended',
        next: one.obligations.length > 0 ? 'The case stays open until what it owes is done.' : '',
      }
  }
}

function approvedSentences(one: Case, at: string): Pick<CaseView, 'headline' | 'next'> {
  const need = one.plan?.quorum.count ?? 0
  const failed = one.attempts[0]?.failed
  if (one.attempt !== null)
    return {
      headline: `Approved: ${one.attempt.releases.length} of ${need} shares have reached ${at}`,
      next: 'Custodians’ apps release their shares by themselves. Whoever approved should keep the app open.',
    }
  if (failed)
    return { headline: 'Approved, but issuing failed', next: `${failed.payload.message} Another attempt follows.` }
  return {
    headline: 'Approved: waiting for an issuing device',
    next: 'One of the devices that may issue has to be open and unlocked.',
  }
}
