import { ListAccessKeysCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { accountTrust, EMERGENCY_ROLE, EMERGENCY_USER } from './sandbox.ts'
import { assume, iam, keysIn, sandbox, start, sts, time } from './testing.ts'

const user = { ...EMERGENCY_USER, mfaSeed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }
const role = (condition: object) => ({ ...EMERGENCY_ROLE, trust: accountTrust('aws', condition) })
const demanding = () => start({ users: [user], roles: [role({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } })] })
const code = (stepsLater = 0) => {
  const { serial, code: TokenCode } = sandbox.mfa(user.name, stepsLater)
  return { SerialNumber: serial, TokenCode }
}
const wrong = {
  name: 'AccessDenied',
  message: 'MultiFactorAuthentication failed with invalid MFA one time pass code. ',
}

describe('a trust policy that demands MFA', () => {
  it('lets nobody in without a code', async () => {
    await demanding()
    await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied' })
    expect(await assume(code())).toHaveProperty('Credentials')
  })
  it('takes a code once', async () => {
    await demanding()
    await assume(code())
    await expect(assume(code())).rejects.toMatchObject(wrong)
    time.now += 30_000
    expect(await assume(code())).toHaveProperty('Credentials')
  })
  it.each([
    ['two steps old', -2],
    ['two steps early', 2],
  ])('takes no code %s', async (_, steps) => {
    await demanding()
    await expect(assume(code(steps))).rejects.toMatchObject(wrong)
  })
  it('takes no code of another device', async () => {
    await demanding()
    await expect(assume({ ...code(), SerialNumber: 'arn:aws:iam::111122223333:mfa/other' })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('unable to validate MFA code') as unknown,
    })
  })
  it('writes no code down', async () => {
    await demanding()
    const given = code()
    await assume(given)
    expect(sandbox.log.at(-1)?.parameters).toMatchObject({ SerialNumber: given.SerialNumber })
    expect(sandbox.log.at(-1)?.parameters).not.toHaveProperty('TokenCode')
  })
  it('takes a session that was begun with a code, for more than one role', async () => {
    await demanding()
    const keys = keysIn(await sts().send(new GetSessionTokenCommand({ DurationSeconds: 900, ...code() })))
    expect(await assume({}, keys)).toHaveProperty('Credentials')
    expect(await assume({}, keys)).toHaveProperty('Credentials')
  })
  it('takes none that was begun without', async () => {
    await demanding()
    const keys = keysIn(await sts().send(new GetSessionTokenCommand({})))
    await expect(assume({}, keys)).rejects.toMatchObject({ name: 'AccessDenied' })
  })
  it('does not take the code of the role before: it is of that call alone', async () => {
    await demanding()
    const keys = keysIn(await assume(code()))
    await expect(assume({}, keys)).rejects.toMatchObject({ name: 'AccessDenied' })
  })
})

describe('a user’s session', () => {
  it('lasts 12 hours unless told otherwise', async () => {
    await start()
    const { Credentials } = await sts().send(new GetSessionTokenCommand({}))
    expect(Credentials?.Expiration?.getTime()).toBe(Math.floor(time.now / 1000 + 43_200) * 1000)
    await expect(sts().send(new GetSessionTokenCommand({ DurationSeconds: 129_601 }))).rejects.toMatchObject({
      name: 'ValidationError',
    })
  })
  it('says who it is, assumes roles, and calls nothing else of STS', async () => {
    await start()
    const keys = keysIn(await sts().send(new GetSessionTokenCommand({})))
    expect(await sts(keys).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:iam::111122223333:user/lockbox-emergency',
    })
    await expect(sts(keys).send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Cannot call GetSessionToken with session credentials',
    })
  })
  it('calls IAM only if it was begun with a code', async () => {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'iam:ListAccessKeys', Resource: '*' },
    })
    await start({ users: [{ ...user, policy }] })
    const listed = async (change: object) => {
      const keys = keysIn(await sts().send(new GetSessionTokenCommand(change)))
      return iam(keys).send(new ListAccessKeysCommand({}))
    }
    await expect(listed({})).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
    expect(await listed(code())).toMatchObject({ AccessKeyMetadata: { length: 1 } })
  })
  it('is not given to a role’s session', async () => {
    await start()
    await expect(sts(keysIn(await assume())).send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })
})

describe('an external id', () => {
  it('is asked for by the trust policy', async () => {
    await start({ roles: [role({ StringEquals: { 'sts:ExternalId': 'lockbox-7' } })] })
    expect(await assume({ ExternalId: 'lockbox-7' })).toHaveProperty('Credentials')
    await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(assume({ ExternalId: 'lockbox-8' })).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(assume({ ExternalId: 'a b' })).rejects.toMatchObject({ name: 'ValidationError' })
  })
})

describe.each([
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws-cn', 'cn-north-1'],
] as const)('the partition %s', (partition, region) => {
  it('has ARNs and regions of its own', async () => {
    await start({ partition })
    const call = { RoleArn: sandbox.roleArn, RoleSessionName: 'lb-case-1' }
    const { AssumedRoleUser } = await sts(undefined, region).send(new AssumeRoleCommand(call))
    expect(AssumedRoleUser?.Arn).toContain(`arn:${partition}:sts::`)
    expect(sandbox.iam.region).toBe(region)
    expect(
      await iam()
        .send(new ListAccessKeysCommand({}))
        .catch((error: Error) => error.name),
    ).toBe('AccessDenied')
    const foreign = new AssumeRoleCommand({ ...call, RoleArn: call.RoleArn.replace(partition, 'aws') })
    await expect(sts(undefined, region).send(foreign)).rejects.toMatchObject({ name: 'AccessDenied' })
  })
})
