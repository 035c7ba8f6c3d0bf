import { describe, expect, it } from 'vitest'
import { partitionOfRegion, stsEndpoint } from '../org/aws-partition.ts'
import type { Plan } from '../statements/kinds.ts'
import { accessChecks, standingAccessChecks } from './access-checks.ts'

const at = (...regions: string[]) => regions.map((region) => ({ region, endpoint: stsEndpoint(region) }))
const role = (partition: string) => `arn:${partition}:iam::123456789012:role/emergency`
const access = (change: Partial<Plan['access']> = {}): Plan['access'] => ({
  kind: 'aws-sts',
  roleArn: role('aws'),
  sessionPolicy: null,
  regions: at('eu-west-1'),
  ...change,
})
const says = (change: Partial<Plan['access']>, durations = [900]) =>
  accessChecks({ access: access(change), durations }).map((check) => check.says)

describe('what AWS would refuse whenever it is asked', () => {
  it.each([
    ['aws', 'eu-west-1', 'https://sts.eu-west-1.amazonaws.com'],
    ['aws-us-gov', 'us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com'],
    ['aws-cn', 'cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn'],
  ])('is nothing in %s with its own regions and endpoints', (partition, region, endpoint) => {
    expect(stsEndpoint(region)).toBe(endpoint)
    expect(says({ roleArn: role(partition), regions: at(region) })).toEqual([])
  })
  it.each([
    ['a region', { regions: at('eu-west-1', 'us-gov-west-1') }, 'us-gov-west-1 in AWS GovCloud'],
    ['a role on the way', { chain: [{ roleArn: role('aws-cn') }] }, 'in AWS China'],
    [
      'the region where IAM is asked',
      {
        aftercare: {
          iam: { region: 'cn-north-1', endpoint: 'https://iam.cn-north-1.amazonaws.com.cn' },
          revoker: role('aws'),
        },
      },
      'cn-north-1 in AWS China',
    ],
    ['an MFA device', { mfa: 'arn:aws-cn:iam::123456789012:mfa/emergency' }, 'in AWS China'],
  ])('is %s of another partition', (_, change, words) => {
    expect(says(change)).toEqual([expect.stringContaining(words) as unknown])
  })
  it('is an endpoint of another region, and not one that is no address of AWS', () => {
    const [one] = at('eu-west-1')
    const endpoint = 'https://sts.us-east-1.amazonaws.com'
    expect(says({ regions: [{ region: 'eu-west-1', endpoint }] })).toEqual([
      expect.stringContaining(one?.endpoint ?? '') as unknown,
    ])
    expect(says({ regions: [{ region: 'eu-west-1', endpoint: 'https://sts.example.com' }] })).toEqual([])
  })
  it('is the global endpoint, which depends on one region', () => {
    expect(says({ regions: [{ region: 'us-east-1', endpoint: 'https://sts.amazonaws.com' }] })).toHaveLength(1)
  })
  it('is more than an hour over a role on the way', () => {
    const chain = [{ roleArn: role('aws') }]
    expect(says({ chain }, [900, 3600])).toEqual([])
    expect(says({ chain }, [900, 7200])).toEqual([expect.stringContaining('an hour at most') as unknown])
    expect(says({}, [900, 7200])).toEqual([])
  })
  it('does not stop a plan that is signed, but says to look', () => {
    const [check] = standingAccessChecks({ access: access({ regions: at('cn-north-1') }), durations: [900] })
    expect(check?.level).toBe('attention')
  })
  it('knows nothing of partitions that it does not know', () => {
    expect(['us-iso-east-1', 'us-isob-east-1', 'eusc-de-east-1'].map(partitionOfRegion)).toEqual([null, null, null])
    expect(says({ roleArn: role('aws-iso'), regions: at('us-iso-east-1') })).toEqual([])
  })
})
