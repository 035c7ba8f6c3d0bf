import type { Snapshot } from '../../shared/views/views.ts'
import type { CeremonyDesk } from '../ceremony/desk.ts'
import type { App } from '../store/app.ts'
import { type Route, toast } from '../store/view-store.ts'
import { approvalDraft, enrolStep, refusedStep, staleDraft, touchStep } from './answers.ts'
import { askedCase, grantedCase, MAY_DECIDE } from './cases.ts'
import { digestId, nameId, person, ref } from './people.ts'
import { aloneSnapshot, closedSnapshot, founding, generation, memberSnapshot, plan, session } from './snapshots.ts'
import { planStories } from './stories-plans.ts'
import { ana, caseRoute, noOrganization, raj, type Story } from './story.ts'

const sessionRoute: Route = { screen: 'session', id: digestId('case ana') }

const request = () => raj({ cases: [askedCase(Date.now(), { mine: MAY_DECIDE })] })
const desk = (act: (desk: CeremonyDesk) => Promise<unknown>) => (app: App) => void act(app.desk)
const inElectronOnLinux = { shell: 'electron', browserModeCommand: 'npm start -- --shell=browser' } as const

const onDisk = (disk: Partial<Snapshot['vault']['disk']>) => {
  const { vault } = ana()
  return ana({ vault: { ...vault, disk: { ...vault.disk, ...disk } } })
}

const odd = () =>
  askedCase(Date.now(), {
    mine: MAY_DECIDE,
    requester: { ...ref('ana'), name: 'Ana C\u043esta' },
    what: 'Please\u200b approve quickly \u202edrowssap\u202c, this is fine.\nSecond line.',
  })

/** Every screen by name; `stories.html#/name` shows it. */
export const stories: Readonly<Record<string, Story>> = {
  ...planStories,
  'setup-start': { snapshot: () => closedSnapshot('none') },
  'setup-cannot-ask-pin': { snapshot: () => ({ ...closedSnapshot('none'), ...inElectronOnLinux }) },
  'setup-touch': {
    snapshot: () => closedSnapshot('none'),
    after: desk((it) => it.run(Promise.resolve(enrolStep as never), { doing: 'enrol it', draft: null })),
  },
  'setup-refused': {
    snapshot: () => closedSnapshot('none'),
    after: desk((it) => it.run(Promise.resolve(refusedStep as never), { doing: 'enrol it', draft: null })),
  },
  'unlock-idle': { snapshot: () => closedSnapshot('locked', { waiting: 2, lockedBecause: 'idle' }) },
  'unlock-cannot-ask-pin': { snapshot: () => ({ ...closedSnapshot('locked'), ...inElectronOnLinux }) },
  'unlock-touch': {
    snapshot: () => closedSnapshot('locked', { lockedBecause: 'start' }),
    after: desk((it) =>
      it.run(Promise.resolve(touchStep('unlock') as never), { doing: 'unlock Lockbox', draft: null }),
    ),
  },
  'unlock-notice': {
    snapshot: () =>
      closedSnapshot('locked', {
        notices: [
          {
            code: 'counter-drop',
            message: 'The counter of “blue key” went back. It may have been copied; use “safe” and tell your admins.',
          },
        ],
      }),
  },
  damaged: { snapshot: () => closedSnapshot('damaged') },
  'damaged-newer': {
    snapshot: () =>
      closedSnapshot('damaged', {
        trouble: {
          code: 'newer-version',
          detail: 'the vault file has version 2 of its format; this Lockbox knows version 1',
        },
      }),
  },
  'now-older': { snapshot: () => ana({ standing: { state: 'older', met: true, logBroken: false } }) },
  'now-copied': { snapshot: () => ana({ standing: { state: 'copied', met: false, logBroken: false } }) },
  'now-forked': { snapshot: () => ana({ standing: { state: 'forked', met: true, logBroken: true } }) },
  'now-disk-full': { snapshot: () => onDisk({ condition: 'disk-full', detail: 'the reserve is being used' }) },
  'now-disk-failed': { snapshot: () => onDisk({ condition: 'disk-failed', detail: 'the disk failed (EIO)' }) },
  'now-disk-slow': { snapshot: () => onDisk({ slowSince: Date.now() - 4000 }) },
  'now-alone': { snapshot: () => aloneSnapshot() },
  'now-calm': { snapshot: () => ana() },
  'now-empty': { snapshot: () => ana(noOrganization) },
  'now-request': { snapshot: request },
  'now-odd-text': { snapshot: () => raj({ cases: [odd()] }) },
  'now-session': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())], sessions: [session(24 * 60_000)] }),
  },
  'now-notes': {
    snapshot: () =>
      raj({
        cases: [
          grantedCase(Date.now(), {
            mine: { ...MAY_DECIDE, mayDecide: false, decided: 'approve', whyNot: 'This case takes no more decisions.' },
          }),
        ],
        generations: [generation('raj', { mine: 'accept', state: 'dealt' })],
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
  'ask-start': { snapshot: () => ana(), route: { screen: 'ask', plan: null, drill: false } },
  'ask-drill': { snapshot: () => ana(), route: { screen: 'ask', plan: digestId('plan prod-root'), drill: true } },
  'ask-second': {
    snapshot: () => ana({ cases: [askedCase(Date.now())] }),
    route: { screen: 'ask', plan: null, drill: false },
  },
  'ask-nobody': { snapshot: () => memberSnapshot('kim'), route: { screen: 'ask', plan: null, drill: false } },
  'review-approve': {
    snapshot: request,
    after: desk((it) =>
      it.review(
        approvalDraft,
        'Approve 30 min of prod-root for Ana Costa',
        'approve 30 min of prod-root for Ana Costa',
      ),
    ),
  },
  'review-moved': {
    snapshot: request,
    after: (app) => {
      void app.desk.review(
        staleDraft,
        'Approve 30 min of prod-root for Ana Costa',
        'approve 30 min of prod-root for Ana Costa',
      )
      app.desk.proceed()
    },
  },
  'touch-approve': {
    snapshot: request,
    after: (app) => {
      void app.desk.review(
        approvalDraft,
        'Approve 30 min of prod-root for Ana Costa',
        'approve 30 min of prod-root for Ana Costa',
      )
      app.desk.proceed()
    },
  },
  'cases-list': {
    snapshot: () =>
      raj({
        cases: [
          askedCase(Date.now(), { mine: MAY_DECIDE }),
          grantedCase(Date.now() - 86_400_000, {
            id: digestId('case 2'),
            state: 'ended',
            headline: 'Ended, AWS refused a call at 14:32:08',
            purpose: 'drill',
          }),
          askedCase(Date.now() - 3 * 86_400_000, {
            id: digestId('case 3'),
            state: 'expired',
            headline: 'Expired without enough approvals',
          }),
        ],
      }),
    route: { screen: 'cases' },
  },
  'cases-empty': { snapshot: () => ana(), route: { screen: 'cases' } },
  'case-asked': { snapshot: () => ana({ cases: [askedCase(Date.now())] }), route: caseRoute },
  'case-decide': { snapshot: request, route: caseRoute },
  'case-granted': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())], sessions: [session(24 * 60_000)] }),
    route: caseRoute,
  },
  'case-held': {
    snapshot: () =>
      raj({
        cases: [
          askedCase(Date.now(), {
            mine: { ...MAY_DECIDE, decided: 'approve', holdsShareUntil: Date.now() + 55 * 60_000, whyNot: null },
          }),
        ],
      }),
    route: caseRoute,
  },
  'session-live': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now())],
        sessions: [session(24 * 60_000 + 7_000, { clipboardUntil: Date.now() + 52_000 })],
      }),
    route: sessionRoute,
  },
  'session-last': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())], sessions: [session(3 * 60_000)] }),
    route: sessionRoute,
  },
  'session-unconfirmed': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now(), { state: 'ending' })],
        sessions: [
          session(4 * 60_000, {
            state: 'cannot-confirm',
            here: false,
            says: 'AWS cannot be asked now; it dies by itself at 15:00.',
          }),
        ],
      }),
    route: sessionRoute,
  },
  'people-alone': { snapshot: () => aloneSnapshot(), route: { screen: 'people' } },
  'people-founding': {
    snapshot: () =>
      aloneSnapshot({
        stage: 'founding',
        drafts: [founding('raj')],
        me: { ...ref('raj'), roles: ['approver'], groups: [] },
      }),
    route: { screen: 'people' },
  },
  'people-altered': {
    snapshot: () =>
      aloneSnapshot({ stage: 'founding', drafts: [founding('raj', { mineUnchanged: false, words: null })] }),
    route: { screen: 'people' },
  },
  'people-members': { snapshot: () => ana(), route: { screen: 'people' } },
  'people-leaving': {
    snapshot: () =>
      ana({
        drafts: [
          founding('ana', {
            genesis: false,
            changes: ['Omar Haddad leaves'],
            plans: [
              'Nobody could ask under “Identity provider down” any more: Omar Haddad, a custodian, is not a member any more.',
            ],
          }),
        ],
      }),
    route: { screen: 'people' },
  },
  'people-change': { snapshot: () => ana(), route: { screen: 'change-people' } },
  'log-entries': { snapshot: () => ana({ cases: [grantedCase(Date.now())] }), route: { screen: 'log' } },
  settings: { snapshot: () => ana({ people: [person('ana', 'ana')] }), route: { screen: 'settings' } },
  toast: { snapshot: () => ana(), after: (app) => toast(app.view, `Saved ${nameId('x')}.lbx.`) },
}
