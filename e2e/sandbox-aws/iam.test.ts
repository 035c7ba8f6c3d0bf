import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  DeleteRolePolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAccessKeysCommand,
  ListGroupsForUserCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { FAULT_TABLE } from './faults.ts'
import { ACCOUNT, EMERGENCY_ROLE, EMERGENCY_USER, ROLE_NAME } from './sandbox.ts'
import { assume, iam, keysIn, sandbox, start, sts } from './testing.ts'

const allow = (Action: string | string[], Resource: string | string[] = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })
const OWN_KEYS = ['iam:ListAccessKeys', 'iam:CreateAccessKey', 'iam:UpdateAccessKey', 'iam:DeleteAccessKey']
const rotating = {
  name: EMERGENCY_USER.name,
  policy: allow([...OWN_KEYS, 'iam:GetAccessKeyLastUsed'], `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`),
}
const begin = () => start({ users: [rotating] })
const create = () => iam().send(new CreateAccessKeyCommand({}))
const list = async () => (await iam().send(new ListAccessKeysCommand({}))).AccessKeyMetadata ?? []

describe('access keys', () => {
  it('are created, work, are listed with their age, turned off and deleted', async () => {
    await begin()
    const { AccessKey: made } = await create()
    expect(made).toMatchObject({ UserName: rotating.name, Status: 'Active' })
    const keys = { accessKeyId: made?.AccessKeyId ?? '', secretAccessKey: made?.SecretAccessKey ?? '' }
    expect(await sts(keys).send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: ACCOUNT })
    expect((await list()).map((one) => one.AccessKeyId)).toEqual([sandbox.accessKey.accessKeyId, keys.accessKeyId])

    const AccessKeyId = keys.accessKeyId
    await iam().send(new UpdateAccessKeyCommand({ AccessKeyId, Status: 'Inactive' }))
    await expect(sts(keys).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    })
    expect((await list())[1]).toMatchObject({ Status: 'Inactive' })
    await iam().send(new DeleteAccessKeyCommand({ AccessKeyId }))
    expect(await list()).toHaveLength(1)
    await expect(iam().send(new DeleteAccessKeyCommand({ AccessKeyId }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      $metadata: { httpStatusCode: 404 },
    })
  })
  it('are two at most, one that is off counted', async () => {
    await begin()
    const { AccessKey } = await create()
    await iam().send(new UpdateAccessKeyCommand({ AccessKeyId: AccessKey?.AccessKeyId, Status: 'Inactive' }))
    await expect(create()).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for AccessKeysPerUser: 2',
      $metadata: { httpStatusCode: 409 },
    })
  })
  it('say when they were last used, and where', async () => {
    await begin()
    const AccessKeyId = sandbox.accessKey.accessKeyId
    const used = () => iam().send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))
    await sts().send(new GetCallerIdentityCommand({}))
    expect((await used()).AccessKeyLastUsed).toMatchObject({ ServiceName: 'iam', Region: 'us-east-1' })
  })
  it('are the user’s own alone, as its policy says', async () => {
    await start({ users: [rotating, { name: 'other' }] })
    await expect(iam().send(new CreateAccessKeyCommand({ UserName: 'other' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })
  it('are scoped to the one region that signs for IAM', async () => {
    await begin()
    const elsewhere = iam()
    elsewhere.config.region = () => Promise.resolve('eu-central-1')
    await expect(elsewhere.send(new ListAccessKeysCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  })
  it.each(FAULT_TABLE)('fail $when they took effect: $fault', async ({ when, fault }) => {
    await begin()
    sandbox.fault(fault, { action: 'CreateAccessKey' })
    const abortSignal = AbortSignal.timeout(300)
    await expect(iam().send(new CreateAccessKeyCommand({}), { abortSignal })).rejects.toThrow(Error)
    expect(sandbox.activeKeys(rotating.name)).toHaveLength(when === 'before' ? 1 : 2)
  })
  it('become two when the SDK repeats a creation whose answer was lost', async () => {
    await begin()
    sandbox.fault({ kind: 'cut', done: true }, { action: 'CreateAccessKey' })
    const retrying = iam()
    retrying.config.maxAttempts = () => Promise.resolve(3)
    await expect(retrying.send(new CreateAccessKeyCommand({}))).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(sandbox.activeKeys(rotating.name)).toHaveLength(2)
  })
  it('keep their secret out of log and trail', async () => {
    await begin()
    const { AccessKey } = await create()
    const written = JSON.stringify([sandbox.log, sandbox.events])
    expect(written).toContain(AccessKey?.AccessKeyId)
    expect(written).not.toContain(AccessKey?.SecretAccessKey)
  })
  it('cannot be managed by a role’s session without naming the user', async () => {
    await start()
    const keys = keysIn(await assume())
    await expect(iam(keys).send(new ListAccessKeysCommand({}))).rejects.toMatchObject({ name: 'ValidationError' })
    expect(await iam(keys).send(new ListAccessKeysCommand({ UserName: EMERGENCY_USER.name }))).toMatchObject({
      AccessKeyMetadata: { length: 1 },
    })
  })
})

describe('inline policies of a role', () => {
  const admin = { name: 'admin', policy: allow('iam:*') }
  const RoleName = ROLE_NAME
  const policy = (PolicyName: string, PolicyDocument: string) => ({ RoleName, PolicyName, PolicyDocument })
  const open = () => start({ users: [EMERGENCY_USER, admin] })
  const byAdmin = () => iam(sandbox.accessKeys.get('admin'))

  it('are put, read as they were written, listed and deleted', async () => {
    await open()
    const text = allow('s3:*')
    await byAdmin().send(new PutRolePolicyCommand(policy('one', text)))
    const { PolicyDocument } = await byAdmin().send(new GetRolePolicyCommand({ RoleName, PolicyName: 'one' }))
    expect(decodeURIComponent(PolicyDocument ?? '')).toBe(text)
    expect((await byAdmin().send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['inline', 'one'])
    await byAdmin().send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'one' }))
    await expect(byAdmin().send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'one' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    })
    expect((await byAdmin().send(new GetRoleCommand({ RoleName }))).Role).toMatchObject({
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: encodeURIComponent(EMERGENCY_ROLE.trust),
    })
  })
  it.each([
    ['that is no JSON', '{', 'MalformedPolicyDocumentException'],
    ['that names a principal', EMERGENCY_ROLE.trust, 'MalformedPolicyDocumentException'],
    [
      'without a resource',
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*' } }),
      'MalformedPolicyDocumentException',
    ],
    [
      'beyond the role’s 10,240 bytes',
      allow(Array.from({ length: 900 }, (_, at) => `s3:Get${at}`)),
      'LimitExceededException',
    ],
  ])('are refused: one %s', async (_, text, name) => {
    await open()
    await expect(byAdmin().send(new PutRolePolicyCommand(policy('one', text)))).rejects.toMatchObject({ name })
  })
  it('are no business of the emergency user', async () => {
    await open()
    await expect(iam().send(new PutRolePolicyCommand(policy('one', allow('*'))))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })
  it('says of what it does not do that it does not do it', async () => {
    await open()
    expect(await byAdmin().send(new ListGroupsForUserCommand({ UserName: 'admin' }))).toMatchObject({ Groups: [] })
  })
})
