import type { CaseView, SeatView, TimelineEntry } from '../../shared/views/case-views.ts'
import { digestId, ref, type Who } from './people.ts'

const MINUTE = 60_000
const WHAT =
  'Okta has not answered since 13:58 (status page confirms). Nobody can sign in to AWS; the payment queue is full and needs two hosts drained by hand.'

/** One line of a case's record. */
export function entry(
  who: Who,
  kind: string,
  at: number,
  says: string,
  changes: Partial<TimelineEntry> = {},
): TimelineEntry {
  return {
    id: digestId(`${kind} ${who} ${says.length}`),
    at,
    kind,
    person: ref(who),
    says,
    proof:
      'with “blue key” (attested model ee882879-721c-4913-9775-3dfcce97072a), user verified, in checkpoints of 3 other devices (Raj Patel, Ruth Díaz, Kim Sørensen), first at 2026-11-23 14:02:16 UTC by Raj Patel’s clock',
    came: null,
    refused: null,
    ...changes,
  }
}

const seat = (who: Who, state: SeatView['state'], at: number | null = null, groups = ['platform']): SeatView => ({
  person: ref(who),
  contact: '+44 20 7946 0211',
  groups,
  veto: false,
  state,
  at,
  reason: '',
  aside: '',
  asideReason: '',
})

/** What may be done in a case that takes no more decisions. */
export const NO_MORE: CaseView['mine'] = {
  mayDecide: false,
  mayDeny: false,
  veto: [],
  whyNot: 'This case takes no more decisions.',
  mayWithdraw: false,
  mayRevoke: [],
  mayReview: false,
  whyNoReview: null,
  decided: null,
  holdsShareUntil: null,
  needsTouch: false,
  withheld: null,
}

/** What an approver may do who has not decided. */
export const MAY_DECIDE: CaseView['mine'] = { ...NO_MORE, mayDecide: true, mayDeny: true, whyNot: null }

/** A request of Ana's that nobody has answered yet. */
export function askedCase(now: number, changes: Partial<CaseView> = {}): CaseView {
  const askedAt = now - 4 * MINUTE
  return {
    id: digestId('case ana'),
    state: 'asked',
    headline: 'Waiting for 2 more, of them 1 from security · asked 4 min ago',
    next: 'Approvers decide in their own apps. Call those who do not answer.',
    toCarry: '',
    purpose: 'access',
    forNobody: false,
    replaces: [],
    already: { by: [], onItsWay: null },
    requester: ref('ana'),
    plan: { id: digestId('plan prod-root'), name: 'Identity provider down' },
    credential: 'prod-root',
    account: 'arn:aws:iam::123456789012:role/emergency',
    emergency: 'Identity provider down',
    what: WHAT,
    reference: 'INC-2041',
    seconds: 1800,
    askedAt,
    expires: now + 56 * MINUTE,
    quorum: { have: 1, need: 3, still: '2 more, of them 1 from security', met: false },
    seats: [
      seat('ana', 'own-request'),
      seat('raj', 'approved', now - 2 * MINUTE),
      seat('ruth', 'asked', null, ['security']),
      seat('kim', 'asked', null, ['security']),
      seat('omar', 'unreachable'),
    ],
    attempt: null,
    grant: null,
    endings: [],
    rotation: null,
    outcome: 'open',
    times: { asked: { at: askedAt, by: ref('ana') }, quorum: null, access: null, end: null },
    findings: [],
    obligations: [],
    closed: false,
    classification: null,
    reviews: [],
    trail: null,
    recordings: [],
    timeline: [
      entry('ana', 'request', askedAt, 'asked for 30 min of prod-root: identity provider down (INC-2041).'),
      entry('raj', 'decision', now - 2 * MINUTE, 'approved.'),
    ],
    untold: 0,
    refused: 0,
    mine: { ...NO_MORE, whyNot: 'You asked; others decide.', mayWithdraw: true },
    ...changes,
  }
}

/** The same case with enough approvals, before anything was issued. */
export function approvedCase(now: number, changes: Partial<CaseView> = {}): CaseView {
  const one = askedCase(now)
  return {
    ...one,
    state: 'approved',
    headline: 'Approved: waiting for an issuing device',
    next: 'One of the devices that may issue has to be open and unlocked.',
    quorum: { have: 3, need: 3, still: '', met: true },
    seats: [
      seat('ana', 'own-request'),
      seat('raj', 'approved', now - 2 * MINUTE),
      seat('ruth', 'approved', now - MINUTE, ['security']),
      seat('kim', 'asked', null, ['security']),
      seat('omar', 'approved', now - 30_000),
    ],
    ...changes,
  }
}

/** The same case with a live session. */
export function grantedCase(now: number, changes: Partial<CaseView> = {}): CaseView {
  return askedCase(now, {
    state: 'granted',
    headline: 'Access is granted, 24 min left',
    next: 'Ana Costa has the session. It ends by itself.',
    quorum: { have: 3, need: 3, still: '', met: true },
    seats: [
      seat('ana', 'own-request'),
      seat('raj', 'released', now - 9 * MINUTE),
      seat('ruth', 'released', now - 8 * MINUTE, ['security']),
      { ...seat('kim', 'denied', now - 8 * MINUTE, ['security']), reason: 'I could not reach Ana by phone.' },
      seat('omar', 'released', now - 7 * MINUTE),
    ],
    mine: NO_MORE,
    attempt: { number: 1, issuer: ref('ruth'), expires: now + 2 * MINUTE, released: 3 },
    grant: {
      id: digestId('grant'),
      issuer: ref('ruth'),
      deposit: digestId('deposit 2'),
      accessKeyId: 'ASIAQ3EXAMPLE7K2MNOP',
      expires: now + 24 * MINUTE,
      skewMs: 40,
      confirmed: false,
      endedAt: null,
    },
    askedAt: now - 12 * MINUTE,
    outcome: 'granted',
    times: {
      asked: { at: now - 12 * MINUTE, by: ref('ana') },
      quorum: { at: now - 7.4 * MINUTE, by: ref('omar') },
      access: { at: now - 6 * MINUTE, by: ref('ruth') },
      end: null,
    },
    obligations: [
      {
        code: 'rotate',
        says: 'Replace the credential that was used',
        since: now - 6 * MINUTE,
        due: now + 23 * 60 * MINUTE,
        by: [],
      },
      {
        code: 'review',
        says: 'Review the case',
        since: now - 6 * MINUTE,
        due: now + 71 * 60 * MINUTE,
        by: [ref('kim')],
      },
    ],
    findings: ['Somebody denied, and the grant was made without that denial.'],
    refused: 1,
    timeline: [
      entry('ana', 'request', now - 12 * MINUTE, 'asked for 30 min of prod-root: identity provider down (INC-2041).'),
      entry('raj', 'decision', now - 10 * MINUTE, 'approved.'),
      entry('ruth', 'ready', now - 9 * MINUTE, 'made her device ready to issue, attempt 1.', {
        proof:
          'signed by Ruth Díaz’s device, in checkpoints of 3 other devices (Raj Patel, Ruth Díaz, Kim Sørensen), first at 2026-11-23 14:02:16 UTC by Raj Patel’s clock',
      }),
      entry('kim', 'decision', now - 8 * MINUTE, 'denied: “I could not reach Ana by phone.”'),
      entry('omar', 'decision', now - 8 * MINUTE + 1, 'approved.', { refused: 'the key is not in the roster' }),
      entry('ruth', 'grant', now - 6 * MINUTE, 'issued a session for 30 min.', {
        proof:
          'signed by Ruth Díaz’s device, in checkpoints of 3 other devices (Raj Patel, Ruth Díaz, Kim Sørensen), first at 2026-11-23 14:02:16 UTC by Raj Patel’s clock',
      }),
    ],
    ...changes,
  })
}

/** A request that Ruth stopped; Kim could have, too. */
export function vetoedCase(): CaseView {
  const one = askedCase(Date.now())
  return askedCase(Date.now(), {
    state: 'blocked',
    headline: 'Denied: it can no longer be approved',
    next: 'Ruth Díaz denied, and the plan gives security a veto: one denial from there stops a request. A new request may be made.',
    seats: one.seats.map((seat) => ({
      ...seat,
      veto: seat.groups.includes('security'),
      ...(seat.person.name === 'Ruth Díaz'
        ? {
            state: 'denied' as const,
            at: Date.now() - 60_000,
            reason: 'Ana is in the room with me and asked for nothing.',
          }
        : {}),
    })),
    mine: NO_MORE,
  })
}

/** A session that Ana said she is done with, and that AWS does not deny yet. */
export function endingCase(now: number, changes: Partial<CaseView> = {}): CaseView {
  return grantedCase(now, {
    state: 'ending',
    headline: 'The session is ending; not yet confirmed. It dies by itself in 24 min',
    next: 'Until AWS denies it, it may still be used. It is confirmed when AWS refuses a call, or 5 minutes after its expiration.',
    endings: [
      {
        grant: digestId('grant'),
        since: now - MINUTE,
        dies: now + 24 * MINUTE,
        expired: false,
        denied: false,
        claimed: false,
        late: false,
        says: null,
        here: null,
      },
    ],
    ...changes,
  })
}

/** The same as a custodian sees it whose device could not reach AWS. */
export function revokingCase(now: number): CaseView {
  const one = endingCase(now)
  const here =
    'This device could not deny it at AWS so far, and tries again: AWS could not be reached to deny the session, or did not answer.'
  return {
    ...one,
    endings: one.endings.map((ending) => ({ ...ending, here })),
    mine: { ...one.mine, mayRevoke: [{ grant: digestId('grant'), deniable: true, confirmed: false }] },
  }
}
