import type { Snapshot } from '../../shared/views/views.ts'
import type { CeremonyDesk } from '../ceremony/desk.ts'
import type { App } from '../store/app.ts'
import { go, type Route, toast } from '../store/view-store.ts'
import { approvalDraft, enrolStep, refusedStep, staleDraft, touchStep } from './answers.ts'
import { askedCase, grantedCase, MAY_DECIDE } from './cases.ts'
import { digestId, nameId, person, ref } from './people.ts'
import { brokenPlan, changedPlan, secondPlan } from './plans.ts'
import { aloneSnapshot, closedSnapshot, founding, generation, memberSnapshot, plan, session } from './snapshots.ts'

/** A screen in one state. */
export interface Story {
  readonly snapshot: () => Snapshot
  readonly route?: Route
  /** What happens once it is shown. */
  readonly after?: (app: App) => void
}

const ana = (changes: Partial<Snapshot> = {}) => memberSnapshot('ana', changes)
const raj = (changes: Partial<Snapshot> = {}) => memberSnapshot('raj', changes)
const caseRoute: Route = { screen: 'case', id: digestId('case ana') }
const sessionRoute: Route = { screen: 'session', id: digestId('case ana') }

const request = () => raj({ cases: [askedCase(Date.now(), { mine: MAY_DECIDE })] })
const desk = (act: (desk: CeremonyDesk) => Promise<unknown>) => (app: App) => void act(app.desk)
const inElectronOnLinux = { shell: 'electron', browserModeCommand: 'npm start -- --shell=browser' } as const
const noOrganization = { plans: [], generations: [], cases: [] }

const onDisk = (disk: Partial<Snapshot['vault']['disk']>) => {
  const { vault } = ana()
  return ana({ vault: { ...vault, disk: { ...vault.disk, ...disk } } })
}

/** A request that Ruth stopped; Kim could have, too. */
const vetoedCase = () => {
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
    mine: { ...MAY_DECIDE, mayDecide: false, whyNot: 'This case takes no more decisions.' },
  })
}

const odd = () =>
  askedCase(Date.now(), {
    mine: MAY_DECIDE,
    requester: { ...ref('ana'), name: 'Ana C\u043esta' },
    what: 'Please\u200b approve quickly \u202edrowssap\u202c, this is fine.\nSecond line.',
  })

/** Every screen by name; `stories.html#/name` shows it. */
export const stories: Readonly<Record<string, Story>> = {
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
  'ask-two-plans': {
    snapshot: () => ana({ plans: [plan('ana'), secondPlan('ana', { emergencies: ['identity-provider-down'] })] }),
    route: { screen: 'ask', plan: digestId('plan prod-root'), drill: false },
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
  'case-veto': {
    snapshot: () =>
      memberSnapshot('kim', {
        plans: [
          plan('kim', {
            veto: ['security'],
            rule: '3 of 5 custodians, at least 1 from security; a denial from security stops it',
          }),
        ],
        cases: [vetoedCase()],
      }),
    route: caseRoute,
  },
  'case-replaced': {
    snapshot: () =>
      ana({
        plans: [plan('ana', { state: 'replaced' }), changedPlan('ana', { state: 'effective' })],
        cases: [
          askedCase(Date.now(), {
            state: 'impossible',
            headline: 'This request cannot be answered',
            next: 'A newer version of its plan took its place. What is still needed has to be asked for anew, under that.',
          }),
        ],
      }),
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
  'credentials-list': {
    snapshot: () =>
      raj({
        generations: [
          generation('raj', {
            id: digestId('deposit 3'),
            generation: 3,
            state: 'dealt',
            mine: 'accept',
            seats: generation('raj').seats.map((seat, at) => ({ ...seat, accepted: at > 2, lastProof: null })),
          }),
          generation('raj'),
        ],
        plans: [plan('raj', { mustAccept: true, whyTight: 'Five people is all we are.' })],
      }),
    route: { screen: 'credentials' },
  },
  'credentials-changed': {
    snapshot: () =>
      raj({ plans: [plan('raj', { state: 'replaced' }), changedPlan('raj')], cases: [askedCase(Date.now())] }),
    route: { screen: 'credentials' },
  },
  'credentials-two-plans': {
    snapshot: () =>
      ana({
        plans: [plan('ana'), secondPlan('ana')],
        cases: [grantedCase(Date.now(), { state: 'ended' })],
      }),
    route: { screen: 'credentials' },
  },
  'credentials-left': {
    snapshot: () => raj({ plans: [brokenPlan('raj')] }),
    route: { screen: 'credentials' },
  },
  'credentials-empty': { snapshot: () => ana(noOrganization), route: { screen: 'credentials' } },
  'plan-new': { snapshot: () => ana(noOrganization), route: { screen: 'plan-form', replaces: null } },
  'plan-edit': { snapshot: () => ana(), route: { screen: 'plan-form', replaces: digestId('plan prod-root') } },
  'plan-edit-looks': {
    snapshot: () =>
      ana({
        plans: [plan('ana', { need: 4 }), secondPlan('ana', { key: null })],
        cases: [askedCase(Date.now())],
      }),
    route: { screen: 'plan-form', replaces: digestId('plan prod-root') },
  },
  'deposit-two-plans': {
    snapshot: () => ana({ plans: [plan('ana'), secondPlan('ana', { need: 2 })] }),
    route: { screen: 'deposit', plan: digestId('plan prod-root') },
  },
  'deposit-typed': { snapshot: () => ana(), route: { screen: 'deposit', plan: digestId('plan prod-root') } },
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

/** Sets a story's app going. */
export function play(story: Story, app: App): void {
  if (story.route) go(app.view, story.route)
  story.after?.(app)
}
