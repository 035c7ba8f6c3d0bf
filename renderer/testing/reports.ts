import type { CaseFilter, CasePage, CaseRow, LogChoices } from '../../shared/views/case-log.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { ProofDetails } from '../../shared/views/proof-views.ts'
import type { CaseReport } from '../../shared/views/report-views.ts'
import type { TimesView } from '../../shared/views/times.ts'
import { entry, grantedCase } from './cases.ts'
import { digestId, everybody, nameId, ref, type Who } from './people.ts'
import { WORDS } from './snapshots.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** Times of a case that was asked then: what followed, each so long after the one before. */
function times(asked: number, by: Who, ...after: readonly (readonly [Who, number])[]): TimesView {
  let at = asked
  const steps = after.map(([who, length]) => ({ at: (at += length), by: ref(who) }))
  const [quorum = null, access = null, end = null] = steps
  return { asked: { at: asked, by: ref(by) }, quorum, access, end: end && { ...end, known: 'refused' } }
}

function row(name: string, changes: Partial<CaseRow>): CaseRow {
  return {
    id: digestId(name),
    outcome: 'granted',
    purpose: 'access',
    forNobody: false,
    requester: ref('ana'),
    plan: 'Identity provider down',
    credential: 'prod-root',
    reference: 'INC-2041',
    times: times(Date.now(), 'ana'),
    findings: 0,
    owed: 0,
    overdue: 0,
    refused: 0,
    ...changes,
  }
}

/** The cases of the organization of the stories, newest first. */
function rows(): CaseRow[] {
  const now = Date.now()
  return [
    row('case ana', {
      times: times(now - 12 * MINUTE, 'ana', ['omar', 4.6 * MINUTE], ['ruth', 84 * SECOND]),
      findings: 1,
      owed: 2,
      refused: 1,
    }),
    row('case open', {
      outcome: 'open',
      requester: ref('raj'),
      reference: 'INC-2040',
      times: times(now - 20 * MINUTE, 'raj'),
    }),
    row('case drill', {
      purpose: 'drill',
      reference: 'Q4 drill',
      times: times(now - 3 * DAY, 'raj', ['kim', 131 * SECOND], ['ruth', 41 * SECOND], ['ruth', 15 * MINUTE]),
      requester: ref('raj'),
    }),
    row('case clocks', {
      reference: 'INC-1987',
      times: times(now - 9 * DAY, 'ana', ['omar', -2 * MINUTE], ['kim', 5 * MINUTE], ['ana', 22 * MINUTE]),
      owed: 1,
      overdue: 1,
    }),
    row('case denied', { outcome: 'denied', reference: '', times: times(now - 30 * DAY, 'ana') }),
    row('case expired', {
      outcome: 'expired',
      reference: 'INC-1802',
      times: times(now - 41 * DAY, 'raj'),
      requester: ref('raj'),
    }),
    row('case withdrawn', { outcome: 'withdrawn', reference: 'INC-1790', times: times(now - 44 * DAY, 'ana') }),
    row('case failed', {
      outcome: 'failed',
      reference: 'INC-1721',
      times: times(now - 60 * DAY, 'ana', ['kim', 9 * MINUTE]),
      findings: 1,
    }),
  ]
}

/** Main's answer to a filter: by outcome, person, reference and who asked alone, which is enough to see it work. */
export function pageOf({
  outcome,
  person,
  text,
  skip,
  most,
  atHand,
}: CaseFilter & { skip: number; most: number; atHand: boolean }): CasePage {
  const found = rows().filter(
    (one) =>
      (outcome === null || one.outcome === outcome) &&
      (person === null || one.requester.member === person) &&
      `${one.reference} ${one.requester.name}`.toLowerCase().includes(text.trim().toLowerCase()),
  )
  return {
    rows: found.slice(skip, skip + most),
    total: found.length,
    // As many more, whatever the filter; here they are never shown.
    older: atHand ? 14 : 0,
  }
}

/** Whom and what the log can be narrowed to: somebody left, whose name somebody else has too. */
export function choices(): LogChoices {
  const here = everybody('eve').map(({ member, name }) => ({ member, name, left: false }))
  return {
    people: [...here, { member: nameId('the other Raj'), name: ref('raj').name, left: true }],
    plans: [{ plan: nameId('plan'), name: 'Identity provider down' }],
  }
}

/** Ana's case when it is over. */
function endedCase(): CaseView {
  const one = grantedCase(Date.now())
  const end = Date.now() - MINUTE
  return {
    ...one,
    state: 'ended',
    headline: 'Ended, confirmed',
    times: { ...one.times, end: { at: end, by: ref('ana'), known: 'refused' } },
    grant: one.grant && { ...one.grant, confirmed: true, endedAt: end },
    timeline: [
      ...one.timeline,
      entry('ana', 'ended', end, 'ended the session (“I am done”; AWS refused a call; wiped from memory)', {
        proof: 'signed by Ana Costa’s device, in no other device’s checkpoint yet',
      }),
    ],
  }
}

/** What the custodians said of it: whoever denied had approved before, and the grant was made on that. */
function decisionsIn({ seats }: CaseView): CaseReport['decisions'] {
  return seats.flatMap(({ person: { member, name }, state, at, reason }) => {
    if (at === null) return []
    const said = (verdict: 'approve' | 'deny', key: string) => ({
      id: digestId(`${verdict} ${name}`),
      member,
      verdict,
      at: verdict === 'approve' && state === 'denied' ? at - MINUTE : at,
      reason: verdict === 'deny' ? reason : '',
      proof: `with “${key}” (did not prove its model), user verified, in checkpoints of 3 other devices (Raj Patel, Ruth Díaz, Kim Sørensen), first at 2026-11-23 14:02:16 UTC by Raj Patel’s clock`,
      weight: verdict === 'deny' ? 'the grant was made without it' : '',
    })
    return state === 'denied' ? [said('approve', 'blue key'), said('deny', 'safe')] : [said('approve', 'blue key')]
  })
}

/** The report on Ana's case. */
export function report(changes: Partial<CaseView> = {}): CaseReport {
  const one = { ...endedCase(), ...changes }
  return {
    case: one,
    decisions: decisionsIn(one),
    organization: {
      id: digestId('organization'),
      name: 'Northwind Trading',
      roster: digestId('roster 3'),
      version: 3,
      words: WORDS,
    },
    ledger: {
      origin: `lockbox.localhost/${digestId('organization')}/${digestId('device eve')}`,
      size: 214,
      removed: 0,
      root: digestId('root'),
      cosigners: (['raj', 'ruth', 'kim'] as const).map((who) => ({
        person: ref(who),
        size: 213,
        at: Date.now() - 95_000,
      })),
    },
    made: { at: Date.now(), by: ref('eve'), deviceName: 'Eve’s laptop', device: digestId('device eve') },
    statements: one.timeline.map(({ id, kind, person }, at) => ({
      id,
      kind,
      person,
      device: digestId(`device ${person.name}`),
      entry: 200 + at,
    })),
    cannotConclude: [
      'That this file is unchanged: a PDF carries no signature of Lockbox. The log holds the SHA-256 of each report that was saved; export it, check it with “lockbox verify”, and compare that, the ids and the root in the appendix.',
      'That nothing was withheld. This report is made of what this device has; another device may have more.',
      'That times are right. Every time is what the clock of the device that signed it showed; lengths between two devices are no better than their clocks agree.',
      'What was done with the access. That is in the records of AWS (CloudTrail).',
    ],
  }
}

/** The proof of any statement: Raj's approval. */
export function proof(id: string): ProofDetails {
  const at = Date.now() - 10 * MINUTE
  return {
    id,
    kind: 'decision',
    person: ref('raj'),
    says: 'approved',
    at,
    stands:
      'in checkpoints of 3 other devices (Raj Patel, Ruth Díaz, Kim Sørensen), first at 2026-11-23 14:02:16 UTC by Raj Patel’s clock',
    signed: [
      { label: 'Device', value: 'Raj’s laptop' },
      { label: 'Device key (SHA-256)', value: digestId('device raj') },
      { label: 'Device signature', value: `Ed25519, checked: ${digestId('sig')}${digestId('nature')}` },
      { label: 'Security key', value: '“blue key”' },
      { label: 'Model', value: 'attested model ee882879-721c-4913-9775-3dfcce97072a' },
      {
        label: 'The key checked',
        value: 'that somebody touched it, and that person’s PIN or fingerprint (UP = 1, UV = 1)',
      },
      { label: 'It signed', value: 'this very statement: its id is the challenge' },
      { label: 'Counter of the key', value: '4711' },
    ],
    place: [
      { label: 'Statement (SHA-256)', value: id },
      { label: 'Claimed time', value: '2026-11-23 14:02:11 UTC' },
      { label: 'Came to this device', value: '2026-11-23 14:02:12 UTC, 1 s after the claimed time' },
      { label: 'In this device’s log', value: 'entry 201 of 214, counted from 0' },
      { label: 'In its author’s chain', value: 'number 17' },
      { label: 'Statement before it', value: digestId('before') },
    ],
    vouchers: (['raj', 'ruth', 'kim'] as const).map((who) => ({ person: ref(who), at: at + 5 * SECOND, size: 203 })),
    payload: JSON.stringify({ member: nameId('raj'), reason: '', request: digestId('case ana'), verdict: 'approve' }),
  }
}
