import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetAccessKeyInfoCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { EMERGENCY_ROLE, EMERGENCY_USER, ROLE_NAME, type SandboxOptions } from './sandbox.ts'
import { assume, iam, type Keys, keysIn, sandbox, start, sts, time } from './testing.ts'

const admin = {
  name: 'admin',
  policy: JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iam:*', Resource: '*' } }),
}
const open = (options: SandboxOptions = {}) => start({ users: [EMERGENCY_USER, admin], ...options })
const deny = (Condition: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*', Condition } })
const put = (text: string) =>
  iam(sandbox.accessKeys.get('admin')).send(
    new PutRolePolicyCommand({ RoleName: ROLE_NAME, PolicyName: 'end', PolicyDocument: text }),
  )
/** A call that a deny covers. */
const mayAct = (keys: Keys) =>
  sts(keys)
    .send(new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId }))
    .then(
      () => true,
      (error: Error) => {
        expect(error).toMatchObject({ name: 'AccessDenied' })
        return false
      },
    )

/** A policy variable, which no condition on a time may have. */
const VARIABLE = '$\u007baws:CurrentTime}'

async function two() {
  const [ana, ben] = [
    await assume({ RoleSessionName: 'lb-ana-1', SourceIdentity: 'ana' }),
    await assume({ RoleSessionName: 'lb-ben-1', SourceIdentity: 'ben' }),
  ]
  return { ana: keysIn(ana), ben: keysIn(ben), anaId: ana.AssumedRoleUser?.AssumedRoleId ?? '' }
}

describe('an explicit deny on the role', () => {
  it('by aws:userid ends one session that runs, and no other', async () => {
    await open()
    const { ana, ben, anaId } = await two()
    expect([await mayAct(ana), await mayAct(ben)]).toEqual([true, true])
    await put(deny({ StringEquals: { 'aws:userid': anaId } }))
    expect([await mayAct(ana), await mayAct(ben)]).toEqual([false, true])
  })
  it('by aws:SourceIdentity ends all sessions of one person', async () => {
    await open()
    const { ana, ben } = await two()
    await put(deny({ StringEquals: { 'aws:SourceIdentity': 'ana' } }))
    expect([await mayAct(ana), await mayAct(ben)]).toEqual([false, true])
  })
  it('by aws:TokenIssueTime ends what was issued before', async () => {
    await open()
    const { ana } = await two()
    time.now += 5000
    await put(deny({ DateLessThan: { 'aws:TokenIssueTime': new Date(time.now - 1000).toISOString() } }))
    const later = keysIn(await assume())
    expect([await mayAct(ana), await mayAct(later)]).toEqual([false, true])
  })
  it('by aws:SourceIdentity and the second of issue ends one of a person’s sessions', async () => {
    await open()
    const one = await assume({ RoleSessionName: 'lb-one-1', SourceIdentity: 'ana' })
    time.now += 5000
    const other = await assume({ RoleSessionName: 'lb-other-1', SourceIdentity: 'ana' })
    const issued = (one.Credentials?.Expiration?.getTime() ?? 0) - 900_000
    const [from, until] = [issued - 2000, issued + 2000].map((at) => new Date(at).toISOString().replace('.000', ''))
    await put(
      deny({
        StringEquals: { 'aws:SourceIdentity': 'ana' },
        DateGreaterThanEquals: { 'aws:TokenIssueTime': from },
        DateLessThanEquals: { 'aws:TokenIssueTime': until },
      }),
    )
    expect([await mayAct(keysIn(one)), await mayAct(keysIn(other))]).toEqual([false, true])
  })
  it('by a tag of the session ends that one; …IfExists also what has no such tag', async () => {
    await open()
    const { ana } = await two()
    const tagged = keysIn(await assume({ Tags: [{ Key: 'lockbox:case', Value: 'one' }] }))
    await put(deny({ StringEquals: { 'aws:PrincipalTag/lockbox:case': 'one' } }))
    expect([await mayAct(ana), await mayAct(tagged)]).toEqual([true, false])
    await put(deny({ StringEqualsIfExists: { 'aws:PrincipalTag/lockbox:case': 'other' } }))
    expect([await mayAct(ana), await mayAct(tagged)]).toEqual([false, true])
  })
  it.each([
    [{ DateGreaterThanEquals: { 'aws:TokenIssueTime': '2026-11-23T11:44:58Z' } }, true],
    [{ DateEquals: { 'aws:TokenIssueTime': '2026-11-23' } }, true],
    [{ DateGreaterThanEquals: { 'aws:TokenIssueTime': '1795434298' } }, true],
    [{ DateGreaterThanEquals: { 'aws:TokenIssueTime': '2026-11-23 11:44:58' } }, false],
    [{ DateGreaterThanEquals: { 'aws:TokenIssueTime': '2026-13-23T11:44:58Z' } }, false],
    [{ DateGreaterThanEquals: { 'aws:TokenIssueTime': '2026-11-*' } }, false],
    [{ DateGreaterThanEquals: { 'aws:TokenIssueTime': VARIABLE } }, false],
    [{ DateGreaterOrEquals: { 'aws:TokenIssueTime': '2026-11-23T11:44:58Z' } }, false],
  ])('is taken with the condition %j: %s', async (condition, isTaken) => {
    await open()
    const came = await put(deny(condition)).then(
      () => '',
      (error: Error) => error.name,
    )
    expect(came).toBe(isTaken ? '' : 'MalformedPolicyDocumentException')
  })
  it('is not taken for what it is not where the sandbox does not know an operator of AWS', async () => {
    await open()
    await expect(put(deny({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }))).rejects.toMatchObject({
      name: 'SandboxNotImplemented',
    })
  })
  it('is malformed where the server does not take such operators, also with …IfExists', async () => {
    await open({ withoutOperators: ['DateLessThan'] })
    const until = { 'aws:TokenIssueTime': '2026-11-23T11:44:58Z' }
    for (const condition of [{ DateLessThan: until }, { DateLessThanIfExists: until }])
      await expect(put(deny(condition))).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' })
    expect(await put(deny({ DateLessThanEquals: until }))).toHaveProperty('$metadata')
  })
  it('does not stop GetCallerIdentity, which therefore proves nothing', async () => {
    await open()
    const { ana, anaId } = await two()
    await put(deny({ StringEquals: { 'aws:userid': anaId } }))
    expect(await sts(ana).send(new GetCallerIdentityCommand({}))).toMatchObject({ UserId: anaId })
  })
  it('is felt only after a while where changes travel slowly, and no longer once deleted', async () => {
    await open({ propagationMs: 10_000 })
    const { ana, anaId } = await two()
    await put(deny({ StringEquals: { 'aws:userid': anaId } }))
    expect(await mayAct(ana)).toBe(true)
    time.now += 10_000
    expect(await mayAct(ana)).toBe(false)
    await iam(sandbox.accessKeys.get('admin')).send(
      new DeleteRolePolicyCommand({ RoleName: ROLE_NAME, PolicyName: 'end' }),
    )
    time.now += 10_000
    expect(await mayAct(ana)).toBe(true)
  })
  it('does nothing where the server has no such key in the context', async () => {
    await open({ withoutKeys: ['aws:userid'] })
    const { ana, anaId } = await two()
    await put(deny({ StringEquals: { 'aws:userid': anaId } }))
    expect(await mayAct(ana)).toBe(true)
  })
})

describe('a service control policy', () => {
  const all = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } })
  const without = (Action: string) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action, Resource: '*' } })

  it('denies what trust and policies allow, and says what it was', async () => {
    await open({ scps: [all, without('sts:AssumeRole')] })
    await expect(assume()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringMatching(/with an explicit deny in a service control policy$/) as unknown,
    })
    sandbox.setScps([all])
    expect(await assume()).toHaveProperty('Credentials')
  })
  it('denies what none of them allows', async () => {
    await open({ scps: [without('s3:*')] })
    await expect(assume()).rejects.toMatchObject({
      message: expect.stringMatching(/because no service control policy allows the sts:AssumeRole action$/) as unknown,
    })
  })
})

describe('a role’s session that was chained', () => {
  const chain = (change: object, keys: Keys) =>
    sts(keys).send(
      new AssumeRoleCommand({ RoleArn: sandbox.roleArn, RoleSessionName: 'hop', DurationSeconds: 900, ...change }),
    )

  it('lasts an hour at most', async () => {
    await start({ roles: [{ ...EMERGENCY_ROLE, maxSessionSeconds: 43_200 }] })
    const keys = keysIn(await assume())
    expect(await chain({ DurationSeconds: 3600 }, keys)).toHaveProperty('Credentials')
    await expect(chain({ DurationSeconds: 3601 }, keys)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('1 hour session limit') as unknown,
    })
  })
  it('keeps the source identity, which nobody can change on the way', async () => {
    await start()
    const keys = keysIn(await assume({ SourceIdentity: 'ana' }))
    expect(await chain({}, keys)).toMatchObject({ SourceIdentity: 'ana' })
    await expect(chain({ SourceIdentity: 'eve' }, keys)).rejects.toMatchObject({ name: 'AccessDenied' })
  })
  it('may do no more than its session policy, which a role named in the trust does not widen', async () => {
    await start()
    const keys = keysIn(await assume({ Policy: without('sts:AssumeRole') }))
    await expect(chain({}, keys)).rejects.toMatchObject({
      message: expect.stringMatching(/explicit deny in a session policy$/) as unknown,
    })
  })
  const without = (Action: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action, Resource: '*' },
      ],
    })
})
