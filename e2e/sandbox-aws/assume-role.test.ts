import { type AssumeRoleCommandInput, GetCallerIdentityCommand, GetFederationTokenCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { ACCOUNT, EMERGENCY_ROLE, EMERGENCY_USER } from './sandbox.ts'
import { assume, sandbox, start, sts } from './testing.ts'

// The matchers are typed `any`.
const containing = (text: string): unknown => expect.stringContaining(text)
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)

const tags = [{ Key: 'lockbox:case', Value: 'x' }]
const trust = (actions: string[], principal = `arn:aws:iam::${ACCOUNT}:root`) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: principal }, Action: actions },
  })
const may = (actions: string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: actions, Resource: '*' } })

describe('who may assume the role', () => {
  const all = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
  const call = { SourceIdentity: 'alice', Tags: tags }

  it.each(all)('demands %s of the trust policy', async (action) => {
    await start({ roles: [{ ...EMERGENCY_ROLE, trust: trust(all.filter((one) => one !== action)) }] })
    await expect(assume(call)).rejects.toMatchObject({ name: 'AccessDenied', message: containing(action) })
  })
  it.each(all)("demands %s of the user's policy when the role trusts the account", async (action) => {
    await start({ users: [{ ...EMERGENCY_USER, policy: may(all.filter((one) => one !== action)) }] })
    await expect(assume(call)).rejects.toMatchObject({ name: 'AccessDenied', message: containing(action) })
  })
  it('asks for no policy of a user whom the trust policy names', async () => {
    const arn = `arn:aws:iam::${ACCOUNT}:user/${EMERGENCY_USER.name}`
    await start({ users: [{ name: EMERGENCY_USER.name }], roles: [{ ...EMERGENCY_ROLE, trust: trust(all, arn) }] })
    expect(await assume(call)).toHaveProperty('Credentials')
  })
  it('lets a deny of the user win over trust', async () => {
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } })
    await start({ users: [{ name: EMERGENCY_USER.name, policy }] })
    await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied' })
  })
  it('does not say whether a role exists', async () => {
    await start()
    await expect(assume({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/none` })).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })
  it('honours a condition on the source identity', async () => {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: all,
        Condition: { StringLike: { 'sts:SourceIdentity': 'al*' } },
      },
    })
    await start({ roles: [{ ...EMERGENCY_ROLE, trust: policy }] })
    expect(await assume({ SourceIdentity: 'alice' })).toHaveProperty('Credentials')
    await expect(assume({ SourceIdentity: 'eve' })).rejects.toMatchObject({ name: 'AccessDenied' })
  })
  it.each([
    ['sts:RoleSessionName', 'sts:TagSession'],
    ['sts:RoleSessionName', 'sts:SetSourceIdentity'],
    ['sts:SourceIdentity', 'sts:TagSession'],
    ['sts:ExternalId', 'sts:TagSession'],
    ['sts:ExternalId', 'sts:SetSourceIdentity'],
    ['aws:RequestTag/lockbox:case', 'sts:SetSourceIdentity'],
  ])('does not have %s in what it asks for %s, as AWS lists it for other actions', async (key, action) => {
    const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:root` }
    const allowing = (Action: string[], Condition: object) => ({ Effect: 'Allow', Principal, Action, Condition })
    const others = all.filter((one) => one !== action)
    const Statement = [allowing(others, {}), allowing([action], { StringLike: { [key]: '*' } })]
    await start({ roles: [{ ...EMERGENCY_ROLE, trust: JSON.stringify({ Version: '2012-10-17', Statement }) }] })
    await expect(assume({ ...call, ExternalId: 'x1' })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: containing(`not authorized to perform: ${action} on`),
    })
  })
})

describe('what AssumeRole does not take', () => {
  const padded = (length: number) => {
    const policy = { Version: '2012-10-17', Statement: [{ Sid: '', Effect: 'Allow', Action: '*', Resource: '*' }] }
    const [statement] = policy.Statement
    if (statement) statement.Sid = 'a'.repeat(length - JSON.stringify(policy).length)
    return JSON.stringify(policy)
  }
  const noisy = JSON.stringify({
    Version: '2012-10-17',
    Statement: Array.from({ length: 20 }, (_, at) => ({
      Effect: 'Allow',
      Action: 's3:Get*',
      Resource: `arn:aws:s3:::${Math.sin(at)}`,
    })),
  })
  const many = Array.from({ length: 30 }, (_, at) => ({
    Key: `k${at}`,
    Value: `${Math.sin(at)}${Math.cos(at)}${Math.tan(at)}${Math.exp(at)}`,
  }))

  it.each<[string, Partial<AssumeRoleCommandInput>, string]>([
    ['899 seconds', { DurationSeconds: 899 }, 'ValidationError'],
    ["more than the role's maximum", { DurationSeconds: 3601 }, 'ValidationError'],
    ['a session name with a space', { RoleSessionName: 'a b' }, 'ValidationError'],
    ['a session name of 65 characters', { RoleSessionName: 'a'.repeat(65) }, 'ValidationError'],
    ['a source identity with a slash', { SourceIdentity: 'a/b' }, 'ValidationError'],
    ['a source identity that begins with aws:', { SourceIdentity: 'aws:x' }, 'ValidationError'],
    ['a policy of 2049 characters', { Policy: padded(2049) }, 'ValidationError'],
    ['a policy with characters beyond Latin-1', { Policy: '{"a":"€"}' }, 'ValidationError'],
    ['a policy that is no JSON', { Policy: '{' }, 'MalformedPolicyDocument'],
    ['policy and tags that pack too large', { Policy: noisy, Tags: many }, 'PackedPolicyTooLarge'],
    [
      'a tag twice in other case',
      {
        Tags: [
          { Key: 'A', Value: '' },
          { Key: 'a', Value: '' },
        ],
      },
      'InvalidParameterValue',
    ],
    ['a tag key of AWS', { Tags: [{ Key: 'aws:x', Value: '' }] }, 'ValidationError'],
    ['a tag value with a semicolon', { Tags: [{ Key: 'x', Value: ';' }] }, 'ValidationError'],
    ['what the sandbox does not know', { TransitiveTagKeys: ['x1'] }, 'SandboxNotImplemented'],
  ])('refuses %s', async (_, change, name) => {
    await start()
    const refused = matching(new RegExp(`^${name}(Exception)?$`))
    await expect(assume(change)).rejects.toMatchObject({ name: refused, $metadata: { httpStatusCode: 400 } })
    expect(sandbox.log.at(-1)).toMatchObject({ outcome: name, issued: null })
  })
  it('takes a policy of 2048 characters', async () => {
    await start()
    expect(await assume({ Policy: padded(2048) })).toHaveProperty('Credentials')
  })
  it('refuses actions it does not implement, and says so', async () => {
    await start()
    await expect(sts().send(new GetFederationTokenCommand({ Name: 'x1' }))).rejects.toMatchObject({
      name: 'SandboxNotImplemented',
    })
  })
  it('refuses an action that AWS does not know', async () => {
    await start()
    const client = sts()
    client.middlewareStack.add(
      (next) => (args) => {
        if (typeof args.request === 'object' && args.request !== null)
          Reflect.set(args.request, 'body', 'Action=Open&Version=2011-06-15')
        return next(args)
      },
      { step: 'build', priority: 'high' },
    )
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' })
  })
})
