import { askedCase, grantedCase, vetoedCase } from './cases.ts'
import { digestId, ref } from './people.ts'
import { barelyHeld, brokenPlan, changedPeople, changedPlan, secondPlan } from './plans.ts'
import { generation, memberSnapshot, openedByDrill, plan } from './snapshots.ts'
import { ana, caseRoute, noOrganization, raj, type Story, typing } from './story.ts'

/** Plans and credentials, where they are made and where they are used. */
export const planStories: Readonly<Record<string, Story>> = {
  'ask-emergencies': {
    snapshot: () => ana({ plans: [plan('ana'), secondPlan('ana')] }),
    route: { screen: 'ask', plan: null, drill: false },
  },
  'ask-two-plans': {
    snapshot: () => ana({ plans: [plan('ana'), secondPlan('ana', { emergencies: ['identity-provider-down'] })] }),
    route: { screen: 'ask', plan: digestId('plan prod-root'), drill: false },
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
  'credentials-not-opened': {
    snapshot: () =>
      raj({
        plans: [plan('raj', { drill: changedPeople() })],
        generations: [
          generation('raj', { opened: null, openedByDealer: { ...openedByDrill(), by: ref('raj') } }),
          generation('raj', {
            id: digestId('deposit 1'),
            generation: 1,
            accessKeyId: 'AKIAQ3EXAMPLE0000001',
            state: 'retired',
            mine: 'none',
          }),
        ],
      }),
    route: { screen: 'credentials' },
  },
  'credentials-no-spare': { snapshot: () => raj(barelyHeld('raj')), route: { screen: 'credentials' } },
  'credentials-changed': {
    snapshot: () => raj({ plans: [plan('raj'), changedPlan('raj')], cases: [askedCase(Date.now())] }),
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
  'deposit-seed': {
    snapshot: () => ana({ plans: [plan('ana', { mfa: 'arn:aws:iam::444455556666:mfa/lockbox-emergency' })] }),
    route: { screen: 'deposit', plan: digestId('plan prod-root') },
  },
  'deposit-two-plans': {
    snapshot: () => ana({ plans: [plan('ana'), secondPlan('ana', { need: 2 })] }),
    route: { screen: 'deposit', plan: digestId('plan prod-root') },
  },
  'deposit-checked': {
    snapshot: () => ana(),
    route: { screen: 'deposit', plan: digestId('plan prod-root') },
    after: typing({ 'Access key id': 'AKIAQ3EXAMPLE0000003', 'Secret access key': 'x'.repeat(40) }, [
      'Check it with AWS',
    ]),
  },
  'deposit-typed': { snapshot: () => ana(), route: { screen: 'deposit', plan: digestId('plan prod-root') } },
}
