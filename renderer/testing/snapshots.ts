import { IDENTITY_PROVIDER_DOWN } from '../../shared/org/templates/identity-provider-down.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { RosterDraftView } from '../../shared/views/people-views.ts'
import type { GenerationView, OpeningView, PlanView } from '../../shared/views/plan-views.ts'
import type { SessionView } from '../../shared/views/session-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { digestId, everybody, nameId, person, ref, type Who } from './people.ts'

const DAY = 24 * 60 * 60_000

export const WORDS = 'ribbon canal salmon orbit velvet autumn kitchen tornado maple ladder quantum harbor'.split(' ')

/** A vault that is open, without an organization. */
export function aloneSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    number: 1,
    now: Date.now(),
    shell: 'browser',
    browserModeCommand: null,
    vault: {
      status: 'open',
      trouble: null,
      disk: { condition: 'well', detail: '', slowSince: null },
      keys: [
        { name: 'blue key', model: 'attested model ee882879-721c-4913-9775-3dfcce97072a', attested: true },
        { name: 'safe', model: 'did not prove its model', attested: false },
      ],
      deviceName: 'Ana’s laptop',
      personName: 'Ana Costa',
      organizationName: '',
      waiting: 0,
      notices: [],
      idleMinutes: 10,
      retention: '6-years',
      lockedBecause: null,
      mail: { hears: false, failure: null, count: 0, urgentSince: null },
      shareUntil: null,
    },
    me: null,
    stage: 'alone',
    organization: null,
    drafts: [],
    people: [],
    plans: [],
    generations: [],
    cases: [],
    sessions: [],
    exchange: {
      state: 'off',
      says: 'It starts when you are in an organization.',
      port: null,
      addresses: [],
      typed: [],
      peers: [],
      strangers: 0,
    },
    log: {
      entries: 0,
      removed: 0,
      cosignedBy: [],
      lastCosigned: null,
      refused: 0,
      refusals: [],
      losses: [],
      evidence: [],
    },
    outlets: [],
    relay: [],

    standing: null,
    notes: [],
    opened: null,
    reading: null,
    ...changes,
  }
}

/** An empty device, or a locked one. */
export function closedSnapshot(
  status: 'none' | 'locked' | 'damaged',
  changes: Partial<Snapshot['vault']> = {},
): Snapshot {
  const { vault, ...rest } = aloneSnapshot()
  const empty = { keys: [], deviceName: '', personName: '' }
  return {
    ...rest,
    stage: status === 'none' ? 'set-up' : 'locked',
    vault: { ...vault, status, ...(status === 'none' ? empty : { organizationName: 'Northwind Trading' }), ...changes },
  }
}

/** An unlocked app that still reads its log, with the newest cases of it. */
export function readingSnapshot(cases: readonly CaseView[]): Snapshot {
  const { vault, organization } = memberSnapshot('raj')
  return {
    ...aloneSnapshot(),
    organization,
    stage: 'reading',
    vault: { ...vault, status: 'locked' },
    cases: [...cases],
    reading: { doing: 'reading', read: 120_000, of: 1_000_000 },
  }
}

/** A member of the organization of the stories, with one plan in effect. */
export function memberSnapshot(me: Who, changes: Partial<Snapshot> = {}): Snapshot {
  const people = everybody(me)
  const self = people.find((one) => one.me)
  const alone = aloneSnapshot()
  return {
    ...alone,
    vault: { ...alone.vault, organizationName: 'Northwind Trading', personName: ref(me).name },
    stage: 'member',
    me: { ...ref(me), roles: self?.roles ?? [], groups: self?.groups ?? [] },
    organization: {
      id: digestId('organization'),
      name: 'Northwind Trading',
      roster: digestId('roster 3'),
      version: 3,
      words: WORDS,
      supported: true,
      split: null,
    },
    people,
    plans: [plan(me)],
    generations: [generation(me)],
    exchange: {
      state: 'on',
      says: 'Devices of members find each other by themselves.',
      port: 47_800,
      addresses: ['10.0.4.17:47800'],
      typed: ['10.0.7.2:47800'],
      peers: [
        {
          person: ref('raj'),
          device: digestId('device raj'),
          connected: true,
          via: '10.0.4.22:47625, found by itself',
          since: Date.now() - 3_600_000,
          mailbox: null,
          why: null,
        },
        {
          person: ref('omar'),
          device: digestId('device omar'),
          connected: false,
          via: '',
          since: Date.now() - 2_580_000,
          mailbox: null,
          why: 'its Lockbox was locked or closed, or the connection broke',
        },
        {
          person: ref('eve'),
          device: digestId('device eve'),
          connected: false,
          via: '10.0.4.31:47625, found by itself',
          since: Date.now() - 2_580_000,
          mailbox: { since: Date.now() - 2_580_000, told: 2, waiting: 0 },
          why: null,
        },
      ],
      strangers: 2,
    },
    log: {
      entries: 214,
      removed: 0,
      cosignedBy: [ref('raj'), ref('ruth'), ref('kim')],
      lastCosigned: Date.now() - 95_000,
      refused: 1,
      refusals: [],
      losses: [],
      evidence: [],
    },
    ...changes,
  }
}

/** A drill that Ruth's device issued twelve days ago. */
export function openedByDrill(): OpeningView {
  return { case: digestId('case drill'), purpose: 'drill', at: Date.now() - 12 * DAY, by: ref('ruth') }
}

/** The plan of the stories. */
export function plan(me: Who, changes: Partial<PlanView> = {}): PlanView {
  const consent = { by: [ref('ana'), ref('raj')], need: 2, met: true, mine: true }
  const made: PlanView = {
    id: digestId('plan prod-root'),
    plan: nameId('plan'),
    name: 'Identity provider down',
    state: 'effective',
    replaces: null,
    checks: [
      { level: 'good', says: 'Whoever asks, with any one custodian away, enough are left to approve.' },
      { level: 'good', says: 'Key 2 of prod-root serves this plan.' },
    ],
    key: digestId('deposit 2'),
    consent,
    by: ref('ana'),
    emergencies: ['identity-provider-down'],
    runbook: IDENTITY_PROVIDER_DOWN.runbook,
    credential: { credential: nameId('prod-root'), name: 'prod-root' },
    roleArn: 'arn:aws:iam::123456789012:role/emergency',
    sessionPolicy: null,
    regions: [
      { region: 'eu-west-1', endpoint: 'https://sts.eu-west-1.amazonaws.com' },
      { region: 'us-east-1', endpoint: 'https://sts.us-east-1.amazonaws.com' },
    ],
    externalId: null,
    chain: [],
    mfa: null,
    sessionToken: false,
    aftercare: null,
    requesters: [ref('ana'), ref('raj')],
    custodians: [ref('ana'), ref('raj'), ref('ruth'), ref('kim'), ref('omar')],
    issuers: [ref('ruth'), ref('kim'), ref('raj')],
    requesterMayIssue: false,
    need: 3,
    groups: [{ group: 'security', count: 1 }],
    veto: [],
    rule: '3 of 5 custodians, at least 1 from security',
    whyTight: '',
    durations: [900, 1800, 3600],
    witness: 'required',
    lockEndsSession: false,
    obligations: { rotationHours: 24, reviewHours: 72, drillDays: 90 },
    acceptedBy: [ref('ana'), ref('raj'), ref('ruth'), ref('kim'), ref('omar')],
    drill: { last: openedByDrill(), due: Date.now() + 78 * DAY, why: [], state: 'well' },
    mayAsk: me === 'ana' || me === 'raj',
    mustAccept: false,
    ...changes,
  }
  return made.state === 'effective' && made.key !== null ? made : { ...made, drill: null }
}

/** The key that is held. */
export function generation(me: Who, changes: Partial<GenerationView> = {}): GenerationView {
  const custodians: Who[] = ['ana', 'raj', 'ruth', 'kim', 'omar']
  return {
    id: digestId('deposit 2'),
    credential: nameId('prod-root'),
    plan: digestId('plan prod-root'),
    generation: 2,
    need: 3,
    accessKeyId: 'AKIAQ3EXAMPLE1234567',
    by: ref('raj'),
    state: 'proven',
    hasSpare: changes.state !== 'dealt',
    opened: changes.state === 'dealt' ? null : openedByDrill(),
    openedByDealer: null,
    problems: [],
    seats: custodians.map((who, at) => ({
      person: ref(who),
      index: at + 1,
      accepted: true,
      lastProof: Date.now() - (12 + at) * DAY,
      me: who === me,
    })),
    mine: 'accepted',
    ...changes,
  }
}

/** Ana's session. */
export function session(leftMs: number, changes: Partial<SessionView> = {}): SessionView {
  return {
    case: digestId('case ana'),
    accessKeyId: 'ASIAQ3EXAMPLE7K2MNOP',
    account: '123456789012',
    role: 'emergency',
    region: 'eu-west-1',
    here: true,
    leftMs,
    ends: Date.now() + leftMs,
    state: 'live',
    deniable: false,
    says: 'The session is yours until its time is over.',
    clipboardUntil: null,
    handedOut: { times: 0, last: null },
    terminal: { isOpen: false, says: null },
    profile: {
      name: 'lockbox-k3vQ9Zf1',
      text: '[profile lockbox-k3vQ9Zf1]\ncredential_process = /usr/bin/lockbox-credentials --profile=/home/ana/.local/share/lockbox --case=k3vQ9Zf1bTq0mW7yXr2LdPj5sHc8uNe4aGoI6tVxSkE\nregion = eu-west-1\n',
    },
    ...changes,
  }
}

/** The founding, as Raj sees it before he has endorsed it: nothing is known there of who has. */
export function handedOver(changes: Partial<RosterDraftView> = {}): RosterDraftView {
  const nobody = { by: [], need: 3, met: false, mine: false }
  return founding('raj', { before: nobody, after: nobody, endorsersKnown: false, ...changes })
}

/** The founding, as another founder sees it. */
export function founding(me: Who, changes: Partial<RosterDraftView> = {}): RosterDraftView {
  const consent = { by: [ref('ana')], need: 3, met: false, mine: me === 'ana' }
  return {
    id: digestId('roster 1'),
    genesis: true,
    name: 'Northwind Trading',
    by: ref('ana'),
    words: WORDS,
    people: [person('ana', me, { roles: ['admin', 'approver', 'commander'] }), person('raj', me), person('ruth', me)],
    before: consent,
    after: consent,
    endorsersKnown: true,
    overtaken: false,
    endorsedBeside: false,
    mineUnchanged: true,
    changes: [],
    plans: [],
    ...changes,
  }
}
