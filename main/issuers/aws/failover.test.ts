import { createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { EMERGENCY_USER } from '../../../e2e/sandbox-aws/sandbox.ts'
import { standingOf } from './identity.ts'
import { awsIssuer } from './issuer.ts'
import { preflight } from './preflight.ts'
import { parseSession } from './session.ts'
import { issue, order, refusal, sandbox, start } from './testing/scene.ts'

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
  it('loses less than 2 s to a region that is dead without a word', async () => {
    await start()
    sandbox.fault({ kind: 'silent', done: false })
    const begun = performance.now()
    expect(await awsIssuer().issue(order())).toMatchObject({ region: 'eu-west-1' })
    expect(performance.now() - begun).toBeLessThan(2000)
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
