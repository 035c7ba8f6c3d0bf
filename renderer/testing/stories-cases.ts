import type { CaseView } from '../../shared/views/case-views.ts'
import { QUESTION_WORDS } from '../../shared/views/review-words.ts'
import { DIFFERENCE_WORDS } from '../../shared/views/trail-words.ts'
import { approvedCase, askedCase, grantedCase, MAY_DECIDE, NO_MORE, revokingCase } from './cases.ts'
import { digestId, ref } from './people.ts'
import { memberSnapshot, session } from './snapshots.ts'
import { ana, caseRoute, pressing, raj, type Story } from './story.ts'

const MINUTE = 60_000

/** Ana's window on the wall, with her case as it is then. */
const wall = (one: (now: number) => CaseView): Story => ({
  snapshot: () => ana({ cases: [one(Date.now())] }),
  route: caseRoute,
})
/** Raj's window. */
const rajs = (one: (now: number) => CaseView): Story => ({
  snapshot: () => raj({ cases: [one(Date.now())] }),
  route: caseRoute,
})

/** A case whose session is over, as Kim sees it, who took no part in it. */
export function endedCase(now: number, changes: Partial<CaseView> = {}): CaseView {
  const { grant, ...one } = grantedCase(now - 40 * MINUTE)
  return {
    ...one,
    state: 'ended',
    headline: 'The session has ended',
    next: 'The case stays open until what it owes is done: a new key in the place of the old and a review.',
    grant: grant && { ...grant, confirmed: true, endedAt: now - 16 * MINUTE },
    times: { ...one.times, end: { at: now - 16 * MINUTE, by: ref('ana'), known: 'refused' } },
    mine: { ...NO_MORE, mayReview: true },
    ...changes,
  }
}

/** What Kim said of it. */
const review = (now: number): CaseView['reviews'][number] => ({
  id: digestId('review kim'),
  person: ref('kim'),
  at: now - 5 * MINUTE,
  classification: 'real',
  answers: [
    { question: QUESTION_WORDS.necessary, answer: 'Yes', text: 'Nobody could sign in, and a payment run was due.' },
    { question: QUESTION_WORDS.justified, answer: 'Yes', text: 'Runbook steps 1 to 4, nothing else.' },
    { question: QUESTION_WORDS.duration, answer: 'It was longer than needed', text: 'Eleven minutes would have done.' },
    { question: QUESTION_WORDS.ordinary, answer: 'No', text: '' },
    { question: QUESTION_WORDS.suspicious, answer: 'No', text: 'CloudTrail has the nine calls that were agreed.' },
  ],
  left: false,
})

/** What Raj and Kim attached of AWS's record: one reaches over less, and the other differs. */
function differing(now: number): CaseView['trail'] {
  const common = { source: 'files of a trail', grants: 1, calls: 9, refused: 2, unreached: 0, unasked: [], more: 0 }
  return {
    isMissing: false,
    attached: [
      {
        ...common,
        id: digestId('evidence kim'),
        person: ref('kim'),
        at: now - 6 * MINUTE,
        tookPart: false,
        reach: 'eu-central-1 from 2026-11-29 02:00:00 UTC to 2026-11-29 03:10:04 UTC',
        events: 11,
        seen: 1,
        notCovered: 0,
        differs: [
          {
            says: DIFFERENCE_WORDS['key-unexplained'],
            at: now - 25 * MINUTE,
            event: 'b29d5c2e-0e55-4b1c-93f1-0a5f6f0f9b11',
          },
        ],
      },
      {
        ...common,
        id: digestId('evidence raj'),
        person: ref('raj'),
        at: now - 12 * MINUTE,
        tookPart: true,
        reach: 'eu-central-1 from 2026-11-29 02:31:00 UTC to 2026-11-29 02:40:51 UTC',
        events: 9,
        seen: 0,
        notCovered: 1,
        differs: [],
      },
    ],
  }
}

/** Reviewed and closed, until somebody attached a record that differs. */
export function unseenCase(now: number): CaseView {
  const one = endedCase(now)
  return {
    ...one,
    headline: 'The session has ended, and something came to light that no review saw',
    next: 'The case stays open until what it owes is done: a review.',
    obligations: one.obligations
      .filter(({ code }) => code === 'review')
      .map((owed) => ({
        ...owed,
        since: now - 6 * MINUTE,
        due: now + 72 * 60 * MINUTE,
        says: 'Review the case again: what AWS recorded differs from it, and no review says that its author saw that',
      })),
    classification: 'real',
    reviews: [review(now - 30 * 24 * 60 * MINUTE)],
    trail: differing(now),
  }
}

/** A case from the request to its end, and every way it can stop on the way. */
export const caseStories: Readonly<Record<string, Story>> = {
  'case-asked': wall((now) => askedCase(now)),
  'case-decide': rajs((now) => askedCase(now, { mine: MAY_DECIDE })),
  'case-drill': rajs((now) =>
    askedCase(now, { mine: MAY_DECIDE, purpose: 'drill', what: 'The drill of November.', reference: '' }),
  ),
  'case-denying': {
    ...rajs((now) => askedCase(now, { mine: { ...MAY_DECIDE, veto: ['security'] } })),
    after: pressing('Deny…'),
  },
  'case-withdrawing': { ...wall((now) => askedCase(now)), after: pressing('Withdraw my request…') },
  'case-held': rajs((now) =>
    askedCase(now, { mine: { ...MAY_DECIDE, decided: 'approve', holdsShareUntil: now + 55 * MINUTE } }),
  ),
  'case-quorum': wall((now) => approvedCase(now)),
  'case-releasing': rajs((now) =>
    approvedCase(now, {
      headline: 'Approved: 2 of 3 shares have reached Ruth Díaz’s device',
      next: 'Custodians’ apps release their shares by themselves. Whoever approved should keep the app open.',
      attempt: { number: 1, issuer: ref('ruth'), expires: now + 9 * MINUTE, released: 2 },
      mine: { ...NO_MORE, decided: 'approve' },
    }),
  ),
  'case-withheld': rajs((now) => {
    const one = approvedCase(now)
    const called = { ...MAY_DECIDE, decided: 'approve' as const, holdsShareUntil: now + 55 * MINUTE }
    return {
      ...one,
      headline: 'Approved: 2 of 3 shares have reached Ruth Díaz’s device',
      next: 'Raj Patel approved and has not accepted this version of the plan: no share comes from there before. Call Raj Patel: it is accepted under Credentials.',
      attempt: { number: 1, issuer: ref('ruth'), expires: now + 9 * MINUTE, released: 2 },
      seats: one.seats.map((seat) =>
        seat.state === 'asked'
          ? { ...seat, state: 'alerted' }
          : seat.state === 'approved' && seat.person.name !== 'Raj Patel'
            ? { ...seat, state: 'released' }
            : seat,
      ),
      mine: {
        ...called,
        withheld: {
          why: 'plan-not-accepted',
          of: digestId('plan prod-root'),
          says: 'You have not accepted this version of the plan.',
        },
      },
    }
  }),
  'case-needs-touch': rajs((now) => approvedCase(now, { mine: { ...NO_MORE, decided: 'approve', needsTouch: true } })),
  'case-issuing': wall((now) =>
    approvedCase(now, {
      state: 'issuing',
      headline: 'Ruth Díaz’s device is using the credential; a session may exist',
      next: 'If nothing follows, the session dies by itself when its time is over.',
      attempt: { number: 1, issuer: ref('ruth'), expires: now + 8 * MINUTE, released: 3 },
    }),
  ),
  'case-failed': wall((now) =>
    approvedCase(now, {
      headline: 'Approved, but issuing failed',
      next: 'AWS refused the key: it is switched off in the account. Another attempt follows.',
    }),
  ),
  'case-denied-late': wall((now) => {
    const one = grantedCase(now)
    const late = { aside: 'Also denied (the grant was made without it)', asideReason: 'That was not Ana’s voice.' }
    return { ...one, seats: one.seats.map((seat) => (seat.person.name === 'Raj Patel' ? { ...seat, ...late } : seat)) }
  }),
  'case-granted': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())], sessions: [session(24 * MINUTE)] }),
    route: caseRoute,
  },
  'case-ending': wall((now) =>
    grantedCase(now, {
      state: 'ending',
      headline: 'The session is ending; not yet confirmed',
      next: 'It is confirmed when AWS refuses a call, or 5 minutes after its expiration.',
    }),
  ),
  'case-revoking': rajs(revokingCase),
  'case-revoke': {
    ...rajs((now) => {
      const one = grantedCase(now)
      return {
        ...one,
        mine: { ...one.mine, mayRevoke: [{ grant: digestId('grant'), deniable: true, confirmed: false }] },
      }
    }),
    after: pressing('End this session now…'),
  },
  'case-ended': wall((now) => {
    const { grant, ...one } = grantedCase(now - 40 * MINUTE)
    return {
      ...one,
      state: 'ended',
      headline: 'The session has ended',
      next: 'The case stays open until what it owes is done: a new key in the place of the old and a review.',
      grant: grant && { ...grant, confirmed: true, endedAt: now - 16 * MINUTE },
    }
  }),
  'case-recorded': {
    ...wall((now) => ({
      ...endedCase(now),
      recordings: [
        { id: digestId('recording'), person: ref('ana'), at: now - 20 * MINUTE, events: 6, parts: [digestId('part')] },
      ],
    })),
    after: pressing('Show the recording', 'Show to its end'),
  },
  'case-reviewing': {
    snapshot: () => memberSnapshot('kim', { cases: [endedCase(Date.now())] }),
    route: caseRoute,
    after: pressing('Review this case…'),
  },
  'case-closed': wall((now) => {
    const one = endedCase(now)
    return {
      ...one,
      headline: 'Closed: access has ended, and was reviewed as a real emergency',
      next: 'Nothing is owed any more.',
      obligations: [],
      closed: true,
      classification: 'real',
      reviews: [review(now)],
      mine: NO_MORE,
    }
  }),
  'case-ask-trail': {
    ...wall((now) => ({ ...endedCase(now), mine: NO_MORE, trail: { attached: [], isMissing: true } })),
    after: pressing('Ask CloudTrail…'),
  },
  'case-trail': wall((now) => ({ ...endedCase(now), mine: NO_MORE, trail: differing(now) })),
  'case-calls': {
    ...wall((now) => {
      const trail = differing(now)
      return { ...endedCase(now), mine: NO_MORE, trail: trail && { ...trail, attached: trail.attached.slice(0, 1) } }
    }),
    after: pressing('Show every call'),
  },
  'case-unseen': {
    snapshot: () => memberSnapshot('kim', { cases: [unseenCase(Date.now())] }),
    route: caseRoute,
  },
  'case-expired': wall((now) =>
    askedCase(now - 61 * MINUTE, {
      state: 'expired',
      headline: 'Expired: nobody can approve it any more',
      next: 'Ask again if it is still needed.',
      mine: NO_MORE,
    }),
  ),
  'case-withdrawn': wall((now) =>
    askedCase(now, {
      state: 'withdrawn',
      headline: 'Withdrawn by whoever asked',
      next: 'Nothing will be issued.',
      mine: NO_MORE,
    }),
  ),
  'case-denied': wall((now) =>
    askedCase(now, {
      state: 'blocked',
      headline: 'Denied: it can no longer be approved',
      next: 'So many denied that the others are not enough. A new request may be made.',
      seats: askedCase(now).seats.map((seat) =>
        seat.state === 'asked'
          ? { ...seat, state: 'denied', at: now - MINUTE, reason: 'Ana does not answer her phone.' }
          : seat,
      ),
      mine: NO_MORE,
    }),
  ),
  'case-code': { ...rajs((now) => askedCase(now)), after: pressing('Show as a code') },
  'case-code-whole': { ...wall((now) => askedCase(now)), after: pressing('Show as a code', 'The whole case') },
  'case-by-codes': {
    ...wall((now) => {
      const { timeline } = askedCase(now)
      const ways = ['', 'by a code of Raj’s', 'in a file of Ruth’s']
      const came = timeline.map((entry, at) => ({
        ...entry,
        came: at === 0 ? null : { how: ways[at] ?? '', at: entry.at + 40_000 },
      }))
      return askedCase(now, {
        timeline: came,
        toCarry:
          'Omar Haddad’s device is not connected. What this one said goes there as a code or a file, from the timeline below.',
      })
    }),
  },
  'case-gone': { snapshot: () => ana(), route: { screen: 'case', id: digestId('no case') } },
}
