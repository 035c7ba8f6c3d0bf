import type { Snapshot } from '../../shared/views/views.ts'
import { askedCase, grantedCase, MAY_DECIDE, NO_MORE, revokingCase } from './cases.ts'
import { digestId, ref } from './people.ts'
import { barelyHeld, changedPeople } from './plans.ts'
import { aloneSnapshot, founding, generation, memberSnapshot, openedByDrill, plan, session } from './snapshots.ts'
import { endedCase, unseenCase } from './stories-cases.ts'
import { ana, noOrganization, raj, request, type Story } from './story.ts'

const DAY = 24 * 60 * 60_000

const onDisk = (disk: Partial<Snapshot['vault']['disk']>) => {
  const { vault } = ana()
  return ana({ vault: { ...vault, disk: { ...vault.disk, ...disk } } })
}

const changedOrganization = (changes: Partial<NonNullable<Snapshot['organization']>>) => {
  const { organization } = ana()
  return ana({ organization: organization && { ...organization, ...changes } })
}

const odd = () =>
  askedCase(Date.now(), {
    mine: MAY_DECIDE,
    requester: { ...ref('ana'), name: 'Ana C\u043esta' },
    what: 'Please\u200b approve quickly \u202edrowssap\u202c, this is fine.\nSecond line.',
  })

/** The first screen: what needs its person, and what is wrong with device, disk or organization. */
export const nowStories: Readonly<Record<string, Story>> = {
  'now-overdue': {
    snapshot: () => {
      const now = Date.now()
      const one = endedCase(now - 96 * 3_600_000)
      return memberSnapshot('kim', { cases: [{ ...one, mine: { ...one.mine, mayReview: true } }] })
    },
  },
  'now-unseen': { snapshot: () => memberSnapshot('kim', { cases: [unseenCase(Date.now())] }) },
  'now-drill-overdue': {
    snapshot: () => {
      const last = { ...openedByDrill(), at: Date.now() - 97 * DAY }
      const drill = { last, due: Date.now() - 7 * DAY, why: [], state: 'overdue' as const }
      return ana({ plans: [plan('ana', { drill })], generations: [generation('ana', { opened: null })] })
    },
  },
  'now-drill-due': {
    snapshot: () =>
      memberSnapshot('ruth', {
        plans: [plan('ruth', { drill: changedPeople(), mayAsk: false })],
        generations: [generation('ruth', { opened: null })],
      }),
  },
  'now-no-spare': { snapshot: () => raj(barelyHeld('raj')) },
  'now-older': { snapshot: () => ana({ standing: { state: 'older', met: true, logBroken: false, unread: null } }) },
  'now-copied': { snapshot: () => ana({ standing: { state: 'copied', met: false, logBroken: false, unread: null } }) },
  'now-twin': { snapshot: () => ana({ standing: { state: 'twin', met: true, logBroken: false, unread: null } }) },
  'now-meeting': {
    snapshot: () => ana({ standing: { state: 'meeting', met: false, logBroken: false, unread: null } }),
  },
  'now-log-broken': {
    snapshot: () => ana({ standing: { state: 'current', met: true, logBroken: true, unread: null } }),
  },
  'now-split': {
    snapshot: () =>
      changedOrganization({ split: 'Ana Costa and Raj Patel endorsed one list of people, Ruth Díaz another.' }),
  },
  'now-unsupported': { snapshot: () => changedOrganization({ supported: false }) },
  'now-journal': {
    snapshot: () => {
      const { vault } = ana()
      const notices = [
        { code: 'journal' as const, message: 'Record 4711 of the journal is missing, and all after it.' },
      ]
      return ana({ vault: { ...vault, notices } })
    },
  },
  'now-opened': { snapshot: () => ana({ opened: { number: 1, name: 'lockbox-2026-11-23.bundle' } }) },
  'now-forked': { snapshot: () => ana({ standing: { state: 'forked', met: true, logBroken: true, unread: null } }) },
  'now-disk-full': { snapshot: () => onDisk({ condition: 'disk-full', detail: 'the reserve is being used' }) },
  'now-disk-read-only': {
    snapshot: () => onDisk({ condition: 'read-only', detail: 'the folder is read-only (EROFS)' }),
  },
  'now-disk-not-alone': { snapshot: () => onDisk({ condition: 'not-alone', detail: '' }) },
  'now-disk-failed': { snapshot: () => onDisk({ condition: 'disk-failed', detail: 'the disk failed (EIO)' }) },
  'now-disk-slow': { snapshot: () => onDisk({ slowSince: Date.now() - 4000 }) },
  'now-alone': { snapshot: () => aloneSnapshot() },
  'now-founding': {
    snapshot: () => aloneSnapshot({ stage: 'founding', drafts: [founding('raj')] }),
  },
  'now-request-troubled': {
    snapshot: () => {
      const { vault } = raj()
      return raj({
        cases: [askedCase(Date.now(), { mine: MAY_DECIDE })],
        vault: { ...vault, disk: { ...vault.disk, condition: 'disk-full', detail: '' } },
      })
    },
  },
  'now-calm': { snapshot: () => ana() },
  'now-empty': { snapshot: () => ana(noOrganization) },
  'now-request': { snapshot: request },
  'now-odd-text': { snapshot: () => raj({ cases: [odd()] }) },
  'now-session': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())], sessions: [session(24 * 60_000)] }),
  },
  'now-ending': { snapshot: () => raj({ cases: [revokingCase(Date.now())] }) },
  'now-notes': {
    snapshot: () =>
      raj({
        cases: [
          grantedCase(Date.now(), {
            mine: { ...NO_MORE, decided: 'approve' },
          }),
        ],
        generations: [generation('raj', { mine: 'accept', state: 'held' })],
        plans: [
          plan('raj'),
          plan('raj', {
            id: digestId('plan 2'),
            state: 'draft',
            consent: { by: [ref('ana')], need: 2, met: false, mine: false },
          }),
        ],
        drafts: [founding('raj', { genesis: false, changes: ['Eve Lindqvist comes in as auditor.'] })],
        notes: [
          {
            id: 'n1',
            level: 'danger',
            what: 'Two heads of Omar’s ledger do not agree.',
            means: 'His device, or a copy of it, wrote two histories. Both are kept as proof.',
            todo: 'Call Omar, and do not rely on what only his device says.',
            at: Date.now(),
          },
          {
            id: 'n2',
            level: 'attention',
            what: 'Clocks differ by 12 minutes between you and Omar.',
            means: 'Requests of one may look expired to the other.',
            todo: 'Set the clock that is wrong.',
            at: Date.now() - 60_000,
          },
        ],
      }),
  },
}
