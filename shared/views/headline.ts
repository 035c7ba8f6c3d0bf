import { mayBeDenied } from '../case/aftercare-duties.ts'
import { diesAt } from '../case/grants.ts'
import { narrowLeft } from '../case/renewing.ts'
import {
  type Case,
  type Grant,
  grantsIn,
  isClosed,
  isForNobody,
  type Obligation,
  type RequestProblem,
} from '../case/types.ts'
import { stuckOn } from '../case/withheld.ts'
import type { Organization } from '../org/org-from.ts'
import { vetoOf } from '../org/quorum.ts'
import type { CaseView } from './case-views.ts'
import type { CaseContext } from './cases.ts'
import { endingSentences } from './ending.ts'
import { together } from './lists.ts'
import { minutesWords } from './minutes.ts'
import type { Names } from './people.ts'
import { CLASSIFICATION_WORDS } from './review-words.ts'
import { approvedSentences, missingWords } from './shares.ts'

/** What a request still needs, in words: "1 more, of them 1 from security"; empty when nothing. */
export function stillNeeded(one: Case, org: Organization): string {
  const { quorum } = one
  if (quorum === null) return ''
  const without = stuckOn(org, one)
  // Approvals that bring no share are no more than a number.
  if (without !== null && without.noShare.length > 0) return missingWords(without.missing)
  if (quorum.met) return ''
  return missingWords({ count: Math.max(0, quorum.need - quorum.approved.length), groups: quorum.missingGroups })
}

const PROBLEMS: Record<RequestProblem, string> = {
  'plan-unknown': 'Its plan is not here yet. Let this device meet the others.',
  'plan-not-effective': 'Its plan is not in effect: admins have to endorse it.',
  'not-allowed-to-ask': 'Whoever asked may not ask under this plan.',
  'requester-not-active': 'Whoever asked is not an active member with this device and key.',
  'emergency-not-in-plan': 'The plan does not cover this emergency.',
  'duration-not-in-plan': 'The plan does not offer this duration.',
  'rotator-not-in-plan':
    'It asks only for what may replace the key, and its plan names no role that may. The key is replaced by hand.',
  'clock-ahead': 'It comes from a device whose clock is more than 10 minutes ahead. Compare clocks.',
  'protocol-unsupported': 'Your organization uses rules that this version does not know. Update Lockbox.',
}

/** The state of a case as one plain sentence, and what happens next. */
export function headlineOf(one: Case, context: CaseContext): Pick<CaseView, 'headline' | 'next'> {
  const { names, now } = context
  if (one.grant !== null && isForNobody(one)) return rotationSentences(one, one.grant, context)
  const asked = `asked ${minutesWords(now - one.request.payload.time)} ago`
  const issuer = one.grant?.issuer ?? one.attempt?.ready.payload.member
  const at = issuer === undefined ? 'an issuing device' : `${names(issuer).name}’s device`
  switch (one.state) {
    case 'impossible':
      return { headline: 'This request cannot be answered', next: withOwed(problemWords(one, context), one) }
    case 'asked':
      return {
        headline: `Waiting for ${stillNeeded(one, context.org)} · ${asked}`,
        next: 'Approvers decide in their own apps. Call those who do not answer.',
      }
    case 'blocked':
      return {
        headline: 'Denied: it can no longer be approved',
        next: withOwed(`${blockedWords(one, context)} A new request may be made.`, one),
      }
    case 'withdrawn':
      return { headline: 'Withdrawn by whoever asked', next: withOwed('Nothing will be issued.', one) }
    case 'expired':
      return {
        headline: 'Expired: nobody can approve it any more',
        next: withOwed('Ask again if it is still needed.', one),
      }
    case 'approved':
      return approvedSentences(one, at, context)
    case 'issuing':
      return {
        headline: `${at} is using the credential; a session may exist`,
        next: 'If nothing follows, the session dies by itself when its time is over.',
      }
    case 'granted':
      return grantedSentences(one, context)
    case 'ending':
      return endingSentences(one, context)
    case 'ended':
      return endedSentences(one)
  }
}

function grantedSentences(one: Case, { names, now }: CaseContext): Pick<CaseView, 'headline' | 'next'> {
  const living = grantsIn(one).find(({ state }) => state === 'granted')
  const left = `${minutesWords(living === undefined ? 0 : diesAt(living) - now)} left`
  if (living !== undefined && living.id === one.grant?.id && living.handover === null)
    return {
      headline: `Access is granted and not handed over yet, ${left}`,
      next: `The session has not come to ${names(living.requester).name} yet: ${comingFrom(living, names)}`,
    }
  if (living?.id === one.grant?.id)
    return {
      headline: `Access is granted, ${left}`,
      next: `${names(one.request.payload.member).name} has the session. It ends by itself.`,
    }
  return {
    headline: `A second session lives, ${left}`,
    next: `It was issued for this request too, and ends by itself. ${
      living === undefined || mayBeDenied(living, now)
        ? 'A custodian can end it before.'
        : 'A custodian can order that it is wiped where it is held before; nobody can have AWS deny it.'
    }`,
  }
}

/** Whose apps have to be open so that an issued session comes to whoever asked. */
export function comingFrom({ requester, issuer }: Pick<Grant, 'requester' | 'issuer'>, names: Names): string {
  const apps = together([...new Set([requester, issuer])].map((member) => `${names(member).name}’s`))
  return requester === issuer ? `keep ${apps} app open and unlocked.` : `keep ${apps} apps open and unlocked.`
}

/** Of a rotation: whether what may replace the key was made, and that its session is nobody's. */
function rotationSentences(one: Case, grant: Grant, context: CaseContext): Pick<CaseView, 'headline' | 'next'> {
  if (isClosed(one)) return endedSentences(one)
  const lacks = grant.aftercare.map(({ payload }) => payload.lacks)
  const next = [...lacks, nobodysSession(one, context)].filter((words) => words !== '').join(' ')
  return { headline: madeWords(grant, context), next: withOwed(next, one) }
}

function madeWords({ aftercare, issuer, statement, state }: Grant, { names, now }: CaseContext): string {
  const lefts = aftercare.flatMap(({ payload: { rotator } }) =>
    rotator === null ? [] : [narrowLeft(rotator, statement, now)],
  )
  const left = Math.max(...lefts)
  if (lefts.length > 0)
    return left > 0
      ? `What may replace the key is made, and good for ${minutesWords(left)}`
      : 'What may replace the key was made, and its time is over'
  if (aftercare.length > 0) return 'What may replace the key could not be made'
  return state === 'granted'
    ? `${names(issuer).name}’s device is making what may replace the key`
    : 'Nobody said that what may replace the key was made'
}

function nobodysSession(one: Case, { now }: CaseContext): string {
  if (one.state === 'ended') return 'Nobody was given access, and its session is over.'
  const left = Math.max(...grantsIn(one).map(diesAt)) - now
  const end = left > 0 ? `dies by itself in ${minutesWords(left)}` : 'is not confirmed to be over'
  return `Nobody was given access: its session was handed to nobody, and ${end}.`
}

/** What keeps a case open. */
function owedSentence({ obligations }: Case): string {
  if (obligations.length === 0) return ''
  return `The case stays open until what it owes is done: ${together(obligations.map(({ code }) => OWED[code]))}.`
}

/** What happens next, and what keeps the case open all the same. */
function withOwed(next: string, one: Case): string {
  const light = isUnseen(one) ? `${CAME_TO_LIGHT.charAt(0).toUpperCase()}${CAME_TO_LIGHT.slice(1)}.` : ''
  return [next, light, owedSentence(one)].filter((words) => words !== '').join(' ')
}

const CAME_TO_LIGHT = 'something came to light that no review saw'

/** Whether it was reviewed, and there is more by now. */
function isUnseen({ reviews, obligations }: Case): boolean {
  return reviews.length > 0 && obligations.some(({ code }) => code === 'review')
}

/** A case is said to be closed only when nothing is owed: the key replaced and everything reviewed. */
function endedSentences(one: Case): Pick<CaseView, 'headline' | 'next'> {
  const { classification } = one
  if (isClosed(one) && classification !== null)
    return {
      headline: isForNobody(one)
        ? `Closed: the rotation was reviewed as ${CLASSIFICATION_WORDS[classification]}`
        : `Closed: access has ended, and was reviewed as ${CLASSIFICATION_WORDS[classification]}`,
      next: 'Nothing is owed any more.',
    }
  // Nobody may read "ended" where somebody found what no reviewer looked at.
  const headline = isUnseen(one) ? `The session has ended, and ${CAME_TO_LIGHT}` : 'The session has ended'
  return { headline, next: owedSentence(one) }
}

const OWED: Readonly<Record<Obligation['code'], string>> = {
  review: 'a review',
  retire: 'the used key deleted at AWS',
  rotate: 'a new key in the place of the old',
  'rotate-exposed': 'a new key in the place of the old',
}

function problemWords({ problem, request }: Case, { org }: CaseContext): string {
  if (problem === null) return ''
  const version = org.plans.find(({ id }) => id === request.payload.plan)
  if (problem === 'plan-not-effective' && version?.state === 'replaced')
    return 'A newer version of its plan took its place. What is still needed has to be asked for anew, under that.'
  if (problem === 'plan-not-effective' && version?.state === 'impossible')
    return 'Its plan cannot work any more: Credentials says why. An admin drafts a new version.'
  return PROBLEMS[problem]
}

function blockedWords({ plan, quorum }: Case, { org, names }: CaseContext): string {
  if (plan === null || quorum === null) return ''
  const vetoes = quorum.denied.flatMap((member) => {
    const groups = vetoOf(plan, org.head.roster, member)
    return groups.length === 0 ? [] : [{ name: names(member).name, groups }]
  })
  const [first] = vetoes
  if (first === undefined) return 'So many denied that the others are not enough.'
  return `${first.name} denied, and the plan gives ${together(first.groups)} a veto: one denial from there stops a request.`
}
