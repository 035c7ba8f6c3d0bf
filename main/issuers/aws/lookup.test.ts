import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EMERGENCY_USER } from '../../../e2e/sandbox-aws/sandbox.ts'
import { reconcile } from '../../../shared/evidence/reconcile.ts'
import { subjectOf } from '../../../shared/evidence/subject.ts'
import type { Keys } from './client.ts'
import { type Looked, lookUp } from './lookup.ts'
import { LookupError } from './lookup-error.ts'
import { parseSession } from './session.ts'
import { issuedCase } from './testing/issued-case.ts'
import { order, sandbox, start } from './testing/scene.ts'
import { trailEndpoints } from './trail-endpoints.ts'

/** AWS's clock and the app's, which go on by what is waited for and by nothing else. */
let pauses: number[] = []
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)
const begin = (more: Parameters<typeof start>[0] = {}) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  pauses = []
  return start(more)
}
afterEach(() => void vi.useRealTimers())
const means = {
  now: () => ({ wall: Date.now(), monotonic: Date.now() }),
  pause: async (ms: number) => {
    if (ms === 0) return
    pauses.push(ms)
    pass(ms)
  },
  timeoutMs: 2000,
}
const QUARTER_MS = 900_000
/** Somebody who may read the record and nothing else. */
const READER = { name: 'reader', policy: policy('cloudtrail:LookupEvents') }
const reader = (): Keys => {
  const keys = sandbox.accessKeys.get('reader')
  if (keys === undefined) throw new TypeError('no reader')
  return keys
}

type Told = Awaited<ReturnType<typeof issuedCase>>
type How = {
  readonly signal?: AbortSignal
  readonly mayGoOn?: () => void
  readonly trails?: typeof sandbox.trails
  readonly keys?: Keys
}

/** Asks with the session of the case. */
function asked(
  { story, request, got, access }: Told,
  { signal, mayGoOn = () => undefined, trails = sandbox.trails, keys }: How = {},
): Promise<Looked> {
  const subject = subjectOf(story.org(), story.case(request))
  const regions = trailEndpoints(access, trails)
  const { accessKeyId, secretAccessKey, sessionToken } = parseSession(got.session)
  const given = { subject, regions, signal: signal ?? new AbortController().signal, onRead: () => undefined }
  return lookUp(given, keys ?? { accessKeyId, secretAccessKey, sessionToken }, mayGoOn, means)
}
function compared(told: Told, { events, spans }: Looked) {
  return reconcile(subjectOf(told.story.org(), told.story.case(told.request)), events, spans)
}
function refusal(work: Promise<unknown>): Promise<LookupError> {
  return work.then(
    () => {
      throw new TypeError('expected a refusal')
    },
    (error: unknown) => {
      if (error instanceof LookupError) return error
      throw error
    },
  )
}
const use = async ({ got }: Told, times = 1) => {
  const { region, accessKeyId, secretAccessKey, sessionToken } = parseSession(got.session)
  const credentials = { accessKeyId, secretAccessKey, sessionToken }
  const endpoint = sandbox.endpoints[region] as string
  const sts = new STSClient({ region, endpoint, credentials, maxAttempts: 1 })
  for (let at = 0; at < times; at++) await sts.send(new GetCallerIdentityCommand({}))
}

describe('asking CloudTrail about a case', () => {
  it('gives the record that agrees with it, its own calls among them when they are there', async () => {
    await begin()
    const told = await issuedCase()
    await use(told)
    const first = await asked(told)
    const { differs, grants, events } = compared(told, first)
    expect([differs, grants]).toMatchObject([[], [{ grant: told.grant.id, issued: 'seen', refused: 0 }]])
    expect(events.map(({ event, role }) => [event.name, role])).toEqual(
      expect.arrayContaining([
        ['AssumeRole', 'issue'],
        ['GetCallerIdentity', 'session'],
      ]),
    )
    expect(first.spans.map(({ region }) => region)).toEqual(['eu-central-1', 'eu-west-1', 'us-east-1'])
    const own = compared(told, await asked(told)).events.filter(({ event }) => event.name === 'LookupEvents')
    expect(own.length).toBeGreaterThan(0)
    expect(own.every(({ role, difference }) => role === 'session' && difference === null)).toBe(true)
  })

  it('reads every page, and never faster than CloudTrail wants', async () => {
    await begin()
    const told = await issuedCase()
    await use(told, 120)
    const { events } = compared(told, await asked(told))
    expect(events.filter(({ event }) => event.name === 'GetCallerIdentity')).toHaveLength(120)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(500)
  })

  it('follows the keys that the answers tell of, to the issue over a session of the user', async () => {
    await begin()
    const told = await issuedCase({ sessionToken: true })
    const { differs, grants, events } = compared(told, await asked(told))
    expect([differs, grants[0]?.issued]).toEqual([[], 'seen'])
    expect(events.map(({ role }) => role)).toContain('way')
  })

  it('shows that somebody else has the key', async () => {
    await begin()
    const told = await issuedCase()
    const [at] = sandbox.regions
    await new STSClient({ ...at, credentials: sandbox.accessKey, maxAttempts: 1 }).send(
      new GetCallerIdentityCommand({}),
    )
    expect(compared(told, await asked(told)).differs.map(({ code }) => code)).toEqual(['key-unexplained'])
  })

  it('agrees with a drill, whose session may ask nothing', async () => {
    await begin({ users: [EMERGENCY_USER, READER] })
    const told = await issuedCase({}, 'drill')
    await use(told)
    expect((await refusal(asked(told))).code).toBe('lookup-denied')
    expect(compared(told, await asked(told, { keys: reader() }))).toMatchObject({
      differs: [],
      grants: [{ issued: 'seen' }],
    })
  })

  it('shows that the session of a drill may do something, as it does it', async () => {
    await begin({ users: [EMERGENCY_USER, READER] })
    const told = await issuedCase({}, 'drill', 'access')
    await asked(told)
    const codes = compared(told, await asked(told, { keys: reader() })).differs.map(({ code }) => code)
    expect(new Set(codes)).toEqual(new Set(['call-differs']))
  })

  it('says nothing of what AWS may not have written down yet', async () => {
    await begin({ trailDelayMs: QUARTER_MS })
    const told = await issuedCase()
    expect(compared(told, await asked(told))).toMatchObject({
      events: [],
      differs: [],
      grants: [{ issued: 'not-covered' }],
    })
  })

  it('misses an issue that is not there when it should be', async () => {
    await begin({ users: [EMERGENCY_USER, READER] })
    const told = await issuedCase()
    pass(QUARTER_MS + 60_000)
    const issue = sandbox.events.findIndex(({ name }) => name === 'AssumeRole')
    ;(sandbox.events as unknown[]).splice(issue, 1)
    expect(compared(told, await asked(told, { keys: reader() })).differs.map(({ code }) => code)).toEqual([
      'grant-unseen',
    ])
  })

  it('finds an issue by a caller from another account, which has no key, before it would be missed', async () => {
    await begin({ users: [EMERGENCY_USER, READER] })
    const told = await issuedCase()
    pass(QUARTER_MS + 60_000)
    const at = sandbox.events.findIndex(({ name }) => name === 'AssumeRole')
    const issue = sandbox.events[at] as (typeof sandbox.events)[number]
    const record = JSON.parse(issue.record) as { userIdentity: object }
    record.userIdentity = { type: 'AWSAccount', principalId: 'AIDAEXAMPLE', accountId: '999999999999' }
    const elsewhere = { ...issue, accessKeyId: '', username: '', record: JSON.stringify(record) }
    ;(sandbox.events as unknown[]).splice(at, 1, elsewhere)
    expect(compared(told, await asked(told, { keys: reader() }))).toMatchObject({
      differs: [],
      grants: [{ issued: 'seen' }],
    })
  })
})

describe('CloudTrail that does not answer', () => {
  it('is asked again when it asks to slow down, and given up when it goes on', async () => {
    await begin()
    const told = await issuedCase()
    sandbox.fault({ kind: 'throttled' }, { region: 'us-east-1', times: 2 })
    expect((await asked(told)).unanswered).toEqual([])
    expect(pauses.filter((ms) => ms >= 1000)).toEqual([1000, 2000])
    const issue = sandbox.events.findIndex(({ name }) => name === 'AssumeRole')
    ;(sandbox.events as unknown[]).splice(issue, 1)
    // Each region has answered something by then.
    let calls = 0
    const mayGoOn = () => {
      if (++calls === 4) sandbox.fault({ kind: 'throttled' }, { region: 'eu-central-1', times: 5 })
    }
    const looked = await asked(told, { mayGoOn })
    expect(looked.unanswered).toMatchObject([{ region: 'eu-central-1', error: { code: 'lookup-throttled' } }])
    // Of that region nothing is claimed.
    expect(looked.spans.map(({ region }) => region)).toEqual(['eu-west-1', 'us-east-1'])
    expect(compared(told, looked).grants).toMatchObject([{ issued: 'not-covered' }])
    sandbox.fault({ kind: 'throttled' }, { times: 100 })
    expect((await refusal(asked(told))).code).toBe('lookup-throttled')
  })

  it('because nothing allows it names the permission', async () => {
    await begin()
    const told = await issuedCase({ sessionPolicy: policy('s3:*') })
    const error = await refusal(asked(told))
    expect(error.code).toBe('lookup-denied')
    expect(error.message).toContain('cloudtrail:LookupEvents')
    expect(error.message).toMatch(/AWS says: “.*”\.$/)
  })

  it('because the network is away, or the session over, says so', async () => {
    await begin()
    const told = await issuedCase()
    const nowhere = Object.fromEntries(Object.keys(sandbox.trails).map((region) => [region, 'http://127.0.0.1:1']))
    expect((await refusal(asked(told, { trails: nowhere }))).code).toBe('lookup-unreachable')
    pass(901_000)
    expect((await refusal(asked(told))).code).toBe('lookup-expired')
  })

  it('is not asked again once it was stopped, or the session may not be used', async () => {
    await begin()
    const told = await issuedCase()
    await use(told, 60)
    const stop = new AbortController()
    let calls = 0
    const work = asked(told, { signal: stop.signal, mayGoOn: () => void (++calls === 4 && stop.abort()) })
    expect((await refusal(work)).code).toBe('lookup-stopped')
    const over = new RangeError('over')
    const ended = asked(told, {
      mayGoOn: () => {
        throw over
      },
    })
    await expect(ended).rejects.toBe(over)
  })
})

const opened: Server[] = []
afterEach(() => {
  for (const server of opened.splice(0)) server.close()
})
/** A server on this computer. */
async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  opened.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

/** Asks one CloudTrail, the only one of the case, which may take its time to send much. */
function askedAt({ story, request, got }: Told, endpoint: string): Promise<Looked> {
  const subject = subjectOf(story.org(), story.case(request))
  const { accessKeyId, secretAccessKey, sessionToken } = parseSession(got.session)
  const regions = [{ region: 'us-east-1', endpoint }]
  const given = { subject, regions, signal: new AbortController().signal, onRead: () => undefined }
  const keys = { accessKeyId, secretAccessKey, sessionToken }
  return lookUp(given, keys, () => undefined, { ...means, timeoutMs: 30_000 })
}

describe('what CloudTrail answers', () => {
  it.each([
    ['nested without end', 'bad-record', (send: Send) => send('['.repeat(1000))],
    [
      'longer than any answer',
      'record-too-large',
      (send: Send) => {
        for (let at = 0; at < 40; at++) send(' '.repeat(2 ** 20))
      },
    ],
    ['an event that is none', 'bad-record', (send: Send) => send('{"Events":[{"CloudTrailEvent":"[]"}]}')],
  ])('is refused before it is parsed if it is %s', async (_, code, write) => {
    await begin()
    const told = await issuedCase()
    const url = await listening((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1' })
      write((text) => response.write(text))
      response.end()
    })
    await expect(askedAt(told, url)).rejects.toMatchObject({ code })
  })
})
type Send = (text: string) => void

describe('whoever is looked at keeps nothing from being read', () => {
  /** Asks one that answers so; null: it refuses to. */
  async function askedOne(told: Told, answers: (value: string) => readonly object[] | null) {
    const asked: string[] = []
    const answer = ({ LookupAttributes }: { readonly LookupAttributes: readonly { AttributeValue: string }[] }) => {
      const value = LookupAttributes[0]?.AttributeValue ?? ''
      asked.push(value)
      const Events = answers(value)?.map((record) => ({ CloudTrailEvent: JSON.stringify(record) }))
      return Events === undefined ? { __type: 'AccessDeniedException', message: 'No.' } : { Events }
    }
    const endpoint = await listening((request, response) => {
      void json(request).then((asking) => {
        const body = answer(asking as Parameters<typeof answer>[0])
        response.writeHead('Events' in body ? 200 : 400, { 'Content-Type': 'application/x-amz-json-1.1' })
        response.end(JSON.stringify(body))
      })
    })
    return { looked: await askedAt(told, endpoint), asked }
  }
  const issue = () => {
    const found = sandbox.events.find(({ name }) => name === 'AssumeRole')
    return JSON.parse(found?.record ?? '') as { readonly userIdentity: object }
  }
  /** A use of the long-lived key that no case explains. */
  const stolen = () => ({ ...issue(), eventName: 'GetUser', eventID: 'a-thief', responseElements: null })
  const bySession = (accessKeyId: string, eventID: string, made?: string) => ({
    ...issue(),
    eventID,
    userIdentity: { ...issue().userIdentity, accessKeyId },
    requestParameters: { roleSessionName: 'another' },
    responseElements: made === undefined ? null : { credentials: { accessKeyId: made } },
  })

  it('by more keys than are asked for', async () => {
    await begin()
    const told = await issuedCase()
    const session = parseSession(told.got.session).accessKeyId
    const made = Array.from({ length: 250 }, (_, at) => bySession(session, `made-${at}`, `ASIAMADE${1e11 + at}`))
    const { looked, asked } = await askedOne(told, (value) =>
      value === session ? made : value === sandbox.accessKey.accessKeyId ? [issue(), stolen()] : [],
    )
    expect([asked.length, new Set(asked).size]).toEqual([200, 200])
    expect(looked.events).toHaveLength(252)
    const unanswered = [{ region: 'us-east-1', error: { code: 'lookup-refused' } }]
    expect(looked).toMatchObject({ spans: [], unanswered })
    expect(compared(told, looked).differs.map(({ code }) => code)).toEqual(['key-unexplained'])
  })

  it('by a question that fails after that for the long-lived key was answered', async () => {
    await begin()
    const told = await issuedCase()
    const key = sandbox.accessKey.accessKeyId
    const { looked } = await askedOne(told, (value) => (value === key ? [issue(), stolen()] : null))
    expect(looked).toMatchObject({ spans: [], unanswered: [{ region: 'us-east-1', error: { code: 'lookup-denied' } }] })
    expect(compared(told, looked)).toMatchObject({
      differs: [{ code: 'key-unexplained' }],
      grants: [{ issued: 'seen' }],
    })
  })

  it('by an event that cannot be read, or that contradicts another', async () => {
    await begin()
    const told = await issuedCase()
    const session = parseSession(told.got.session).accessKeyId
    const key = sandbox.accessKey.accessKeyId
    const { looked, asked } = await askedOne(told, (value) =>
      value === session
        ? [bySession(session, 'a-call')]
        : value === key
          ? [{ ...issue(), eventTime: 'never' }, issue(), { ...issue(), eventName: 'AnotherName' }, stolen()]
          : [],
    )
    expect(looked).toMatchObject({ spans: [], unanswered: [{ region: 'us-east-1', error: { code: 'bad-record' } }] })
    expect(compared(told, looked)).toMatchObject({
      differs: [{ code: 'key-unexplained', event: 'a-thief' }],
      grants: [{ issued: 'seen', calls: 1 }],
    })
    expect(asked).toHaveLength(3)
  })
})

describe('where CloudTrail is', () => {
  it('is known for AWS alone, in the plan’s regions and where IAM is recorded', async () => {
    await begin()
    const at = (region: string, endpoint: string) => ({ region, endpoint })
    const aws = { ...order().access, regions: [at('eu-west-1', 'https://sts.eu-west-1.amazonaws.com')] }
    expect(trailEndpoints(aws, null)).toEqual([
      at('eu-west-1', 'https://cloudtrail.eu-west-1.amazonaws.com'),
      at('us-east-1', 'https://cloudtrail.us-east-1.amazonaws.com'),
    ])
    const china = {
      ...aws,
      roleArn: aws.roleArn.replace(':aws:', ':aws-cn:'),
      regions: [at('cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn')],
    }
    expect(trailEndpoints(china, null)).toEqual([at('cn-north-1', 'https://cloudtrail.cn-north-1.amazonaws.com.cn')])
    const other = { ...aws, regions: [...aws.regions, at('x-1', 'https://sts.example.com')] }
    expect(() => trailEndpoints(other, null)).toThrow(expect.objectContaining({ code: 'lookup-not-aws' }))
  })
})

function policy(action: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] })
}
