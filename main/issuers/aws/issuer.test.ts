import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  EMERGENCY_ROLE,
  EMERGENCY_USER,
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../../e2e/sandbox-aws/sandbox.ts'
import { digest, utf8 } from '../../../shared/bytes.ts'
import type { Issued, Order, RequestFacts } from '../issuer.ts'
import { IssuerError } from '../issuer.ts'
import { accessKeyBytes } from './access-key.ts'
import { standingOf } from './identity.ts'
import { awsIssuer } from './issuer.ts'
import { preflight } from './preflight.ts'
import { DENY_ALL, sessionNameOf } from './role-session.ts'
import { parseSession } from './session.ts'

// The matchers are typed `any`.
const containing = (text: string): unknown => expect.stringContaining(text)

let sandbox: Sandbox
afterEach(() => sandbox.close())

const start = async (options?: SandboxOptions) => void (sandbox = await startSandbox(options))
const caseId = digest(utf8('the case'))
const alice = 'AAECAwQFBgcICQoLDA0ODw'
const facts: RequestFacts = {
  id: caseId,
  requester: alice,
  purpose: 'access',
  seconds: 900,
  reference: 'INC-7 (sev 1)',
}

function order(change: Partial<RequestFacts> = {}, access: Partial<Order['access']> = {}): Order {
  return {
    credential: accessKeyBytes(sandbox.accessKey),
    access: {
      kind: 'aws-sts',
      roleArn: sandbox.roleArn,
      sessionPolicy: null,
      regions: [...sandbox.regions],
      ...access,
    },
    request: { ...facts, ...change },
    attempt: 2,
  }
}

const issue = (one: Order = order()): Promise<Issued> => awsIssuer(400).issue(one)

async function refusal(one?: Order): Promise<IssuerError> {
  const error = await issue(one).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof IssuerError)) throw new TypeError('expected a refusal', { cause: error })
  expect(error.message.length).toBeLessThanOrEqual(500)
  expect(error.message).not.toContain(sandbox.accessKey.secretAccessKey)
  return error
}

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
  it('does not issue for rotation, with a policy meant for people', async () => {
    await start()
    expect(await refusal(order({ purpose: 'rotation' }))).toMatchObject({ code: 'invalid', mayExist: false })
    expect(sandbox.log).toEqual([])
  })
})

describe('when a region fails', () => {
  it.each([
    ['is down', () => sandbox.setDown('eu-central-1', true), 'unreachable', false],
    ['throttles', () => sandbox.fault({ kind: 'throttled' }), 'throttled', false],
    ['has STS turned off', () => sandbox.fault({ kind: 'region-disabled' }), 'unreachable', false],
    ['fails within', () => sandbox.fault({ kind: 'error-500' }), 'unreachable', true],
    ['never answers, having done nothing', () => sandbox.fault({ kind: 'silent', done: false }), 'timed-out', true],
    ['never answers, having done it', () => sandbox.fault({ kind: 'silent', done: true }), 'timed-out', true],
    ['answers too late', () => sandbox.fault({ kind: 'late', ms: 1000 }), 'timed-out', true],
    ['breaks the connection', () => sandbox.fault({ kind: 'cut', done: true }), 'unreachable', true],
  ])('asks the next one when the first %s', async (_, fail, outcome, mayExist) => {
    await start()
    await Promise.resolve(fail())
    const issued = await issue()
    expect(issued).toMatchObject({ region: 'eu-west-1', endpoint: sandbox.endpoints['eu-west-1'] })
    expect(issued.attempted).toMatchObject([
      { region: 'eu-central-1', outcome, mayExist },
      { region: 'eu-west-1', outcome: 'issued' },
    ])
    expect(await standingOf(parseSession(issued.session), issued.endpoint)).toMatchObject({ standing: 'alive' })
  })
  it('says so when all are down, and that no session can exist', async () => {
    await start()
    for (const { region } of sandbox.regions) await sandbox.setDown(region, true)
    expect(await refusal()).toMatchObject({ code: 'unreachable', mayExist: false, attempted: { length: 2 } })
  })
  it('says that a session may exist when all stay silent', async () => {
    await start()
    sandbox.fault({ kind: 'silent', done: true }, { times: 2 })
    const error = await refusal()
    expect(error).toMatchObject({ code: 'timed-out', mayExist: true })
    expect(error.message).toContain('may exist')
  })
  it('remembers a silent first region when the second one denies', async () => {
    await start()
    sandbox.fault({ kind: 'silent', done: true })
    sandbox.setActive(sandbox.accessKey.accessKeyId, false)
    expect(await refusal()).toMatchObject({ code: 'wrong-key', mayExist: true })
  })
  it('takes half an answer for a session that may exist', async () => {
    await start()
    sandbox.fault({ kind: 'garbled' })
    expect(await refusal()).toMatchObject({ code: 'invalid', mayExist: true })
  })
  it('takes no answer from something that is not HTTP', async () => {
    await start()
    const other = createServer((socket) => socket.end('SSH-2.0-nope\r\n'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const regions = [{ region: 'eu-north-1', endpoint: `http://127.0.0.1:${port}` }]
    expect(await refusal(order({}, { regions }))).toMatchObject({ code: 'unreachable', mayExist: true })
    other.close()
  })
})

describe('preflight', () => {
  it('reports every endpoint in order, with the skew, without a credential or a logged call', async () => {
    await start()
    await sandbox.setDown('eu-central-1', true)
    sandbox.setDateSkew(-90_000)
    const [down, up] = await preflight({ regions: [...sandbox.regions] })
    expect(down).toMatchObject({ region: 'eu-central-1', reachable: false, skewMs: null })
    expect(up).toMatchObject({ region: 'eu-west-1', reachable: true })
    expect(Math.abs((up?.skewMs ?? 0) + 90_000)).toBeLessThan(2000)
    expect(sandbox.log).toEqual([])
  })
  it('gives up on an endpoint that accepts and says nothing', async () => {
    await start()
    const mute = createServer(() => undefined)
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const address = mute.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const [report] = await preflight({ regions: [{ region: 'eu-north-1', endpoint: `http://127.0.0.1:${port}` }] }, 100)
    expect(report).toMatchObject({ reachable: false })
    mute.close()
  })
})

describe('the surroundings', () => {
  it('are not looked at: no variable, profile or file of AWS changes the call', async () => {
    await start({ users: [EMERGENCY_USER, { name: 'eve' }] })
    const eve = sandbox.accessKeys.get('eve')
    const poison = {
      AWS_ACCESS_KEY_ID: eve?.accessKeyId,
      AWS_SECRET_ACCESS_KEY: eve?.secretAccessKey,
      AWS_PROFILE: 'nobody',
      AWS_REGION: 'us-gov-west-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_MAX_ATTEMPTS: 'many',
      AWS_RETRY_MODE: 'nonsense',
      AWS_DEFAULTS_MODE: 'nonsense',
      AWS_CONFIG_FILE: '/nonexistent/config',
      AWS_AUTH_SCHEME_PREFERENCE: 'noAuth',
    }
    const before = { ...process.env }
    Object.assign(process.env, poison)
    try {
      await issue()
    } finally {
      for (const name of Object.keys(poison)) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    }
    expect(sandbox.log).toMatchObject([
      { accessKeyId: sandbox.accessKey.accessKeyId, region: 'eu-central-1', outcome: 'ok' },
    ])
  })
})
