import { type Route, toast } from '../store/view-store.ts'
import { approvalDraft, longDraft, staleDraft } from './answers.ts'
import { askedCase, endingCase, grantedCase, MAY_DECIDE } from './cases.ts'
import { someOutlets } from './outlets.ts'
import { digestId, nameId, ref } from './people.ts'
import { someBrokers } from './relay.ts'
import { aloneSnapshot, founding, handedOver, memberSnapshot, session } from './snapshots.ts'
import { auditorStories } from './stories-auditor.ts'
import { caseStories } from './stories-cases.ts'
import { nowStories } from './stories-now.ts'
import { planStories } from './stories-plans.ts'
import { replacingStories } from './stories-replacing.ts'
import { startStories } from './stories-start.ts'
import { ana, atDesk, handingOver, pressing, raj, request, type Story } from './story.ts'

/** Another case of hers, with a session of its own. */
const otherCase = () =>
  grantedCase(Date.now(), {
    id: digestId('case billing'),
    credential: 'billing-admin',
    what: 'The payment export is stuck',
    reference: 'INC-4471',
  })
const sessionRoute: Route = { screen: 'session', id: digestId('case ana') }

/** Every screen by name; `?name` shows it. */
export const stories: Readonly<Record<string, Story>> = {
  ...planStories,
  ...caseStories,
  ...startStories,
  ...nowStories,
  ...replacingStories,
  'ask-start': { snapshot: () => ana(), route: { screen: 'ask', plan: null, drill: false } },
  'ask-drill': { snapshot: () => ana(), route: { screen: 'ask', plan: digestId('plan prod-root'), drill: true } },
  'ask-locked': {
    snapshot: () => {
      const snapshot = ana()
      const people = snapshot.people.map((person) =>
        person.reach?.presence === 'gone'
          ? { ...person, reach: { ...person.reach, presence: 'locked' as const, why: null } }
          : person,
      )
      return { ...snapshot, people }
    },
    route: { screen: 'ask', plan: digestId('plan prod-root'), drill: false },
  },
  'ask-second': {
    snapshot: () => ana({ cases: [askedCase(Date.now())] }),
    route: { screen: 'ask', plan: null, drill: false },
  },
  'ask-nobody': { snapshot: () => memberSnapshot('kim'), route: { screen: 'ask', plan: null, drill: false } },
  'review-approve': {
    snapshot: request,
    after: atDesk((it) =>
      it.review(
        approvalDraft,
        'Approve 30 min of prod-root for Ana Costa',
        'approve 30 min of prod-root for Ana Costa',
      ),
    ),
  },
  'review-long': {
    snapshot: request,
    after: atDesk((it) => it.review(longDraft, 'Approve 30 min of prod-root for Ana Costa', 'approve it')),
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
            headline: 'The session has ended',
            purpose: 'drill',
          }),
          askedCase(Date.now() - 3 * 86_400_000, {
            id: digestId('case 3'),
            state: 'expired',
            headline: 'Expired: nobody can approve it any more',
          }),
        ],
      }),
    route: { screen: 'cases' },
  },
  'cases-empty': { snapshot: () => ana(), route: { screen: 'cases' } },
  'session-live': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now())],
        sessions: [session(24 * 60_000 + 7_000, { clipboardUntil: Date.now() + 52_000 })],
      }),
    route: sessionRoute,
  },
  'session-refused': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now())],
        sessions: [
          session(24 * 60_000 + 7_000, {
            state: 'refused',
            says: 'Nobody ended it: what denies another one hits it too. For access now, ask under a plan with another role.',
          }),
        ],
      }),
    route: sessionRoute,
  },
  'terminal-open': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now())],
        sessions: [session(24 * 60_000, { terminal: { isOpen: true, says: null } })],
      }),
    route: { screen: 'terminal', id: digestId('case ana') },
  },
  'terminal-ended': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now())],
        sessions: [
          session(24 * 60_000, {
            terminal: {
              isOpen: false,
              says: 'The disk did not take the recording, so the shell was ended: what is not recorded does not go on. What was recorded before is kept. Make room on the disk, or use another way to the session.',
            },
          }),
        ],
      }),
    route: sessionRoute,
  },
  'session-several': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now()), otherCase()],
        sessions: [
          session(24 * 60_000 + 7_000, { handedOut: { times: 3, last: Date.now() - 90_000 } }),
          session(11 * 60_000, {
            case: digestId('case billing'),
            accessKeyId: 'ASIAQ3EXAMPLE9R4TUVW',
            role: 'billing',
          }),
        ],
      }),
    route: sessionRoute,
  },
  'session-last': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())], sessions: [session(3 * 60_000)] }),
    route: sessionRoute,
  },
  'session-done': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())], sessions: [session(24 * 60_000)] }),
    route: sessionRoute,
    after: pressing('I am done'),
  },
  'session-ending': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now(), { state: 'ending' })],
        sessions: [
          session(-8000, { state: 'ending', here: false, says: 'Lockbox asks AWS until it refuses the session.' }),
        ],
      }),
    route: sessionRoute,
  },
  'session-denying': {
    snapshot: () =>
      ana({
        cases: [endingCase(Date.now())],
        sessions: [
          session(24 * 60_000, {
            state: 'ending',
            here: false,
            deniable: true,
            says: 'You said that you are done. It waits for a device that may deny it at AWS; until then what was copied still works.',
          }),
        ],
      }),
    route: sessionRoute,
  },
  'session-ended': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now(), { state: 'ended' })],
        sessions: [session(-68_000, { state: 'ended', here: false, says: 'AWS refused a call at 14:35:08.' })],
      }),
    route: sessionRoute,
  },
  'session-none': { snapshot: () => ana(), route: sessionRoute },
  'session-unconfirmed': {
    snapshot: () =>
      ana({
        cases: [grantedCase(Date.now(), { state: 'ending' })],
        sessions: [
          session(4 * 60_000, {
            state: 'cannot-confirm',
            here: false,
            says: 'The session’s credentials are not in this app’s memory any more. It dies by itself.',
          }),
        ],
      }),
    route: sessionRoute,
  },
  'people-alone': { snapshot: () => aloneSnapshot(), route: { screen: 'people' } },
  'people-card-code': {
    snapshot: () => aloneSnapshot(),
    route: { screen: 'people' },
    after: pressing('My card…', 'Show as a code'),
  },
  'people-draft-code': {
    snapshot: () => aloneSnapshot({ stage: 'founding', drafts: [founding('raj')] }),
    route: { screen: 'people' },
    after: pressing('Show as a code'),
  },
  'people-founding': {
    snapshot: () =>
      aloneSnapshot({
        drafts: [handedOver()],
        me: { ...ref('raj'), roles: ['approver'], groups: [] },
      }),
    route: { screen: 'people' },
  },
  'people-altered': {
    snapshot: () => aloneSnapshot({ drafts: [handedOver({ mineUnchanged: false, words: null })] }),
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
  'people-beside': {
    snapshot: () => {
      const others = { by: [ref('raj')], need: 3, met: false, mine: false }
      const draft = { genesis: false, before: others, after: others }
      return ana({
        drafts: [
          founding('ana', { ...draft, id: digestId('overtaken'), changes: ['Omar Haddad leaves'], overtaken: true }),
          founding('ana', { ...draft, id: digestId('beside'), changes: ['Kim Sørensen leaves'], endorsedBeside: true }),
        ],
      })
    },
    route: { screen: 'people' },
  },
  'people-change': { snapshot: () => ana(), route: { screen: 'change-people' } },
  ...auditorStories,
  'log-evidence': {
    snapshot: () => {
      const { log } = ana()
      return ana({
        log: {
          ...log,
          losses: ['records 4711 to 4720 of the journal'],
          evidence: [
            {
              about: 'fork',
              person: ref('omar'),
              device: digestId('device omar'),
              what: 'Omar Haddad’s device signed two histories.',
              means: 'It, or a copy of it, wrote two logs that do not go on from one another. Both are kept.',
              todo: 'Call Omar, and rely on nothing that only his device says.',
              at: Date.now() - 3_600_000,
            },
          ],
        },
      })
    },
    route: { screen: 'log' },
  },
  'log-report': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())] }),
    route: { screen: 'log' },
    after: handingOver('northwind.lockbox'),
  },
  settings: { snapshot: () => ana(), route: { screen: 'settings' } },
  'settings-failed': {
    snapshot: () =>
      ana({
        exchange: { ...ana().exchange, state: 'failed', says: 'There is no network.', addresses: [], peers: [] },
      }),
    route: { screen: 'settings' },
  },
  'now-outlet-stuck': {
    snapshot: () => ana({ outlets: someOutlets() }),
    route: { screen: 'now' },
  },
  'settings-outlets': {
    snapshot: () => ana({ outlets: someOutlets() }),
    route: { screen: 'settings' },
  },
  'settings-outlet-new': {
    snapshot: () => ana(),
    after: pressing('Add an outlet'),
    route: { screen: 'settings' },
  },
  'settings-relay': {
    snapshot: () => ana({ relay: someBrokers() }),
    route: { screen: 'settings' },
  },
  'settings-relay-new': {
    snapshot: () => ana(),
    after: pressing('Add a broker'),
    route: { screen: 'settings' },
  },
  toast: { snapshot: () => ana(), after: (app) => toast(app.view, `Saved ${nameId('x')}.lockbox.`) },
}
