import { utf8 } from '../../shared/bytes.ts'
import { type DraftView, type LogEntry, NOTHING_TAKEN } from '../../shared/ipc-values.ts'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import type { CaseFilter } from '../../shared/views/case-log.ts'
import { grantedCase } from './cases.ts'
import type { Answers } from './fake-main.ts'
import { digestId, nameId, ref } from './people.ts'
import { recordedText, shellScreen } from './recording.ts'
import { choices, pageOf, proof, report } from './reports.ts'
import { setUpLines } from './set-up.ts'
import { trailCalls } from './trail-calls.ts'

const options = {
  challenge: digestId('challenge'),
  rpId: 'lockbox.localhost',
  timeout: 90_000,
  allowCredentials: [{ id: nameId('key 1'), type: 'public-key' }],
  userVerification: 'required',
  hints: ['security-key'],
  extensions: { prf: { evalByCredential: { [nameId('key 1')]: { first: digestId('salt') } } } },
}

/** The first step of a ceremony with any of the keys. */
export const touchStep = (task: 'unlock' | 'sign') => ({
  kind: 'get',
  ceremony: nameId('ceremony'),
  task,
  purpose: task,
  key: null,
  progress: { at: 1, of: 1 },
  options,
})

/** The step of the set-up in which the second key is enrolled. */
export const enrolStep = {
  kind: 'create',
  ceremony: nameId('ceremony'),
  task: 'set-up',
  purpose: 'sign',
  key: 'Backup key',
  progress: { at: 9, of: 16 },
  options: {
    rp: { id: 'lockbox.localhost', name: 'Lockbox' },
    user: { id: nameId('user'), name: 'Ana Costa', displayName: 'Ana Costa' },
    challenge: digestId('challenge'),
    pubKeyCredParams: [{ type: 'public-key', alg: -8 }],
    timeout: 90_000,
    excludeCredentials: [],
    authenticatorSelection: {
      authenticatorAttachment: 'cross-platform',
      residentKey: 'discouraged',
      requireResidentKey: false,
      userVerification: 'required',
    },
    hints: ['security-key'],
    attestation: 'direct',
    extensions: {
      prf: {},
      credProps: true,
      credentialProtectionPolicy: 'userVerificationRequired',
      enforceCredentialProtectionPolicy: false,
    },
  },
}

/** A refusal that may be retried. */
export const refusedStep = {
  kind: 'refused',
  ceremony: nameId('ceremony'),
  code: 'same-key',
  because: null,
  message: 'That is the same key. Insert your backup key “Backup key” and try again.',
  mayRetry: true,
}

/** An approval ready to be signed. */
export const approvalDraft: DraftView = {
  draft: nameId('draft'),
  kind: 'decision',
  sentence:
    'Approve 30 min of prod-root for Ana Costa because of “Identity provider down” (incident INC-2041): Okta has not answered since 13:58. Nobody can sign in to AWS; p\u0430yments\u202e are stuck.',
  rows: [
    { label: 'Reason', value: 'none' },
    { label: 'Request', value: digestId('case ana') },
    { label: 'Verdict', value: 'approve' },
  ],
  subject: {
    title: 'What that is: the request by Ana Costa',
    rows: [
      { label: 'Emergency', value: 'identity-provider-down' },
      { label: 'Plan', value: digestId('plan') },
      { label: 'Purpose', value: 'access' },
      { label: 'Recipient', value: digestId('recipient') },
      { label: 'Reference', value: 'INC-2041' },
      { label: 'Duration (seconds)', value: '1800' },
      {
        label: 'What',
        value: 'Okta has not answered since 13:58. Nobody can sign in to AWS; p\u0430yments\u202e are stuck.',
      },
    ],
  },
  place: [
    { label: 'Member', value: `Raj Patel (${nameId('raj')})` },
    { label: 'Device', value: digestId('device raj') },
    { label: 'Time', value: '2026-11-23T14:06:11.000Z (1795442771000 ms)' },
    { label: 'Organization', value: digestId('organization') },
    { label: 'Roster', value: digestId('roster 3') },
    { label: 'Number in this device’s chain', value: '17' },
    { label: 'Statement before it', value: digestId('before') },
    { label: 'This device’s ledger · size', value: '211' },
    { label: 'This device’s ledger · root', value: digestId('root') },
  ],
  text: JSON.stringify({ member: nameId('raj'), request: digestId('case ana'), verdict: 'approve' }),
  id: digestId('approval'),
}

/** An approval of a request that says as much as one may. */
export const longDraft: DraftView = {
  ...approvalDraft,
  draft: nameId('long draft'),
  sentence: `Approve 30 min of prod-root for Ana Costa because of “Identity provider down” (incident INC-2041): ${'Okta has not answered since 13:58 and nobody can sign in to AWS. '.repeat(40).slice(0, 1999)}.`,
}

/** A review ready to be signed. */
const reviewDraft: DraftView = {
  ...approvalDraft,
  draft: nameId('review draft'),
  kind: 'review',
  sentence: 'Review as a real emergency: 30 min of prod-root for Ana Costa.',
}

/** An approval whose place in the record is taken by the time its reader goes on. */
export const staleDraft: DraftView = { ...approvalDraft, draft: nameId('stale draft') }

const card = (who: 'ana' | 'raj' | 'ruth', mine: boolean) => ({
  digest: digestId(`card ${who}`),
  name: ref(who).name,
  contact: '+44 20 7946 0211',
  deviceName: `${ref(who).name.split(' ')[0]}’s laptop`,
  roles: ['approver'],
  groups: who === 'ruth' ? ['security'] : ['platform'],
  keys: ['blue key', 'safe'],
  mine,
})

function logEntries(): LogEntry[] {
  const one = grantedCase(Date.now())
  const { id, credential, requester, outcome, forNobody } = one
  const about = { credential, requester, outcome, forNobody }
  return one.timeline.map((entry, position) => ({ position, table: 'statements', entry, case: id, about })).reverse()
}

/** Bytes without a pattern, the same each time. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * at + 7 * at + (at >> 4)) % 253)
}

const file = (name: string) => () => ({ name, bytes: utf8(name) })

/** Answers to every call, as friendly as possible: ceremonies ask for a touch, drafts are the approval's. */
export const friendlyAnswers: Answers = {
  'app.save': () => true,
  'vault.setUp': () => enrolStep,
  'vault.unlock': () => touchStep('unlock'),
  'sign.start': (request) =>
    (request as { draft: string }).draft === staleDraft.draft
      ? { kind: 'moved', draft: approvalDraft }
      : touchStep('sign'),
  'ceremony.answer': () => ({ kind: 'done', ceremony: nameId('ceremony'), task: 'sign', notices: [] }),
  'people.card': file('ana-costa.join-card.json'),
  'people.readCard': () => card('raj', false),
  // As long as a card, and as a list of five people with its endorsements.
  'people.cardCode': () => ({ pack: noise(560) }),
  'people.draftCode': (request) => ({ pack: noise((request as { of: string }).of === 'mine' ? 430 : 3200) }),
  'people.cards': () => [card('ana', true), card('raj', false), card('ruth', false)],
  'people.found': () => approvalDraft,
  'people.change': () => approvalDraft,
  'people.draftFile': file('northwind.lockbox'),
  'endorse.draft': () => approvalDraft,
  'plans.templates': () => PLAN_TEMPLATES,
  'plans.draft': () => approvalDraft,
  'plans.awsTemplate': file('account.template.json'),
  'credentials.deposit': () => approvalDraft,
  'credentials.check': () => setUpLines(),
  'cases.request': () => approvalDraft,
  'cases.decide': () => approvalDraft,
  'cases.review': () => reviewDraft,
  // As long as an approval, and as a whole case.
  'exchange.writeCode': (request) => ({ pack: noise((request as { of: string }).of === 'mine' ? 424 : 4000) }),
  'relay.add': () => ({ id: 'cmVsYXktb24' }),
  'outlets.add': () => ({ id: 'c2llbS10bHM', secret: null }),
  'terminals.open': () => ({ screen: shellScreen }),
  'terminals.recording': () => ({ text: recordedText() }),
  'cases.trail': () => trailCalls(),
  'log.rows': (request) => {
    const from = (request as { from: number }).from
    const rows = logEntries().map(({ position }) => ({ position, sealed: utf8(`row ${position}`) }))
    return { rows: rows.filter(({ position }) => position >= from).reverse(), total: rows.length }
  },
  'log.open': (request) => {
    const { rows } = request as { rows: { position: number }[] }
    const wanted = new Set(rows.map(({ position }) => position))
    return { entries: logEntries().filter(({ position }) => wanted.has(position)), foreign: [] }
  },
  'log.find': () => logEntries().map(({ position }) => position),
  'log.keepFor': () => undefined,
  'log.prune': () => approvalDraft,
  'log.cases': (request) => pageOf(request as CaseFilter & { skip: number; most: number; atHand: boolean }),
  'log.choices': () => choices(),
  'log.caseReport': () => report(),
  'log.proof': (request) => proof((request as { id: string }).id),
  'log.savePdf': () => true,
  'log.export': file('lockbox-2026-11-23.bundle'),
  'log.verify': () => ({
    verdict: 'incomplete',
    text: 'Entries: 214, all well formed, every approval made with the key it names.\nCheckpoint of Ana’s laptop at 214, confirmed by 3 other devices.\n\nMissing: 2 statements that others name.\n\nWhat this cannot conclude: that nothing was withheld.',
  }),
  'exchange.writeFile': file('case-prod-root.lockbox'),
  'exchange.readFile': () => ({
    ...NOTHING_TAKEN,
    added: 3,
    known: 12,
    waiting: 1,
    who: 'Raj Patel',
    case: digestId('case ana'),
  }),
}
