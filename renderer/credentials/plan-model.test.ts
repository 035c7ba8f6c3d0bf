import { describe, expect, it } from 'vitest'
import { planForm } from '../../shared/ipc-values.ts'
import { IDENTITY_PROVIDER_CONFIGURATION_BROKEN } from '../../shared/org/templates/identity-provider-configuration-broken.ts'
import { IDENTITY_PROVIDER_DOWN } from '../../shared/org/templates/identity-provider-down.ts'
import { SUSPECTED_COMPROMISE } from '../../shared/org/templates/suspected-compromise.ts'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import { everybody, nameId } from '../testing/people.ts'
import { plan } from '../testing/snapshots.ts'
import { editChecks } from './edit-checks.ts'
import { formOf, fromPlan, fromTemplate } from './plan-model.ts'
import { formProblems } from './plan-problems.ts'

const people = everybody('ana')
const filled = {
  ...fromTemplate(IDENTITY_PROVIDER_DOWN, people),
  durations: [15],
  credentialName: 'prod-root',
  roleArn: 'arn:aws:iam::123456789012:role/e',
}

describe('a plan being drafted', () => {
  it('starts with everybody who has the role for it', () => {
    expect(filled.requesters).toEqual([nameId('ana'), nameId('raj')])
    expect(filled.custodians).toHaveLength(5)
  })

  it('is a plan for main once name and role are filled in', () => {
    expect(planForm.safeParse(formOf(filled)).success).toBe(true)
    expect(formProblems(formOf(filled))).toEqual([])
  })

  it('keeps every field of the version it replaces', () => {
    const old = plan('ana', { whyTight: 'Five people is all we are.', veto: ['security'] })
    expect(formOf(fromPlan(old, people))).toMatchObject({
      replaces: old.id,
      whyTight: 'Five people is all we are.',
      quorum: { count: 3, groups: [{ group: 'security', count: 1 }], veto: ['security'] },
      durations: [900, 1800, 3600],
      issuers: [nameId('ruth'), nameId('kim'), nameId('raj')],
    })
  })

  it('keeps what the trust policies ask for, and leaves out what they do not', () => {
    const roleArn = 'arn:aws:iam::123456789012:role/entry'
    const mfa = 'arn:aws:iam::123456789012:mfa/emergency'
    const chain = [
      { roleArn, externalId: 'lockbox-6' },
      { roleArn, externalId: null },
    ]
    const old = plan('ana', { externalId: 'lockbox-7', chain, mfa, sessionToken: true })
    const form = formOf(fromPlan(old, people))
    const said = { externalId: 'lockbox-7', chain: [{ roleArn, externalId: 'lockbox-6' }, { roleArn }], mfa }
    expect(form.access).toMatchObject({ ...said, sessionToken: true })
    expect(planForm.safeParse(form).success).toBe(true)
    expect(Object.keys(formOf(fromPlan(plan('ana'), people)).access).sort()).toEqual([
      'kind',
      'regions',
      'roleArn',
      'sessionPolicy',
    ])
  })

  it('sends groups, emergencies and durations sorted, however they were ticked', () => {
    const groups = [
      { group: 'security', count: 1 },
      { group: 'platform', count: 1 },
    ]
    const form = formOf({ ...filled, groups, durations: [60, 15], emergencies: ['b', 'a'] })
    expect(form.quorum.groups.map(({ group }) => group)).toEqual(['platform', 'security'])
    expect(form.durations).toEqual([900, 3600])
    expect(form.emergencies).toEqual(['a', 'b'])
  })

  it.each([
    ['no role', { roleArn: '' }, 'AWS role'],
    ['a policy that is not JSON', { sessionPolicy: '{' }, 'session policy'],
    [
      'an endpoint without https',
      { regions: [{ region: 'eu-west-1', endpoint: 'http://sts.eu-west-1.amazonaws.com' }] },
      'endpoint',
    ],
    ['more approvals than custodians', { need: 6 }, 'More approvals'],
    ['an external id with a space', { externalId: 'a b' }, 'external id'],
    ['a role on the way that is none', { chain: 'entry' }, 'Roles on the way'],
    ['an MFA device that is none', { mfa: 'phone' }, 'MFA device'],
  ])('says what is wrong with %s', (_what, change, words) => {
    expect(formProblems(formOf({ ...filled, ...change })).join(' ')).toContain(words)
  })

  it.each(PLAN_TEMPLATES)(
    'from the template “$name” is a plan that can be met, with the five people of the stories',
    (one) => {
      const made = {
        ...fromTemplate(one, people),
        credentialName: 'prod-root',
        roleArn: 'arn:aws:iam::123456789012:role/e',
      }
      expect(formProblems(formOf(made))).toEqual([])
      expect(formOf(made)).toMatchObject({ emergencies: [one.emergency], runbook: one.runbook })
      const checks = editChecks(made, { people, plans: [], generations: [] })
      expect(checks.filter(({ level }) => level === 'wrong')).toEqual([])
    },
  )

  it('lets those ask whom the template prefers, and everybody who may where there are none', () => {
    const secure = people.map((one) => (one.name === 'Ruth Díaz' ? { ...one, roles: ['commander' as const] } : one))
    const made = (of: typeof people) => fromTemplate(SUSPECTED_COMPROMISE, of).requesters
    expect(made(secure)).toEqual([nameId('ruth')])
    expect(made(people)).toEqual([nameId('ana'), nameId('raj')])
  })

  it('proposes groups and vetoes that somebody is in, and no others', () => {
    const config = IDENTITY_PROVIDER_CONFIGURATION_BROKEN
    expect(fromTemplate(config, people)).toMatchObject({ groups: config.groups, veto: ['security'] })
    const nobody = people.map((one) => ({ ...one, groups: [] }))
    expect(fromTemplate(config, nobody)).toMatchObject({ groups: [], veto: [] })
  })

  it('leaves those out who left or lost the role since the version before', () => {
    const others = people.filter(({ name }) => name !== 'Kim Sørensen')
    const made = fromPlan(plan('ana'), others)
    expect(made.custodians).toEqual([nameId('ana'), nameId('raj'), nameId('ruth'), nameId('omar')])
    expect(made.issuers).toEqual([nameId('ruth'), nameId('raj')])
  })
})
