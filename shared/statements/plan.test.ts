import { describe, expect, it } from 'vitest'
import { planFields } from './plan.ts'

const roleArn = 'arn:aws:iam::123456789012:role/emergency'
const plain = {
  kind: 'aws-sts',
  roleArn,
  sessionPolicy: null,
  regions: [{ region: 'eu-west-1', endpoint: 'https://sts.eu-west-1.amazonaws.com' }],
}
const more = {
  externalId: 'lockbox-7',
  chain: [{ roleArn, externalId: 'lockbox-6' }, { roleArn }],
  mfa: 'arn:aws-us-gov:iam::123456789012:mfa/ops/emergency',
  sessionToken: true,
}
const isTaken = (change: object) => planFields.access.safeParse({ ...plain, ...change }).success

describe('the access of a plan', () => {
  it('is as it was before there was more to say, and leaves out what it does not say', () => {
    expect(planFields.access.parse(plain)).toEqual(plain)
  })
  it('says what the trust policies ask for', () => {
    expect(planFields.access.parse({ ...plain, ...more })).toEqual({ ...plain, ...more })
  })
  it.each([
    ['an external id of one character', { externalId: 'x' }],
    ['an external id with a space', { externalId: 'a b' }],
    ['an external id that is null', { externalId: null }],
    ['no role on the way, spelled out', { chain: [] }],
    ['four roles on the way', { chain: Array.from({ length: 4 }, () => ({ roleArn })) }],
    ['a user on the way', { chain: [{ roleArn: 'arn:aws:iam::123456789012:user/x' }] }],
    ['an MFA device that is a role', { mfa: roleArn }],
    ['a session token that is not wanted, spelled out', { sessionToken: false }],
    ['a field that nobody knows', { mfaSeed: 'GEZDGNBVGY3TQOJQ' }],
  ])('has one form: it refuses %s', (_, change) => {
    expect(isTaken(change)).toBe(false)
  })
})
