import { describe, expect, it } from 'vitest'
import { EMERGENCY_ROLE } from '../../../e2e/sandbox-aws/sandbox.ts'
import { utf8 } from '../../../shared/bytes.ts'
import { accessKeyBytes } from './access-key.ts'
import { standingOf } from './identity.ts'
import { DENY_ALL, sessionNameOf } from './role-session.ts'
import { parseSession } from './session.ts'
import { alice, caseId, issue, order, refusal, sandbox, start } from './testing/scene.ts'

// The matchers are typed `any`.
const containing = (text: string): unknown => expect.stringContaining(text)

describe('an issued session', () => {
  it("carries AWS's expiration, and works", async () => {
    await start()
    const issued = await issue()
    const session = parseSession(issued.session)
    expect(issued).toMatchObject({
      accessKeyId: session.accessKeyId,
      expires: session.expiration,
      region: 'eu-central-1',
    })
    expect(issued.expires % 1000).toBe(0)
    expect(issued.attempted).toMatchObject([{ region: 'eu-central-1', outcome: 'issued' }])
    expect(await standingOf(session, issued.endpoint)).toMatchObject({
      standing: 'alive',
      arn: containing(sessionNameOf(caseId, 2)),
    })
  })
  it('is named after the case and attempt, with requester and purpose for CloudTrail', async () => {
    await start()
    await issue()
    const name = sandbox.log[0]?.parameters['RoleSessionName'] ?? ''
    expect(name).toBe(`lb-${caseId.slice(0, 16)}-2`)
    const tags = Object.entries(sandbox.log[0]?.parameters ?? {}).flatMap(([key, value]) =>
      key.startsWith('Tags') ? [value] : [],
    )
    expect(tags).toEqual([
      'lockbox:case',
      caseId,
      'lockbox:purpose',
      'access',
      'lockbox:attempt',
      '2',
      'lockbox:reference',
      'INC-7 .sev 1.',
    ])
    expect(sandbox.log[0]?.parameters).toMatchObject({ SourceIdentity: alice, DurationSeconds: '900' })
  })
  it.each([
    ['a character beyond 16 bits across its end', `${'a'.repeat(63)}𠮷野`, 'a'.repeat(63)],
    ['a character beyond 16 bits before its end', `${'a'.repeat(62)}𠮷野`, `${'a'.repeat(62)}𠮷`],
  ])('is had with a long reference that has %s', async (_, reference, tag) => {
    await start()
    await issue(order({ reference }))
    expect(Object.values(sandbox.log[0]?.parameters ?? {})).toContain(tag)
  })
  it("has the plan's session policy", async () => {
    await start()
    const sessionPolicy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    await issue(order({}, { sessionPolicy }))
    expect(sandbox.log[0]?.parameters['Policy']).toBe(sessionPolicy)
  })
  it("may do nothing in a drill, whatever the plan's policy", async () => {
    await start()
    const sessionPolicy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    const issued = await issue(order({ purpose: 'drill' }, { sessionPolicy }))
    expect(sandbox.log[0]?.parameters['Policy']).toBe(DENY_ALL)
    expect(await standingOf(parseSession(issued.session), issued.endpoint)).toMatchObject({ standing: 'alive' })
  })
  it('may do nothing in a case of rotation, which is for the rotator beside it', async () => {
    await start()
    await issue(order({ purpose: 'rotation' }, { aftercare: sandbox.aftercare }))
    expect(sandbox.log[0]?.parameters['Policy']).toBe(DENY_ALL)
  })
  it("never asks for less than AWS's minimum", async () => {
    await start()
    await issue(order({ seconds: 60 }))
    expect(sandbox.log[0]?.parameters['DurationSeconds']).toBe('900')
  })
  it("tells how far AWS's clock is ahead", async () => {
    await start()
    sandbox.setClockSkew(120_000)
    const { skewMs } = await issue()
    expect(skewMs).toBeGreaterThan(118_000)
    expect(skewMs).toBeLessThan(122_000)
  })
  it('is refused by AWS after its end', async () => {
    let now = Date.now()
    await start({ sessionSeconds: 3, clock: () => now })
    const issued = await issue()
    now = issued.expires
    expect(await standingOf(parseSession(issued.session), issued.endpoint)).toMatchObject({ standing: 'refused' })
  })
})

describe('what AWS refuses', () => {
  it('says that the key is wrong when AWS does not know it', async () => {
    await start()
    sandbox.setActive(sandbox.accessKey.accessKeyId, false)
    expect(await refusal()).toMatchObject({
      code: 'wrong-key',
      mayExist: false,
      attempted: [{ region: 'eu-central-1' }],
    })
  })
  it('says that the key is wrong when its secret is', async () => {
    await start()
    const credential = accessKeyBytes({ ...sandbox.accessKey, secretAccessKey: 'x'.repeat(40) })
    expect(await refusal({ ...order(), credential })).toMatchObject({ code: 'wrong-key', mayExist: false })
  })
  it('quotes AWS when it denies the role, since it names what is missing', async () => {
    await start({ roles: [{ ...EMERGENCY_ROLE, trust: EMERGENCY_ROLE.trust.replace('"sts:TagSession",', '') }] })
    const error = await refusal()
    expect(error).toMatchObject({ code: 'denied', mayExist: false })
    expect(error.message).toContain(
      'conditions on session name, source identity or external id belong to sts:AssumeRole',
    )
    expect(error.message).toContain(`not authorized to perform: sts:TagSession on resource: ${sandbox.roleArn}`)
  })
  it.each([
    [16, 'behind'],
    [-16, 'ahead'],
  ])('says by how much the clock is wrong when it is %i minutes off', async (minutes, way) => {
    await start()
    sandbox.setClockSkew(minutes * 60_000)
    const error = await refusal()
    expect(error).toMatchObject({ code: 'clock-skew', mayExist: false })
    expect(error.message).toContain(`16 minutes ${way}`)
  })
  it('says that the policy is too large when AWS packs it', async () => {
    await start()
    const dense = Array.from({ length: 170 }, (_, at) =>
      Math.sin(at + 1)
        .toString(36)
        .slice(2),
    )
      .join('')
      .slice(0, 1900)
    const Statement = [{ Sid: dense, Effect: 'Deny', Action: '*', Resource: '*' }]
    const sessionPolicy = JSON.stringify({ Version: '2012-10-17', Statement })
    expect(await refusal(order({}, { sessionPolicy }))).toMatchObject({ code: 'policy-too-large', mayExist: false })
    expect(sandbox.log).toMatchObject([{ outcome: 'PackedPolicyTooLarge' }])
  })
  it('does not even ask with a policy of 2049 characters', async () => {
    await start()
    expect(await refusal(order({}, { sessionPolicy: ' '.repeat(2049) }))).toMatchObject({ code: 'policy-too-large' })
    expect(sandbox.log).toEqual([])
  })
  it("quotes AWS when the plan's duration is beyond the role's", async () => {
    await start()
    const error = await refusal(order({ seconds: 7200 }))
    expect(error).toMatchObject({ code: 'invalid', mayExist: false })
    expect(error.message).toContain('MaxSessionDuration')
  })
  it('refuses a credential that is no access key before any call', async () => {
    await start()
    expect(await refusal({ ...order(), credential: utf8('{}') })).toMatchObject({ code: 'invalid', mayExist: false })
    expect(sandbox.log).toEqual([])
  })
  it('does not issue for rotation where the plan has no rotator', async () => {
    await start()
    expect(await refusal(order({ purpose: 'rotation' }))).toMatchObject({ code: 'invalid', mayExist: false })
    expect(sandbox.log).toEqual([])
  })
})
