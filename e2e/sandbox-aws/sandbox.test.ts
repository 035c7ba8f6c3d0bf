import { type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { ACCOUNT, ROLE_NAME } from './sandbox.ts'
import { assume, type Keys, sandbox, start, sts, time } from './testing.ts'

// The matchers are typed `any`.
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)

async function session(change: Partial<AssumeRoleCommandInput> = {}): Promise<Required<Keys>> {
  const { Credentials } = await assume(change)
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }
}

const whoAmI = (keys?: Keys) => sts(keys).send(new GetCallerIdentityCommand({}))
const tags = [{ Key: 'lockbox:case', Value: 'x' }]
describe('a session', () => {
  it('is what AssumeRole gives, and says who it is', async () => {
    await start()
    const { Credentials, AssumedRoleUser, SourceIdentity, PackedPolicySize } = await assume({
      SourceIdentity: 'alice',
      Tags: tags,
    })
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
    expect(Credentials?.Expiration?.getTime()).toBe(Math.floor(time.now / 1000 + 900) * 1000)
    expect(SourceIdentity).toBe('alice')
    expect(PackedPolicySize).toBeGreaterThan(0)
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/lb-case-1`
    expect(AssumedRoleUser?.Arn).toBe(arn)
    expect(await whoAmI(await session())).toMatchObject({ Account: ACCOUNT, Arn: arn })
  })
  it('may say who it is even if its policy denies everything, and may do nothing else', async () => {
    await start()
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    })
    const keys = await session({ Policy })
    expect(await whoAmI(keys)).toMatchObject({ Account: ACCOUNT })
    await expect(assume({}, keys)).rejects.toMatchObject({ name: 'AccessDenied' })
  })
  it('is refused from its expiration on', async () => {
    await start()
    const keys = await session()
    time.now += 899_000
    expect(await whoAmI(keys)).toMatchObject({ Account: ACCOUNT })
    time.now += 1000
    await expect(whoAmI(keys)).rejects.toMatchObject({ name: 'ExpiredToken', $metadata: { httpStatusCode: 403 } })
  })
  it('ends earlier when the sandbox was told so', async () => {
    await start({ sessionSeconds: 3 })
    const { Credentials } = await assume()
    expect(Credentials?.Expiration?.getTime()).toBe(Math.floor(time.now / 1000 + 3) * 1000)
    const keys = await session()
    time.now += 3000
    await expect(whoAmI(keys)).rejects.toMatchObject({ name: 'ExpiredToken' })
  })
  it('works in every region', async () => {
    await start()
    const keys = await session()
    expect(await sts(keys, 'eu-west-1').send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: ACCOUNT })
  })
})

describe('keys and signatures', () => {
  it.each([
    [
      'an unknown access key',
      (keys: Keys) => ({ ...keys, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' }),
      'InvalidClientTokenId',
    ],
    ['a wrong secret', (keys: Keys) => ({ ...keys, secretAccessKey: 'x'.repeat(40) }), 'SignatureDoesNotMatch'],
    [
      'a token that belongs to no long-lived key',
      (keys: Keys) => ({ ...keys, sessionToken: 'x' }),
      'InvalidClientTokenId',
    ],
  ])('refuses %s', async (_, change, name) => {
    await start()
    await expect(whoAmI(change(sandbox.accessKey))).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 403 } })
  })
  it('refuses a session key without its token', async () => {
    await start()
    const { accessKeyId, secretAccessKey } = await session()
    await expect(whoAmI({ accessKeyId, secretAccessKey })).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
  })
  it('refuses a key that was turned off, and takes it again when it is on', async () => {
    await start()
    sandbox.setActive(sandbox.accessKey.accessKeyId, false)
    await expect(whoAmI()).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
    sandbox.setActive(sandbox.accessKey.accessKeyId, true)
    expect(await whoAmI()).toMatchObject({ Account: ACCOUNT })
  })
  it('refuses a signature scoped to another region', async () => {
    await start()
    const client = sts(sandbox.accessKey, 'eu-central-1', 'eu-west-1')
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  })
  it.each([
    [16, /^Signature expired/],
    [-16, /^Signature not yet current/],
  ])('refuses a signature %i minutes off', async (minutes, message) => {
    await start()
    sandbox.setClockSkew(minutes * 60_000)
    await expect(whoAmI()).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      message: matching(message),
    })
  })
  it('takes a signature 14 minutes off', async () => {
    await start()
    sandbox.setClockSkew(14 * 60_000)
    expect(await whoAmI()).toMatchObject({ Account: ACCOUNT })
  })
})

describe('when things go wrong', () => {
  it('throttles the next call only', async () => {
    await start()
    sandbox.fault({ kind: 'throttled' })
    await expect(whoAmI()).rejects.toMatchObject({ name: 'Throttling' })
    expect(await whoAmI()).toMatchObject({ Account: ACCOUNT })
  })
  it.each([true, false])('cuts the connection (call carried out: %s)', async (done) => {
    await start()
    sandbox.fault({ kind: 'cut', done })
    await expect(assume()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(sandbox.log).toMatchObject([{ done, status: 0 }])
    expect(sandbox.log[0]?.issued === null).toBe(!done)
  })
  it('takes one region down and brings it back at the same address', async () => {
    await start()
    await sandbox.setDown('eu-central-1', true)
    await expect(whoAmI()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await sts(undefined, 'eu-west-1').send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: ACCOUNT })
    await sandbox.setDown('eu-central-1', false)
    expect(await whoAmI()).toMatchObject({ Account: ACCOUNT })
  })
  it('keeps no secret in its log', async () => {
    await start()
    const keys = await session({ SourceIdentity: 'alice' })
    const log = JSON.stringify(sandbox.log)
    expect(log).toContain(keys.accessKeyId)
    for (const secret of [keys.secretAccessKey, keys.sessionToken, sandbox.accessKey.secretAccessKey])
      expect(log).not.toContain(secret)
  })
})
