import { describe, expect, it } from 'vitest'
import { planForm } from '../../shared/ipc.ts'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import { everybody, nameId } from '../testing/people.ts'
import { plan } from '../testing/snapshots.ts'
import { formOf, formProblems, fromPlan, fromTemplate, isTight } from './plan-model.ts'

const people = everybody('ana')
const template = {
  ...PLAN_TEMPLATES[0],
  groups: [],
  durations: [900],
  need: 3,
  emergency: 'x',
  name: 'X',
  says: '',
  runbook: '',
}
const filled = {
  ...fromTemplate(template, people),
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
    expect(formOf(fromPlan(old))).toMatchObject({
      replaces: old.id,
      whyTight: 'Five people is all we are.',
      quorum: { count: 3, groups: [{ group: 'security', count: 1 }], veto: ['security'] },
      durations: [900, 1800, 3600],
      issuers: [nameId('ruth'), nameId('kim'), nameId('raj')],
    })
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
  ])('says what is wrong with %s', (_what, change, words) => {
    expect(formProblems(formOf({ ...filled, ...change })).join(' ')).toContain(words)
  })

  it('is tight when a custodian asks and one more is absent leaves too few', () => {
    expect(isTight({ ...filled, need: 3 }, people)).toBe(false)
    expect(isTight({ ...filled, need: 4 }, people)).toBe(true)
  })

  it('is tight when one absent custodian takes a needed group along', () => {
    expect(isTight({ ...filled, groups: [{ group: 'security', count: 2 }] }, people)).toBe(true)
  })
})
