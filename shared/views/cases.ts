import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { mayBeDenied, whyNoRevoke } from '../case/aftercare-duties.ts'
import { mayWithdraw, releaseDuty, reviewersOf, whyNoDecision, whyNoReview } from '../case/duties.ts'
import { outcomeOf } from '../case/outcome.ts'
import { whoCanReplace } from '../case/renewing.ts'
import { keyToReplace } from '../case/replacing.ts'
import { unseenIn } from '../case/reviews.ts'
import { endOf } from '../case/times.ts'
import {
  type Case,
  type Finding,
  type Grant,
  grantsIn,
  isClosed,
  isForNobody,
  type Obligation,
  type Review,
} from '../case/types.ts'
import { whyWithheld } from '../case/withheld.ts'
import type { Organization } from '../org/org-from.ts'
import { vetoOf } from '../org/quorum.ts'
import { emergencyName } from '../org/templates.ts'
import { CLASSIFICATIONS, QUESTIONS } from '../statements/review.ts'
import type { Came } from './arrival.ts'
import type { CaseView, ReviewView } from './case-views.ts'
import { endingView } from './ending.ts'
import { headlineOf, stillNeeded } from './headline.ts'
import type { KeptViews } from './kept-views.ts'
import { notNowWords } from './not-now.ts'
import type { Names, Reach } from './people.ts'
import type { Stands } from './proof.ts'
import { ANSWER_WORDS, QUESTION_WORDS } from './review-words.ts'
import { alreadyThere, type RotationHere, replacedBy, rotationView } from './rotation.ts'
import { decidedBy, seatsOf } from './seats.ts'
import { shownStatements } from './shown.ts'
import { timelineOf } from './timeline.ts'
import { timesViewOf } from './times.ts'
import { toCarry } from './to-carry.ts'
import { recordingsOf, trailOf } from './trail.ts'

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
  readonly stands: Stands
  readonly came: Came
  /** What this app does at AWS to deny the session of a grant, in words, or null. */
  readonly denying?: (grant: Digest) => string | null
  /** What this app knows of replacing the key of this case. */
  readonly rotation?: RotationHere | null
  /** Every case that may be under way, this one too; by default this one alone. */
  readonly cases?: readonly Case[]
  /** How many of its statements are shown one by one; all of them by default. */
  readonly most?: number
  /** What is taken over from the picture before; nothing by default. */
  readonly kept?: KeptViews
}

/** A case as the window shows it: where it stands, in words; who is who; what its owner may do. */
export function caseView(one: Case, context: CaseContext): CaseView {
  const { org, names, me, device, now, cases = [one], kept } = context
  const { payload } = one.request
  const times = () => timesViewOf(one, org.head.roster, names)
  const shown = shownStatements(one, context.most ?? Number.POSITIVE_INFINITY)
  return {
    id: one.id,
    state: one.state,
    ...headlineOf(one, context),
    toCarry: toCarry(one, context),
    purpose: payload.purpose,
    forNobody: isForNobody(one),
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
      still: stillNeeded(one, org),
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
    endings: one.endings.map((ending) => endingView(ending, one, context)),
    findings: findingLines(one.findings),
    obligations: one.obligations.map((owed) => ({
      ...owed,
      says: owedWords(owed, one),
      by: whoMay(owed.code, one, context).map(names),
    })),
    closed: isClosed(one),
    classification: one.classification,
    reviews: reviewsIn(one, names),
    rotation: rotationView(one, { org, cases, me: { member: me, device }, now, names, here: context.rotation ?? null }),
    replaces: replacedBy(one, cases, names),
    already: alreadyThere(one, { org, cases, now }, names),
    outcome: outcomeOf(one, org.head.roster),
    trail: trailOf(one, org, names),
    recordings: recordingsOf(one, names),
    times: kept === undefined ? times() : kept.timesOf(one, org, times),
    timeline: timelineOf(one, shown, { ...context, ...(kept && { lineOf: kept.lineOf }) }),
    untold: one.timeline.length - shown.length,
    refused: one.refused.length,
    mine: mineOf(one, context, me),
  }
}

/** Who may do what is owed, where that is not for everybody to say. */
function whoMay(code: Obligation['code'], one: Case, { org, cases = [one], now }: CaseContext): string[] {
  if (code === 'review') return reviewersOf(org, one)
  const grant = code === 'retire' ? keyToReplace(one) : null
  return grant === null ? [] : whoCanReplace(org, cases, grant.plan, now)
}

function grantOf(one: Case, names: Names): CaseView['grant'] {
  const { grant } = one
  if (grant === null) return null
  const { accessKeyId, expires, skewMs } = grant.statement.payload
  return {
    id: grant.id,
    issuer: names(grant.issuer),
    deposit: grant.statement.payload.basis.deposit,
    accessKeyId,
    expires,
    skewMs,
    confirmed: grant.state === 'ended',
    endedAt: grant.ends.length === 0 ? null : (endOf(one)?.at ?? null),
  }
}

/** Reviews that a picture carries: the gravest, and of these the newest. All stand in the log. */
const MOST_REVIEWS = 20

function reviewsIn({ reviews }: Case, names: Names): ReviewView[] {
  const gravity = ({ statement }: Review) => CLASSIFICATIONS.indexOf(statement.payload.classification)
  return reviews
    .toSorted((a, b) => gravity(a) - gravity(b) || b.statement.payload.time - a.statement.payload.time)
    .slice(0, MOST_REVIEWS)
    .map(({ id, statement: { payload }, left }) => ({
      id,
      person: names(payload.member),
      at: payload.time,
      classification: payload.classification,
      answers: QUESTIONS.map((question) => ({
        question: QUESTION_WORDS[question],
        answer: ANSWER_WORDS[payload[question].answer],
        text: payload[question].text,
      })),
      left,
    }))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
}

function mineOf(one: Case, { org, device, heldUntil, now }: CaseContext, me: string): CaseView['mine'] {
  const why = whyNoDecision(one, me, 'approve')
  const mayDeny = whyNoDecision(one, me, 'deny') === null
  const duty = releaseDuty(org, one, { member: me, device })
  const withheld = whyWithheld(org, one, { member: me, device })
  const whyNot = whyNoReview(org, one, { member: me, device })
  const owed = one.obligations.some(({ code }) => code === 'review')
  return {
    mayDecide: why === null,
    mayDeny,
    veto: mayDeny && one.plan !== null ? vetoOf(one.plan, org.head.roster, me) : [],
    whyNot: why === null ? null : notNowWords(why),
    mayWithdraw: mayWithdraw(one, me),
    mayRevoke: grantsIn(one)
      .filter((grant) => whyNoRevoke(org, grant, { member: me, device }, now) === null && !isDoneBy(grant, me))
      .map((grant) => ({ grant: grant.id, deniable: mayBeDenied(grant, now), confirmed: grant.state === 'ended' })),
    mayReview: whyNot === null,
    whyNoReview: owed && whyNot !== null ? notNowWords(whyNot) : null,
    decided: decidedBy(one, me),
    holdsShareUntil: heldUntil,
    needsTouch: typeof duty === 'object' && heldUntil === null,
    withheld: withheld && { ...withheld, says: notNowWords(withheld.why) },
  }
}

/** Whether that person ordered it and their own app gave AWS the deny: whatever others say, before that they may order it again. */
function isDoneBy({ revokes, revocations }: Grant, me: string): boolean {
  return [revokes, revocations].every((said) => said.some(({ payload }) => payload.member === me))
}

const OBLIGATIONS: Record<Obligation['code'], string> = {
  rotate: 'Deposit a new key in the place of the one that was used',
  'rotate-exposed': 'Deposit a new key: shares were released although nothing was granted',
  retire: 'Delete the key that was used at AWS: until then it may still work',
  review: 'Review the case',
}

function owedWords({ code }: Obligation, one: Case): string {
  if (code === 'review') return reviewOwedWords(one)
  const { purpose } = one.request.payload
  return code === 'rotate' && purpose !== 'access'
    ? `${OBLIGATIONS.rotate}: a ${purpose} uses it as well`
    : OBLIGATIONS[code]
}

/** Whoever reviewed it already has to learn why it is asked for again. */
function reviewOwedWords(one: Case): string {
  if (one.reviews.length === 0) return OBLIGATIONS.review
  const evidence = new Set(one.evidence.map(({ id }) => id))
  const unseen = unseenIn(one)
  const differs = unseen.length > 0 && unseen.every((id) => evidence.has(id))
  return differs
    ? 'Review the case again: what AWS recorded differs from it, and no review says that its author saw that'
    : 'Review the case again: no review says that its author saw all of it'
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
  'two-verdicts': 'Somebody approved and denied. The denial counts, unless a grant was made on the approval.',
  'evidence-differs':
    'Somebody compared this case with what AWS recorded, and it differs. What differs is in their evidence.',
  revoked: 'A custodian ordered the end of the session before its time.',
  'aftercare-missing':
    'Not all is there that the plan wants for ending the session and replacing the key. What lacks is said in the timeline.',
  misuse: 'A reviewer calls this case misuse.',
  'suspicious-activity': 'A reviewer saw a violation or suspicious activity. What they say of it is in their review.',
  'reviews-differ': 'Reviews differ on what this case was. The gravest word is shown; talk to those who reviewed it.',
  'reviewer-left':
    'Who reviewed this no longer stands in the organization with those keys, and no statement says that it was signed before. If in doubt, let somebody else review it too.',
}

/** A finding in words. */
export function findingWords({ code }: Finding): string {
  return FINDINGS[code]
}

/** Each finding's words once, and how many there are of it: there may be very many of one kind. */
function findingLines(findings: readonly Finding[]): string[] {
  const counts = new Map<string, number>()
  for (const finding of findings) counts.set(findingWords(finding), (counts.get(findingWords(finding)) ?? 0) + 1)
  return [...counts].map(([words, count]) => (count === 1 ? words : `${words} (${count} times)`))
}
