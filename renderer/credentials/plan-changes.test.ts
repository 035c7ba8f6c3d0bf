import { describe, expect, it } from 'vitest'
import { everybody, nameId, ref } from '../testing/people.ts'
import { plan } from '../testing/snapshots.ts'
import { planChanges } from './plan-changes.ts'
import { fromPlan, saidBy } from './plan-model.ts'

const old = plan('ana')

/** Changed points as "label: -was +is", without the lines that stay. */
const said = (changes: Partial<typeof old>) =>
  planChanges(old, { ...old, ...changes }).map(
    ({ label, lines }) =>
      `${label}: ${lines
        .filter(({ is }) => is !== 'same')
        .map(({ is, text }) => `${is === 'removed' ? '-' : '+'}${text}`)
        .join(' ')}`,
  )

describe('what a new version of a plan changes', () => {
  it('is nothing where it says the same, whoever drafted it and whatever became of it', () => {
    expect(planChanges(old, plan('raj', { state: 'draft', by: ref('ruth'), acceptedBy: [], checks: [] }))).toEqual([])
  })

  it.each<[string, Partial<typeof old>]>([
    ['Name: -Identity provider down +Nobody can sign in', { name: 'Nobody can sign in' }],
    ['Counts in: +Suspected compromise', { emergencies: ['identity-provider-down', 'suspected-compromise'] }],
    ['Credential: -prod-root +prod-all', { credential: { ...old.credential, name: 'prod-all' } }],
    [
      'Credential: -prod-root (cHJvZC1yb290Li4uLi4uLg prod-root) +prod-root (ZGV2Li4uLi4uLi4uLi4uLg prod-root)',
      { credential: { credential: nameId('dev'), name: 'prod-root' } },
    ],
    [
      'AWS role: -arn:aws:iam::123456789012:role/emergency +arn:aws:iam::123456789012:role/root',
      { roleArn: 'arn:aws:iam::123456789012:role/root' },
    ],
    ['Session policy: -none: all that the role may do +{} ', { sessionPolicy: '{}' }],
    ['Regions, in order: -us-east-1  https://sts.us-east-1.amazonaws.com', { regions: old.regions.slice(0, 1) }],
    ['External id: +lockbox-7', { externalId: 'lockbox-7' }],
    [
      'Roles on the way, in order: +arn:aws:iam::123456789012:role/entry lockbox-6',
      { chain: [{ roleArn: 'arn:aws:iam::123456789012:role/entry', externalId: 'lockbox-6' }] },
    ],
    ['MFA device: +arn:aws:iam::123456789012:mfa/emergency', { mfa: 'arn:aws:iam::123456789012:mfa/emergency' }],
    ['First call: +GetSessionToken', { sessionToken: true }],
    [
      'After the session: +Role that may end a session: arn:aws:iam::123456789012:role/lockbox-revoker +Where IAM is asked: us-east-1  https://iam.amazonaws.com',
      {
        aftercare: {
          iam: { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' },
          revoker: 'arn:aws:iam::123456789012:role/lockbox-revoker',
          rotator: null,
        },
      },
    ],
    ['Durations: -15 min +4 h', { durations: [1800, 3600, 14_400] }],
    ['Who may ask: -Raj Patel +Ruth Díaz', { requesters: [ref('ana'), ref('ruth')] }],
    ['Custodians, who decide, share 1 first: -Omar Haddad', { custodians: old.custodians.slice(0, 4) }],
    ['Approvals needed: -3 +2', { need: 2 }],
    ['Of them from groups: -at least 1 from security', { groups: [] }],
    ['Veto: +one denial from security stops a request', { veto: ['security'] }],
    ['Why this tight: +We are five.', { whyTight: 'We are five.' }],
    ['May issue, in order: -Ruth Díaz +Ruth Díaz', { issuers: [ref('kim'), ref('ruth'), ref('raj')] }],
    ['The device of whoever asks: -never issues +may issue too', { requesterMayIssue: true }],
    [
      'Before the credential is touched: -another device must have the record +no other device needs the record',
      { witness: 'waived' },
    ],
    ['Locking the requester’s app: -does not end the session +ends the session', { lockEndsSession: true }],
    [
      'Due afterwards: -the credential replaced within 24 h +the credential replaced within 48 h',
      { obligations: { ...old.obligations, rotationHours: 48 } },
    ],
    ['Runbook: +0. Breathe.', { runbook: old.runbook.replace('1. Open', '0. Breathe.\n1. Open') }],
  ])('is told: %s', (expected, changes) => {
    expect(said(changes)).toEqual([expected.trim()])
  })

  it('tells two people of one name apart', () => {
    const other = { member: nameId('other'), name: 'Omar Haddad' }
    const [change] = said({ custodians: [...old.custodians.slice(0, 4), other] })
    expect(change).toContain(`-Omar Haddad (${nameId('omar')})`)
    expect(change).toContain(`+Omar Haddad (${nameId('other')})`)
  })

  it('leaves no field of a plan out', () => {
    // What a view adds to what a plan says: everything else has to be compared.
    const added = [
      'id',
      'plan',
      'replaces',
      'state',
      'checks',
      'key',
      'consent',
      'by',
      'rule',
      'acceptedBy',
      'mayAsk',
      'drill',
    ]
    const fields = Object.keys(old).filter((field) => ![...added, 'mustAccept'].includes(field))
    const other = plan('ana', {
      name: 'x',
      emergencies: [],
      runbook: 'x',
      credential: { credential: 'x', name: 'x' },
      roleArn: 'x',
      sessionPolicy: 'x',
      regions: [],
      externalId: 'x',
      chain: [{ roleArn: 'x', externalId: null }],
      mfa: 'x',
      sessionToken: true,
      aftercare: { iam: { region: 'x', endpoint: 'x' }, revoker: 'x', rotator: { roleArn: 'x', user: 'x' } },
      requesters: [],
      custodians: [],
      issuers: [],
      requesterMayIssue: true,
      need: 9,
      groups: [],
      veto: ['x'],
      whyTight: 'x',
      durations: [1],
      witness: 'waived',
      lockEndsSession: true,
      obligations: { rotationHours: 1, reviewHours: 1, drillDays: 1 },
    })
    for (const field of fields)
      expect(planChanges(old, { ...old, [field]: other[field as keyof typeof other] })).toHaveLength(1)
  })

  it('is seen while the form is filled in, the same as it will be of the draft', () => {
    const people = everybody('ana')
    const edit = fromPlan(old, people)
    expect(planChanges(old, saidBy(edit, people, old))).toEqual([])
    const next = { ...edit, need: 2, veto: ['security'], custodians: edit.custodians.slice(0, 4) }
    expect(planChanges(old, saidBy(next, people, old))).toEqual(
      planChanges(old, { ...old, need: 2, veto: ['security'], custodians: old.custodians.slice(0, 4) }),
    )
  })
})
