import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../../shared/statements/kinds.ts'
import { checkSetUpFacts } from '../../worker/protocol.ts'
import { setupOf } from './of-plans.ts'

const ARN = 'arn:aws:iam::123456789012:role/'
const STS = { region: 'eu-west-1', endpoint: 'https://sts.eu-west-1.amazonaws.com' }
const IAM = { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' }
const ROTATOR = { roleArn: `${ARN}rotator`, user: 'lockbox-emergency' }
const down: Plan['access'] = {
  kind: 'aws-sts',
  roleArn: `${ARN}down`,
  sessionPolicy: '{"Statement":[]}',
  regions: [STS],
  aftercare: { iam: IAM, revoker: `${ARN}revoker`, rotator: ROTATOR },
}

/** A plan, as far as the check heeds it. */
const planOf = (access: Partial<Plan['access']> = {}, name = 'Down', durations = [900, 3600]) =>
  ({ name, durations, access: { ...down, ...access } }) as Plan

const of = (plan: Plan, ...others: Plan[]) => {
  const setup = setupOf(plan, others)
  // What the worker would not take is no set-up.
  checkSetUpFacts.parse({ job: 'check-set-up', setup })
  return setup
}

describe('what is checked of a key', () => {
  it('is what its plan asks of AWS', () => {
    expect(of(planOf({ externalId: 'lockbox-1', mfa: 'arn:aws:iam::123456789012:mfa/x', sessionToken: true }))).toEqual(
      {
        roles: [{ arn: `${ARN}down`, seconds: 3600, externalId: 'lockbox-1', policies: ['{"Statement":[]}'] }],
        behind: [],
        regions: [STS],
        iam: IAM,
        mfa: 'arn:aws:iam::123456789012:mfa/x',
        revoker: `${ARN}revoker`,
        rotator: `${ARN}rotator`,
        user: 'lockbox-emergency',
        sessionToken: true,
        others: [],
      },
    )
  })
  it('takes IAM of the partition where a plan has no aftercare', () => {
    const { aftercare: _, ...bare } = down
    const plan = { ...planOf(), access: { ...bare, roleArn: 'arn:aws-cn:iam::123456789012:role/down' } } as Plan
    expect(of(plan)).toMatchObject({ revoker: null, rotator: null, user: null, iam: { region: 'cn-north-1' } })
  })
  it('is each role once, as long and with all the policies as any plan over the credential wants it', () => {
    const other = planOf({ sessionPolicy: '{"Statement":{}}' }, 'Lost', [7200])
    const open = planOf({ sessionPolicy: null }, 'Open', [1800])
    const far = planOf({ roleArn: `${ARN}far` }, 'Far', [900])
    expect(of(planOf(), other, open, far, planOf()).roles).toEqual([
      { arn: `${ARN}down`, seconds: 7200, externalId: null, policies: ['{"Statement":[]}', '{"Statement":{}}'] },
      { arn: `${ARN}far`, seconds: 900, externalId: null, policies: ['{"Statement":[]}'] },
    ])
  })
  it('is a role twice where plans give it other external ids', () => {
    const { roles } = of(planOf(), planOf({ externalId: 'lockbox-1' }))
    expect(roles.map(({ externalId }) => externalId)).toEqual([null, 'lockbox-1'])
  })
  it.each<[string, Partial<Plan['access']>]>([
    ['regions', { regions: [STS, { region: 'us-east-1', endpoint: 'https://sts.us-east-1.amazonaws.com' }] }],
    ['MFA device', { mfa: 'arn:aws:iam::123456789012:mfa/x' }],
    ['first step', { sessionToken: true }],
    ['revoker', { aftercare: { iam: IAM, rotator: ROTATOR } }],
  ])('names a plan with another %s, and takes nothing of it', (_, access) => {
    const other = planOf({ ...access, roleArn: `${ARN}other` }, 'Other')
    expect(of(planOf(), other)).toEqual({ ...of(planOf()), others: ['Other'] })
  })
  it('does not try a role behind another, and says so', () => {
    const chain = [{ roleArn: `${ARN}entry`, externalId: 'lockbox-2' }]
    expect(of(planOf({ chain }))).toMatchObject({ roles: [], behind: [{ arn: `${ARN}down`, over: `${ARN}entry` }] })
  })
})
