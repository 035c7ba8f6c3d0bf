import { SUSPECTED_COMPROMISE } from '../../shared/org/templates/suspected-compromise.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { digestId, nameId, ref, type Who } from './people.ts'
import { generation, openedByDrill, plan } from './snapshots.ts'

const NOBODY = { by: [ref('ana')], need: 2, met: false, mine: false }

/** A new version of the plan of the stories, which waits for endorsements. */
export function changedPlan(me: Who, changes: Partial<PlanView> = {}): PlanView {
  const old = plan(me)
  return plan(me, {
    id: digestId('plan prod-root 2'),
    replaces: old.id,
    state: 'draft',
    consent: NOBODY,
    custodians: old.custodians.slice(0, 4),
    veto: ['security'],
    rule: '3 of 4 custodians, at least 1 from security; a denial from security stops it',
    durations: [900, 1800],
    runbook: old.runbook.replace('by phone: a chat', 'on +44 20 7946 0300: a chat'),
    whyTight: 'Omar leaves at the end of the month, and nobody has joined yet.',
    checks: [
      {
        level: 'attention',
        says: 'When Ana Costa or Raj Patel asks and Ruth Díaz or Kim Sørensen is away, only 2 are left and 3 must approve. The plan says why.',
      },
      { level: 'good', says: 'Whoever asks, at least two devices may issue.' },
      { level: 'good', says: 'One denial from Ruth Díaz or Kim Sørensen (security) stops a request.' },
    ],
    key: null,
    acceptedBy: [],
    ...changes,
  })
}

/** Another plan over the same credential. */
export function secondPlan(me: Who, changes: Partial<PlanView> = {}): PlanView {
  return plan(me, {
    id: digestId('plan compromise'),
    plan: nameId('plan 2'),
    name: SUSPECTED_COMPROMISE.name,
    emergencies: [SUSPECTED_COMPROMISE.emergency],
    runbook: SUSPECTED_COMPROMISE.runbook,
    veto: ['security'],
    rule: '3 of 5 custodians, at least 1 from security; a denial from security stops it',
    checks: [
      {
        level: 'attention',
        says: 'Not accepted yet by Kim Sørensen or Omar Haddad: their apps release nothing under this version.',
      },
      { level: 'good', says: 'Key 2 of prod-root serves this plan, deposited under “Identity provider down”.' },
    ],
    acceptedBy: [ref('ana'), ref('raj'), ref('ruth')],
    ...changes,
  })
}

/** A plan of which a custodian has left. */
export function brokenPlan(me: Who): PlanView {
  return plan(me, {
    state: 'impossible',
    mayAsk: false,
    key: null,
    checks: [
      { level: 'wrong', says: 'Omar Haddad, a custodian, is not a member any more.' },
      { level: 'good', says: 'Whoever asks, at least two devices may issue.' },
    ],
  })
}

/** A drill that is due at once: people are others than at the last one. */
export function changedPeople(): PlanView['drill'] {
  const why = ['a custodian or issuer, or a device or key of theirs, is another than at the last one']
  return { last: openedByDrill(), due: Date.now() + 78 * 24 * 60 * 60_000, why, state: 'due' }
}

/** The plan and its key once Kim and Omar do not hold it any more: the others are as many as it takes. */
export function barelyHeld(me: Who): Pick<Snapshot, 'plans' | 'generations'> {
  const says =
    'Key 2 of prod-root serves this plan. Just enough custodians hold it: with one more gone nobody gets access. Deposit a new key.'
  const seats = generation(me).seats.map((seat, at) => (at < 3 ? seat : { ...seat, accepted: false, lastProof: null }))
  return {
    plans: [plan(me, { checks: [...plan(me).checks.slice(0, 1), { level: 'attention', says }] })],
    generations: [generation(me, { state: 'held', hasSpare: false, seats })],
  }
}
