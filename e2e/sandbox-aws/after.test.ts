import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { EMERGENCY_ROLE } from './sandbox.ts'
import { assume, type Keys, keysIn, sandbox, start, sts, time, trail } from './testing.ts'

const record = z.object({
  eventName: z.string(),
  userIdentity: z.object({ accessKeyId: z.string(), sessionContext: z.unknown() }),
  errorCode: z.string().optional(),
})

describe('CloudTrail', () => {
  const look = (keys: Keys, input: object = {}) => trail(keys).send(new LookupEventsCommand(input))
  const of = (accessKeyId: string) => ({
    LookupAttributes: [{ AttributeKey: 'AccessKeyId' as const, AttributeValue: accessKeyId }],
  })

  it('tells what one session did, the newest first, with who was behind it', async () => {
    await start()
    const keys = keysIn(await assume({ SourceIdentity: 'ana' }))
    const other = keysIn(await assume())
    await sts(other).send(new GetCallerIdentityCommand({}))
    await sts(keys).send(new GetCallerIdentityCommand({}))
    await expect(sts(keys).send(new GetSessionTokenCommand({}))).rejects.toThrow(Error)
    const { Events = [] } = await look(keys, of(keys.accessKeyId))
    const records = Events.map((event) => record.parse(JSON.parse(event.CloudTrailEvent ?? '')))
    expect(records.map(({ eventName, errorCode }) => [eventName, errorCode])).toEqual([
      ['GetSessionToken', 'AccessDenied'],
      ['GetCallerIdentity', undefined],
    ])
    expect(records[0]?.userIdentity).toMatchObject({
      accessKeyId: keys.accessKeyId,
      sessionContext: { sourceIdentity: 'ana' },
    })
  })
  it('tells which session a long-lived key made', async () => {
    await start()
    const keys = keysIn(await assume())
    const { Events = [] } = await look(keys, of(sandbox.accessKey.accessKeyId))
    expect(JSON.parse(Events[0]?.CloudTrailEvent ?? '')).toMatchObject({
      responseElements: { credentials: { accessKeyId: keys.accessKeyId } },
    })
    expect(JSON.stringify(sandbox.events)).not.toContain(keys.secretAccessKey)
  })
  it('comes in pages', async () => {
    await start()
    const keys = keysIn(await assume())
    await sts(keys).send(new GetCallerIdentityCommand({}))
    const first = await look(keys, { MaxResults: 1 })
    const second = await look(keys, { MaxResults: 1, NextToken: first.NextToken })
    const ids = [first, second].map(({ Events }) => Events?.[0]?.EventId)
    expect(new Set(ids).size).toBe(2)
    expect([first.Events?.[0]?.EventName, second.Events?.[0]?.EventName]).toEqual(['GetCallerIdentity', 'AssumeRole'])
  })
  it('is late', async () => {
    await start({ trailDelayMs: 300_000 })
    const keys = keysIn(await assume())
    expect((await look(keys)).Events).toEqual([])
    time.now += 301_000
    expect((await look(keys)).Events).toHaveLength(2)
  })
  it('is of one region', async () => {
    await start()
    const keys = keysIn(await assume())
    const { Events } = await trail(keys, 'eu-west-1').send(new LookupEventsCommand({}))
    expect(Events).toEqual([])
  })
  it('needs permission, and says so in its own protocol', async () => {
    await start()
    await expect(look(sandbox.accessKey)).rejects.toMatchObject({ name: 'AccessDeniedException' })
    await expect(look({ ...sandbox.accessKey, secretAccessKey: 'x'.repeat(40) })).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    })
    sandbox.fault({ kind: 'throttled' })
    await expect(look(sandbox.accessKey)).rejects.toMatchObject({ name: 'ThrottlingException' })
  })
  it('answers two calls a second in each region', async () => {
    await start()
    const keys = keysIn(await assume())
    await look(keys)
    await look(keys)
    await expect(look(keys)).rejects.toMatchObject({ name: 'ThrottlingException' })
    await trail(keys, 'eu-west-1').send(new LookupEventsCommand({}))
    time.now += 500
    await look(keys)
    await expect(look(keys)).rejects.toMatchObject({ name: 'ThrottlingException' })
  })
  it('looks by one attribute at most', async () => {
    await start()
    const keys = keysIn(await assume())
    const [one] = of(keys.accessKeyId).LookupAttributes
    await expect(look(keys, { LookupAttributes: [one, one] })).rejects.toMatchObject({
      name: 'InvalidLookupAttributesException',
    })
  })
})

describe('signing in to the console', () => {
  const token = (keys: Required<Keys>, more = '') => {
    const { accessKeyId: sessionId, secretAccessKey: sessionKey, sessionToken } = keys
    const session = encodeURIComponent(JSON.stringify({ sessionId, sessionKey, sessionToken }))
    return fetch(`${sandbox.signIn}/federation?Action=getSigninToken${more}&Session=${session}`)
  }
  const login = (signInToken: string, to = 'https://console.aws.amazon.com/') =>
    fetch(
      `${sandbox.signIn}/federation?Action=login&Issuer=lockbox&Destination=${encodeURIComponent(to)}&SigninToken=${signInToken}`,
      { redirect: 'manual' },
    )
  const tokenIn = async (answer: Response) =>
    z.object({ SigninToken: z.string() }).parse(await answer.json()).SigninToken

  it('turns a role’s session into a link, for 15 minutes', async () => {
    await start()
    const given = await tokenIn(await token(keysIn(await assume())))
    expect(await login(given)).toMatchObject({ status: 302 })
    expect(await login(given, 'https://elsewhere.example/')).toMatchObject({ status: 400 })
    time.now += 15 * 60_000
    expect(await login(given)).toMatchObject({ status: 400 })
  })
  it('takes no other keys', async () => {
    await start()
    const keys = keysIn(await assume())
    expect(await token({ ...keys, sessionToken: 'x' })).toMatchObject({ status: 400 })
    expect(await token(keysIn(await sts().send(new GetSessionTokenCommand({}))))).toMatchObject({ status: 400 })
    time.now += 900_000
    expect(await token(keys)).toMatchObject({ status: 400 })
  })
  it('takes no duration from a chained role', async () => {
    await start({ roles: [EMERGENCY_ROLE] })
    const first = keysIn(await assume())
    const chained = keysIn(await assume({}, first))
    expect(await token(first, '&SessionDuration=1800')).toMatchObject({ status: 200 })
    expect(await token(chained, '&SessionDuration=1800')).toMatchObject({ status: 400 })
    expect(await token(chained)).toMatchObject({ status: 200 })
  })
})
