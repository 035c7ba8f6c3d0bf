import { CreateAccessKeyCommand, IAMClient, ListAccessKeysCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import {
  accountTrust,
  EMERGENCY_ROLE,
  EMERGENCY_USER,
  REVOKER_ROLE,
  ROLE_NAME,
  ROTATOR_ROLE,
} from '../../../e2e/sandbox-aws/sandbox.ts'
import type { Aftercare, AftercareOrder, Issued, Order } from '../issuer.ts'
import { awsIssuer } from './issuer.ts'
import { parseRevoker, parseRotator } from './narrow.ts'
import type { AwsSession } from './session.ts'
import { caseId, order, sandbox, seededOrder, start } from './testing/scene.ts'
import type { CodeClock } from './totp.ts'

const ISSUER = 'EBESExQVFhcYGRobHB0eHw'
const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const never = new AbortController().signal
const refused = { name: 'AccessDenied' }

/** What is ordered beside an issued session. */
function after(one: Order, issued: Issued, signal: AbortSignal = never): AftercareOrder {
  const { credential, access, attempt, request } = one
  return { credential, access, attempt, request: request.id, issuer: ISSUER, issued, signal }
}

/** Issues, and makes what the plan wants beside it. */
async function make(one: Order = order({}, { aftercare: sandbox.aftercare }), clock?: CodeClock) {
  const issued = await awsIssuer(5000, clock).issue(one)
  return { issued, made: await awsIssuer(5000, clock).aftercare(after(one, issued)) }
}
function revokerOf({ revoker }: Aftercare) {
  if (revoker === null) throw new TypeError('no revoker')
  return parseRevoker(revoker.session)
}
function rotatorOf({ rotator }: Aftercare) {
  if (rotator === null) throw new TypeError('no rotator')
  return parseRotator(rotator.session)
}
const iam = ({ accessKeyId, secretAccessKey, sessionToken }: AwsSession) =>
  new IAMClient({ ...sandbox.iam, credentials: { accessKeyId, secretAccessKey, sessionToken }, maxAttempts: 1 })
const sts = ({ region, accessKeyId, secretAccessKey, sessionToken }: AwsSession) =>
  new STSClient({
    region,
    endpoint: sandbox.endpoints[region] ?? '',
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    maxAttempts: 1,
  })
const put = (RoleName: string) =>
  new PutRolePolicyCommand({ RoleName, PolicyName: 'x', PolicyDocument: REVOKER_ROLE.policy })

describe('beside an issued session', () => {
  it('a revoker and a rotator are made, which outlive it and say what they are for', async () => {
    await start()
    const { issued, made } = await make()
    expect(made.lacks).toEqual([])
    expect(revokerOf(made)).toMatchObject({ roleName: ROLE_NAME, userId: issued.userId })
    expect(issued.userId).toMatch(/^AROA\w+:lb-/)
    expect(rotatorOf(made)).toMatchObject({ user: EMERGENCY_USER.name })
    expect(rotatorOf(made)).not.toHaveProperty('mfaSeed')
    expect(made.revoker?.expires).toBeGreaterThanOrEqual(issued.expires + 3_600_000 - 1000)
    expect(made.rotator?.expires).toBeGreaterThan(Date.now() + 43_100_000)
    const asked = sandbox.log.slice(1).map(({ parameters }) => parameters)
    for (const parameters of asked)
      expect(parameters).toMatchObject({ RoleSessionName: `lb-${caseId.slice(0, 16)}-2`, SourceIdentity: ISSUER })
  })
  it('the revoker may change inline policies of the plan’s role and nothing else', async () => {
    await start({ roles: [EMERGENCY_ROLE, { ...REVOKER_ROLE, policy: EMERGENCY_ROLE.policy ?? '' }, ROTATOR_ROLE] })
    const revoker = revokerOf((await make()).made)
    await iam(revoker).send(put(ROLE_NAME))
    await expect(iam(revoker).send(put('lockbox-revoker'))).rejects.toMatchObject(refused)
    const list = new ListAccessKeysCommand({ UserName: EMERGENCY_USER.name })
    await expect(iam(revoker).send(list)).rejects.toMatchObject(refused)
    const assume = new AssumeRoleCommand({ RoleArn: sandbox.roleArn, RoleSessionName: 'lb-x-1' })
    await expect(sts(revoker).send(assume)).rejects.toMatchObject(refused)
  })
  it('the rotator may change keys of the one user and nothing else', async () => {
    const other = { name: 'other' }
    const wide = { ...ROTATOR_ROLE, policy: EMERGENCY_ROLE.policy ?? '' }
    await start({ users: [EMERGENCY_USER, other], roles: [EMERGENCY_ROLE, REVOKER_ROLE, wide] })
    const rotator = rotatorOf((await make()).made)
    await iam(rotator).send(new CreateAccessKeyCommand({ UserName: EMERGENCY_USER.name }))
    await expect(iam(rotator).send(new CreateAccessKeyCommand({ UserName: 'other' }))).rejects.toMatchObject(refused)
    await expect(iam(rotator).send(put(ROLE_NAME))).rejects.toMatchObject(refused)
  })
  it('nothing is made that the plan does not name, and AWS is not asked for it', async () => {
    await start()
    const { iam: at, revoker } = sandbox.aftercare
    const { made } = await make(order({}, { aftercare: { iam: at, revoker } }))
    expect(made).toMatchObject({ rotator: null, lacks: [] })
    expect(sandbox.log).toHaveLength(2)
    expect((await make(order())).made).toEqual({ revoker: null, rotator: null, lacks: [], unheld: [] })
    expect(sandbox.log).toHaveLength(3)
  })
  it('is asked for the role itself, with no role on the way', async () => {
    await start()
    const one = order({}, { aftercare: sandbox.aftercare, chain: [{ roleArn: sandbox.roleArn }] })
    const { made } = await make(one)
    expect(made.lacks).toEqual([])
    expect(sandbox.log.slice(2).map(({ accessKeyId }) => accessKeyId)).toEqual(
      [1, 2].map(() => sandbox.accessKey.accessKeyId),
    )
  })
})

describe('what cannot be made', () => {
  it('is said, and does not keep the other one back', async () => {
    await start({ roles: [EMERGENCY_ROLE, ROTATOR_ROLE] })
    const { made } = await make()
    expect(made).toMatchObject({ revoker: null, rotator: { expires: expect.any(Number) as unknown } })
    expect(made.lacks).toHaveLength(1)
    expect(made.lacks[0]).toMatch(/^No revoker: AWS .* refused the role\..*lockbox-revoker/)
  })
  it('for as long as it should live is made for the hour that every role gives, and what is too short is said', async () => {
    const hour = { maxSessionSeconds: 3600 }
    await start({ roles: [EMERGENCY_ROLE, { ...REVOKER_ROLE, ...hour }, { ...ROTATOR_ROLE, ...hour }] })
    const { issued, made } = await make(order({ seconds: 3600 }, { aftercare: sandbox.aftercare }))
    expect(made.rotator?.expires).toBeLessThanOrEqual(Date.now() + 3_600_000)
    expect(made.revoker?.expires).toBeLessThan(issued.expires + 300_000)
    expect(made.lacks).toEqual([
      'The revoker: it ends before what it is to end; its role must allow sessions of a longer duration',
    ])
  })
  it('where AWS did not say who the session is', async () => {
    await start()
    const one = order({}, { aftercare: sandbox.aftercare })
    const made = await awsIssuer().aftercare(after(one, { ...(await awsIssuer().issue(one)), userId: null }))
    expect(made).toMatchObject({ revoker: null, lacks: [expect.stringContaining('cannot be ended early')] })
    expect(made.rotator).not.toBeNull()
  })
  it('goes to the next region first', async () => {
    await start()
    const one = order({}, { aftercare: sandbox.aftercare })
    const issued = await awsIssuer().issue(one)
    sandbox.fault({ kind: 'error-500' }, { times: 2, region: 'eu-central-1' })
    const made = await awsIssuer().aftercare(after(one, issued))
    expect(made.lacks).toEqual([])
    expect(revokerOf(made).region).toBe('eu-west-1')
  })
  it('goes to the next region where the first says nothing, and says what that may have made', async () => {
    await start()
    const one = order({}, { aftercare: sandbox.aftercare })
    const issued = await awsIssuer().issue(one)
    expect((await awsIssuer().aftercare(after(one, issued))).unheld).toEqual([])
    sandbox.fault({ kind: 'silent', done: true }, { times: 2, region: 'eu-central-1' })
    const made = await awsIssuer().aftercare(after(one, issued))
    expect(made.lacks).toEqual([])
    expect(rotatorOf(made).region).toBe('eu-west-1')
    expect(made.unheld).toEqual([
      { what: 'revoker', region: 'eu-central-1' },
      { what: 'rotator', region: 'eu-central-1' },
    ])
  })
  it('in time is given up when the credential is about to be wiped', async () => {
    await start()
    const one = order({}, { aftercare: sandbox.aftercare })
    const issued = await awsIssuer().issue(one)
    sandbox.fault({ kind: 'silent', done: false }, { times: 9 })
    const stop = new AbortController()
    const making = awsIssuer(60_000).aftercare(after(one, issued, stop.signal))
    await expect.poll(() => sandbox.log.length).toBeGreaterThan(2)
    stop.abort()
    expect(await making).toMatchObject({ revoker: null, rotator: null, lacks: { length: 2 } })
  })
})

describe('where the trust policies ask for MFA', () => {
  const trust = accountTrust('aws', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })
  const session = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['sts:*'], Resource: '*' }],
  })
  const begin = () =>
    start({
      users: [{ name: EMERGENCY_USER.name, policy: session, mfaSeed: SEED }],
      roles: [EMERGENCY_ROLE, REVOKER_ROLE, ROTATOR_ROLE].map((role) => ({ ...role, trust })),
    })
  /** A clock that jumps over every wait, and the sandbox with it. */
  const jumping = () => {
    const clock = {
      ahead: 0,
      waited: 0,
      now: () => Date.now() + clock.ahead,
      sleep: (ms: number) => {
        clock.waited += ms
        clock.ahead += ms
        sandbox.setClockSkew(clock.ahead)
        return Promise.resolve()
      },
    }
    return clock
  }

  it('one more code is used, never one that was given before, and the rotator has the seed', async () => {
    await begin()
    const clock = jumping()
    const one = seededOrder(SEED, { aftercare: sandbox.aftercare, mfa: sandbox.mfa(EMERGENCY_USER.name).serial })
    const { made } = await make(one, clock)
    expect(made.lacks).toEqual([])
    expect(rotatorOf(made)).toMatchObject({ mfaSeed: SEED })
    const asked = sandbox.log.map(({ action, parameters }) => [action, parameters['SerialNumber'] !== undefined])
    expect(asked).toEqual([
      ['AssumeRole', true],
      ['GetSessionToken', true],
      ['AssumeRole', false],
      ['AssumeRole', false],
    ])
    expect(clock.waited).toBeGreaterThan(0)
    expect(clock.waited).toBeLessThanOrEqual(30_000)
  })
})
