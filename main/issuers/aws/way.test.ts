import { describe, expect, it } from 'vitest'
import { ACCOUNT, accountTrust, EMERGENCY_ROLE, EMERGENCY_USER } from '../../../e2e/sandbox-aws/sandbox.ts'
import { DENY_ALL } from './role-session.ts'
import { parseSession } from './session.ts'
import { alice, issue, order, refusal, sandbox, seededOrder, start } from './testing/scene.ts'

// The matchers are typed `any`.
const containing = (text: string): unknown => expect.stringContaining(text)

const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const ARN = `arn:aws:iam::${ACCOUNT}:role/`
const MFA = `arn:aws:iam::${ACCOUNT}:mfa/${EMERGENCY_USER.name}`
const role = (name: string, condition: object = {}) => ({
  ...EMERGENCY_ROLE,
  name,
  trust: accountTrust('aws', condition),
})
const may = (name: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      Resource: ARN + name,
    },
  })
const asked = () => sandbox.log.map(({ action, parameters, outcome }) => ({ action, parameters, outcome }))
/** A clock of codes that jumps over every wait, and the sandbox with it. */
const jumping = () => {
  const clock = {
    ahead: 0,
    now: () => Date.now() + clock.ahead,
    sleep: (ms: number) => {
      clock.ahead += ms
      sandbox.setClockSkew(clock.ahead)
      return Promise.resolve()
    },
  }
  return clock
}

describe('roles on the way', () => {
  const begin = () =>
    start({
      users: [{ name: EMERGENCY_USER.name, policy: may('first') }],
      roles: [role('last'), { ...role('first'), policy: may('second') }, { ...role('second'), policy: may('last') }],
    })
  const chain = [{ roleArn: `${ARN}first` }, { roleArn: `${ARN}second` }]

  it('are assumed one after the other, and the last one gives the session', async () => {
    await begin()
    const issued = await issue(order({ purpose: 'drill' }, { chain }))
    expect(asked().map(({ parameters }) => parameters['RoleArn'])).toEqual([
      `${ARN}first`,
      `${ARN}second`,
      `${ARN}last`,
    ])
    expect(asked().at(-1)?.parameters).toMatchObject({ Policy: DENY_ALL, SourceIdentity: alice })
    expect(sandbox.log.at(-1)?.issued).toBe(parseSession(issued.session).accessKeyId)
    expect(issued.attempted).toMatchObject([{ outcome: 'issued' }])
  })
  it('may do nothing but assume the next one', async () => {
    await begin()
    await issue(order({}, { chain }))
    const [first] = asked()
    expect(JSON.parse(first?.parameters['Policy'] ?? '')).toMatchObject({
      Statement: [{ Effect: 'Allow', Action: containing('AssumeRole'), Resource: `${ARN}second` }].map((one) => ({
        ...one,
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      })),
    })
    expect(first?.parameters).toMatchObject({ DurationSeconds: '900', SourceIdentity: alice })
  })
  it('give an hour at most, however long was asked for', async () => {
    await begin()
    await issue(order({ seconds: 7200 }, { chain }))
    expect(asked().at(-1)?.parameters['DurationSeconds']).toBe('3600')
  })
  it('are asked in the region that answered last, and go on from where they were', async () => {
    await begin()
    sandbox.fault({ kind: 'throttled' })
    const issued = await issue(order({}, { chain }))
    expect(sandbox.log.map(({ region }) => region)).toEqual(['eu-central-1', 'eu-west-1', 'eu-west-1', 'eu-west-1'])
    expect(issued).toMatchObject({ region: 'eu-west-1', attempted: [{ outcome: 'throttled' }, { outcome: 'issued' }] })
  })
  it('that may not assume the next one are named by AWS', async () => {
    await start({
      roles: [role('last'), { ...role('first'), policy: may('other') }],
      users: [{ name: EMERGENCY_USER.name, policy: may('first') }],
    })
    const error = await refusal(order({}, { chain: chain.slice(0, 1) }))
    expect(error).toMatchObject({ code: 'denied', mayExist: false })
    expect(error.message).toContain('of a role on the way')
    expect(error.message).toContain('assumed-role/first/')
  })
})

describe('an external id', () => {
  it('is given to the role that asks for it', async () => {
    await start({
      roles: [role('last', { StringEquals: { 'sts:ExternalId': 'lockbox-7' } })],
      users: [{ name: EMERGENCY_USER.name, policy: may('last') }],
    })
    await issue(order({}, { externalId: 'lockbox-7' }))
    const error = await refusal(order())
    expect(error).toMatchObject({ code: 'denied' })
    expect(error.message).toContain('external id')
  })
})

describe('MFA', () => {
  const user = { ...EMERGENCY_USER, mfaSeed: SEED }
  const demanding = {
    ...EMERGENCY_ROLE,
    trust: accountTrust('aws', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
  }
  const begin = () => start({ users: [user], roles: [demanding] })

  it('is given where the plan names the device', async () => {
    await begin()
    await issue(seededOrder(SEED, { mfa: MFA }))
    expect(asked().at(-1)?.parameters).toMatchObject({ SerialNumber: MFA })
    expect(await refusal(order())).toMatchObject({ code: 'denied' })
  })
  it('is not asked of AWS with a credential that has no seed', async () => {
    await begin()
    const error = await refusal(order({}, { mfa: MFA }))
    expect(error).toMatchObject({ code: 'invalid', mayExist: false })
    expect(error.message).toContain('no seed')
    expect(sandbox.log).toEqual([])
  })
  it('with a wrong seed says so, and holds no part of it', async () => {
    await begin()
    const wrong = 'MZXW6YTBOJQXEZTPN5RGC4TGMZXW6YTB'
    const error = await refusal(seededOrder(wrong, { mfa: MFA }))
    expect(error).toMatchObject({ code: 'wrong-code', mayExist: false })
    expect(error.message).toContain('MFA code')
    expect(error.message).not.toContain(wrong)
  })
  it('goes by AWS’s clock when this device’s is off', async () => {
    await begin()
    sandbox.setClockSkew(-120_000)
    expect(await issue(seededOrder(SEED, { mfa: MFA }))).toMatchObject({ region: 'eu-central-1' })
    expect(asked().map(({ outcome }) => outcome)).toEqual(['AccessDenied', 'ok'])
  })
  it('asks the next region with the same code when the first was never reached', async () => {
    await begin()
    await sandbox.setDown('eu-central-1', true)
    const clock = jumping()
    expect(await issue(seededOrder(SEED, { mfa: MFA }), clock)).toMatchObject({ region: 'eu-west-1' })
    expect(clock.ahead).toBe(0)
  })
  it('asks the next region with the next code when the first may have taken it', async () => {
    await begin()
    sandbox.fault({ kind: 'cut', done: true })
    const clock = jumping()
    expect(await issue(seededOrder(SEED, { mfa: MFA }), clock)).toMatchObject({ region: 'eu-west-1' })
    expect(clock.ahead).toBeGreaterThan(0)
  })
  it('is given once where the plan begins with GetSessionToken', async () => {
    await begin()
    sandbox.fault({ kind: 'cut', done: true }, { action: 'AssumeRole' })
    const clock = jumping()
    const issued = await issue(seededOrder(SEED, { mfa: MFA, sessionToken: true }), clock)
    expect(clock.ahead).toBe(0)
    expect(sandbox.log.map(({ action, region }) => [action, region])).toEqual([
      ['GetSessionToken', 'eu-central-1'],
      ['AssumeRole', 'eu-central-1'],
      ['AssumeRole', 'eu-west-1'],
    ])
    expect(issued.attempted).toMatchObject([{ outcome: 'unreachable', mayExist: true }, { outcome: 'issued' }])
  })
})

describe.each([
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws-cn', 'cn-north-1'],
] as const)('in the partition %s', (partition, region) => {
  it('a session is issued as anywhere', async () => {
    await start({ partition })
    expect(await issue()).toMatchObject({ region })
    expect(asked().at(-1)?.parameters['RoleArn']).toContain(`arn:${partition}:`)
  })
})

describe('what AWS denies', () => {
  const deny = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Deny', Action: 'sts:*', Resource: '*' },
  })
  it('by the organization is told from what the role denies', async () => {
    await start({ scps: [deny] })
    const error = await refusal()
    expect(error).toMatchObject({ code: 'denied-by-organization', mayExist: false })
    expect(error.message).toContain('service control policies')
  })
  it('by the user’s own policy names that', async () => {
    await start({ users: [{ name: EMERGENCY_USER.name, policy: deny }] })
    const error = await refusal()
    expect(error).toMatchObject({ code: 'denied' })
    expect(error.message).toContain('policies of the emergency user')
  })
})
