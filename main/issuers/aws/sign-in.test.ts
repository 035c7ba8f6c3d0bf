import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeCredentials } from '../../exchange/certificate.ts'
import { person } from '../../exchange/testing/people.ts'
import type { Order } from '../issuer.ts'
import { consoleLink, type SignIn, signInOf } from './console-link.ts'
import type { AwsSession } from './session.ts'
import { refusedLink } from './testing/refused-link.ts'

const ACCOUNT = '111122223333'
const REGIONS = ['eu-central-1', 'eu-west-1'].map((region) => ({
  region,
  endpoint: `https://sts.${region}.amazonaws.com`,
}))
const access = (change: Partial<Order['access']> = {}): Order['access'] => ({
  kind: 'aws-sts',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/lockbox-break-glass`,
  sessionPolicy: null,
  regions: REGIONS,
  ...change,
})
const hostsOf = ({ endpoints }: SignIn) => endpoints.map(({ endpoint }) => endpoint)

describe('where a session signs in', () => {
  it('is at its own region, then at the plan’s others, then at the partition’s home', () => {
    const [, west] = REGIONS
    const signIn = signInOf(access(), west ?? { region: '', endpoint: '' }, null)
    expect(hostsOf(signIn)).toEqual([
      'https://eu-west-1.signin.aws.amazon.com/federation',
      'https://eu-central-1.signin.aws.amazon.com/federation',
      'https://signin.aws.amazon.com/federation',
    ])
    expect(signIn.destination).toBe('https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1')
  })
  it.each([
    [
      'aws-us-gov',
      'us-gov-east-1',
      'amazonaws.com',
      'https://us-gov-east-1.signin.amazonaws-us-gov.com/federation',
      'https://us-gov-east-1.console.amazonaws-us-gov.com/',
    ],
    [
      'aws-us-gov',
      'us-gov-west-1',
      'amazonaws.com',
      'https://signin.amazonaws-us-gov.com/federation',
      'https://us-gov',
    ],
    [
      'aws-cn',
      'cn-north-1',
      'amazonaws.com.cn',
      'https://signin.amazonaws.cn/federation',
      'https://console.amazonaws.cn/',
    ],
    [
      'aws-cn',
      'cn-northwest-1',
      'amazonaws.com.cn',
      'https://signin.amazonaws.cn/federation',
      'https://cn-northwest-1.console.amazonaws.cn/',
    ],
  ])('in %s, %s', (partition, region, domain, first, destination) => {
    const at = { region, endpoint: `https://sts.${region}.${domain}` }
    const signIn = signInOf(access({ roleArn: `arn:${partition}:iam::${ACCOUNT}:role/x`, regions: [at] }), at, null)
    expect(hostsOf(signIn)[0]).toBe(first)
    expect(signIn.destination.startsWith(destination)).toBe(true)
    expect(new Set(hostsOf(signIn)).size).toBe(signIn.endpoints.length)
  })
  it.each([
    ['a server of somebody else', access(), 'https://sts.example.com'],
    ['one that only looks like AWS', access(), 'https://sts.amazonaws.com.example'],
    ['a partition that is not known', access({ roleArn: `arn:aws-iso:iam::${ACCOUNT}:role/x` }), REGIONS[0]?.endpoint],
  ])('is not known for %s: the session is sent nowhere', (_what, of, endpoint) => {
    expect(() => signInOf(of, { region: 'eu-west-1', endpoint: endpoint ?? '' }, null)).toThrow(
      expect.objectContaining({ code: 'not-aws' }) as Error,
    )
  })
})

describe('a sign-in endpoint', () => {
  const one: AwsSession = {
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00',
    sessionToken: 'FwoGZXIvYXdzE',
    expiration: 0,
    region: 'eu-west-1',
  }
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })
  const serve = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/federation`
  }
  const through = (...endpoints: string[]): SignIn => ({
    endpoints: endpoints.map((endpoint) => ({ region: 'eu-west-1', endpoint })),
    destination: 'https://console.aws.amazon.com/',
    isReachedOver: false,
  })
  const good: RequestListener = (_, response) => response.end('{"SigninToken":"good"}')
  const tokenIn = (link: string) => new URL(link).searchParams.get('SigninToken')

  it.each([
    ['is down', (_: unknown, response: { destroy(): void }) => response.destroy()],
    ['fails', (_: unknown, response: { writeHead(n: number): { end(): void } }) => response.writeHead(503).end()],
    [
      'leads elsewhere',
      (_: unknown, response: { writeHead(n: number, h: object): { end(): void } }) =>
        response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['answers with nonsense', (_: unknown, response: { end(text: string): void }) => response.end('<html>')],
    [
      'answers with very much',
      (_: unknown, response: { end(text: string): void }) =>
        response.end(`{"SigninToken":"good","more":"${'x'.repeat(100_000)}"}`),
    ],
    [
      'answers with what is no token',
      (_: unknown, response: { end(text: string): void }) => response.end('{"SigninToken":"a b"}'),
    ],
  ])('that %s leaves it to the next one', async (_what, answer) => {
    const bad = await serve(answer)
    const link = await consoleLink(one, through(bad, await serve(good)))
    expect(tokenIn(link)).toBe('good')
    expect(await refusedLink(one, through(bad))).toMatchObject({ code: 'console-unreachable' })
  })
  it('that says nothing is not waited for', async () => {
    const silent = await serve(() => undefined)
    const began = performance.now()
    expect(tokenIn(await consoleLink(one, through(silent, await serve(good))))).toBe('good')
    expect(performance.now() - began).toBeLessThan(4000)
    for (const server of servers) server.closeAllConnections()
  })
  it('that cannot prove its name is told nothing, whatever the environment says', async () => {
    const { tlsPrivateKey, peer } = person('alice')
    const { cert, key } = await makeCredentials(tlsPrivateKey, peer.tls)
    let asked = 0
    const server = createSecureServer({ cert, key }, (request, response) => {
      asked++
      good(request, response)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/federation`
    expect(await refusedLink(one, through(url))).toMatchObject({ code: 'console-unreachable' })
    expect(asked).toBe(0)
    vi.unstubAllEnvs()
  })
  it('that refuses is believed: no other is asked', async () => {
    let asked = 0
    const refusing = await serve((_, response) => response.writeHead(400).end('Session: wJalrXUtnFEMI'))
    const other = await serve((request, response) => {
      asked++
      good(request, response)
    })
    expect(await refusedLink(one, through(refusing, other))).toMatchObject({ code: 'console-refused' })
    expect(asked).toBe(0)
  })
})
