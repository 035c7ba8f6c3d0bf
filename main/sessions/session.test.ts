import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { subjectOf } from '../../shared/evidence/subject.ts'
import { sealBox } from '../../shared/secrets/box.ts'
import { generateBoxKey } from '../../shared/secrets/box-key.ts'
import { grantedCase, setup } from '../../shared/testing/setup.ts'
import type { Standing } from '../issuers/aws/identity.ts'
import type { Denial } from '../issuers/aws/refused.ts'
import { type AwsSession, sessionBytes } from '../issuers/aws/session.ts'
import { type LiveSession, openSession } from './session.ts'
import { TestTime } from './testing/test-time.ts'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 10, 23, 12)
const session: AwsSession = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00',
  sessionToken: 'FwoGZXIvYXdzE',
  expiration: NOON + 15 * MINUTE,
  region: 'eu-central-1',
}
const endpoint = 'https://sts.eu-central-1.amazonaws.com'
const grant = { accessKeyId: session.accessKeyId, expires: session.expiration, endpoint }
const term = { skewMs: 0, longestMs: 15 * MINUTE }
const named = (name: string) => digest(utf8(name))
const context = {
  organization: named('organization'),
  deposit: named('deposit'),
  request: named('request'),
  ready: named('ready'),
  from: named('issuer'),
  to: named('requester'),
  index: null,
}
const key = generateBoxKey((length) => Uint8Array.from(randomBytes(length)))

let time: TestTime
let asked: AwsSession[]
let answers: Standing['standing'][]
let denials: ('not-denied' | 'denied' | 'expired' | 'unreachable' | 'other policy')[]
let askedForDenial: number

beforeEach(() => {
  time = new TestTime(NOON)
  asked = []
  answers = []
  denials = []
  askedForDenial = 0
})

interface Change {
  readonly grant?: Partial<typeof grant>
  readonly content?: Uint8Array
  readonly term?: Partial<typeof term>
  readonly deniable?: { readonly wasOpen: boolean }
}

async function open(change: Change = {}): Promise<LiveSession> {
  const box = await sealBox(key.publicKey, { purpose: 'handover', ...context }, change.content ?? sessionBytes(session))
  const standing = async (one: AwsSession): Promise<Standing> => {
    asked.push(one)
    const said = answers.shift() ?? 'refused'
    if (said === 'alive') return { standing: said, arn: 'arn', skewMs: 0 }
    return said === 'unknown' ? { standing: said, why: 'unreachable', skewMs: null } : { standing: said, skewMs: 0 }
  }
  const denial = async (): Promise<Denial> => {
    askedForDenial++
    const said = denials.shift() ?? 'not-denied'
    if (said === 'other policy') return { is: 'unknown', why: 'denied', skewMs: 0 }
    return said === 'unreachable' ? { is: 'unknown', why: said, skewMs: null } : { is: said, skewMs: 0 }
  }
  const handover = {
    box,
    privateKey: key.privateKey,
    context,
    grant: { ...grant, ...change.grant },
    term: { ...term, ...change.term },
    deniable: change.deniable ?? null,
  }
  return openSession(handover, time, undefined, { standing, denial })
}

describe('a handed over session', () => {
  it('gives its lines while it runs', async () => {
    const live = await open()
    await time.run(14 * MINUTE)
    expect(live.leftMs()).toBe(MINUTE)
    expect(live.environmentLines('posix')).toContain(session.secretAccessKey)
    expect(live.processCredentials().SessionToken).toBe(session.sessionToken)
  })
  it('tells programs when it ends by the clock of this device, by which they go', async () => {
    expect((await open()).processCredentials().Expiration).toBe('2026-11-23T12:15:00Z')
    // As much as whole seconds in a date make up.
    const exact = await open({ term: { skewMs: 900 } })
    expect(exact.processCredentials().Expiration).toBe('2026-11-23T12:15:00Z')
    const behind = await open({ term: { skewMs: 120_000 } })
    expect(behind.processCredentials().Expiration).toBe('2026-11-23T12:13:00Z')
  })
  it('tells lines and shells the same', async () => {
    time.jump(20 * MINUTE)
    const ahead = await open({ term: { skewMs: -20 * MINUTE } })
    expect(ahead.environmentLines('posix')).toContain("AWS_CREDENTIAL_EXPIRATION='2026-11-23T12:35:00Z'")
    expect(ahead.environment().variables).toMatchObject({ AWS_CREDENTIAL_EXPIRATION: '2026-11-23T12:35:00Z' })
  })
  it.each([
    [
      'behind, which nobody measured, so that no more than was granted is left',
      -60 * MINUTE,
      0,
      '2026-11-23T11:15:00Z',
    ],
    ['set back meanwhile', 0, -30 * MINUTE, '2026-11-23T11:45:00Z'],
    ['set forward meanwhile', 0, 5 * MINUTE, '2026-11-23T12:15:00Z'],
  ])('tells programs to stop when it ends here, also where the clock is %s', async (_, before, meanwhile, expected) => {
    time.jump(before)
    const live = await open()
    await time.run(MINUTE)
    time.jump(meanwhile)
    expect(live.processCredentials().Expiration).toBe(expected)
    expect(live.environment().variables).toMatchObject({ AWS_CREDENTIAL_EXPIRATION: expected })
  })
  it('is refused if it is not the one that was granted', async () => {
    await expect(open({ grant: { accessKeyId: 'ASIAOTHEROTHEROTHER0' } })).rejects.toMatchObject({
      code: 'not-the-grant',
    })
    await expect(open({ grant: { expires: grant.expires + 1 } })).rejects.toMatchObject({ code: 'not-the-grant' })
  })
  it('is refused if it is none, without quoting what came', async () => {
    const unquoted: unknown = expect.not.stringContaining('hunter2')
    await expect(open({ content: utf8('{"a":"hunter2"}') })).rejects.toMatchObject({
      code: 'invalid',
      message: unquoted,
    })
  })
})

describe('at its end', () => {
  it('a session gives nothing more, and AWS says that it refuses it', async () => {
    const live = await open()
    await time.run(15 * MINUTE)
    expect(live.leftMs()).toBe(0)
    expect(() => live.environmentLines('posix')).toThrow(expect.objectContaining({ code: 'over' }))
    expect(asked).toEqual([])
    await time.run(2000)
    expect(asked).toEqual([session])
    expect(await live.ended).toEqual({ how: 'timer', confirmation: 'aws-refused', wiped: true, at: NOON + 15 * MINUTE })
  })
  it('asks again while AWS still takes the session or cannot be reached', async () => {
    const live = await open()
    answers = ['alive', 'unknown', 'refused']
    await time.run(15 * MINUTE + 10_000)
    expect(asked).toHaveLength(3)
    expect(await live.ended).toMatchObject({ confirmation: 'aws-refused' })
  })
  it('leaves the end unconfirmed when AWS never refuses, and wipes all the same', async () => {
    const live = await open()
    answers = ['unknown', 'unknown', 'unknown', 'alive']
    await time.run(15 * MINUTE + 20_000)
    expect(await live.ended).toMatchObject({ how: 'timer', confirmation: 'none', wiped: true })
    expect(time.waiting).toEqual([])
  })
  it('is noticed within seconds after a sleep past it', async () => {
    const live = await open()
    time.jump(60 * MINUTE)
    await time.run(8000)
    expect(await live.ended).toMatchObject({ how: 'timer', confirmation: 'aws-refused' })
  })
  it('is noticed by whoever asks for the lines first', async () => {
    const live = await open()
    time.jump(60 * MINUTE)
    expect(() => live.processCredentials()).toThrow(expect.objectContaining({ code: 'over' }))
  })
  it('does not come later when the clock was set back', async () => {
    const live = await open()
    time.jump(-60 * MINUTE)
    await time.run(15 * MINUTE)
    expect(live.leftMs()).toBe(0)
  })
})

describe('"I am done"', () => {
  it('wipes at once and asks AWS nothing: the session lives there until its end', async () => {
    const live = await open()
    await time.run(MINUTE)
    live.done()
    expect(await live.ended).toEqual({ how: 'done', confirmation: 'none', wiped: true, at: NOON + MINUTE })
    expect(() => live.environmentLines('posix')).toThrow(expect.objectContaining({ code: 'over' }))
    expect(live.leftMs()).toBe(0)
    await time.run(30 * MINUTE)
    expect(asked).toEqual([])
    expect(time.waiting).toEqual([])
  })
  it('said after the timer, while AWS is being asked, wipes without waiting for it', async () => {
    const live = await open()
    await time.run(15 * MINUTE)
    live.done()
    expect(await live.ended).toMatchObject({ how: 'timer', confirmation: 'none' })
    await time.run(MINUTE)
    expect(asked).toEqual([])
  })
})

describe('asking CloudTrail with a session', () => {
  it('makes not a call more once it may not be handed out', async () => {
    const live = await open()
    const told = await setup('alice', 'bob', 'carol', 'dave')
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    let calls = 0
    const trail = createServer((_request, response) => {
      calls++
      live.done()
      response.end('{"Events":[],"NextToken":"more"}')
    })
    onTestFinished(() => void trail.close())
    trail.listen(0, '127.0.0.1')
    await once(trail, 'listening')
    const { port } = trail.address() as AddressInfo
    const order = {
      subject: subjectOf(told.story.org(), told.story.case(request)),
      regions: [{ region: 'eu-central-1', endpoint: `http://127.0.0.1:${port}` }],
      signal: new AbortController().signal,
      onRead: () => undefined,
    }
    const now = () => ({ wall: told.story.now, monotonic: 0 })
    const asking = live.lookUp(order, { now, pause: async () => undefined, timeoutMs: 5000 })
    await expect(asking).rejects.toMatchObject({ code: 'over' })
    expect(calls).toBe(1)
  })
})

describe('a session that may be denied at AWS', () => {
  const deniable = { wasOpen: false }

  it('is asked about once while it lives, and not again when AWS answered', async () => {
    const live = await open({ deniable })
    await time.run(5 * MINUTE)
    expect([askedForDenial, live.wasOpen()]).toEqual([1, true])
  })
  it('is not handed out any more from the moment on at which it is to end, and is kept until AWS refuses it', async () => {
    const live = await open({ deniable })
    await time.run(MINUTE)
    live.end('done')
    expect(() => live.environmentLines('posix')).toThrow(expect.objectContaining({ code: 'over' }))
    expect(live.ending()).toEqual({ how: 'done', at: NOON + MINUTE, isDenied: false, isIgnored: false })
    expect(live.leftMs()).toBe(14 * MINUTE)
    denials = ['not-denied', 'unreachable', 'denied']
    await time.run(10_000)
    expect(await live.ended).toEqual({
      how: 'done',
      confirmation: 'aws-refused',
      wiped: true,
      // When it was refused, and not when it was to end.
      at: NOON + MINUTE + 7000,
    })
    expect([askedForDenial, time.waiting]).toEqual([4, []])
  })
  it('is not said to be ended by a deny that was there before AWS was seen to answer', async () => {
    denials = Array.from({ length: 99 }, () => 'denied' as const)
    const live = await open({ deniable })
    await time.run(1000)
    live.end('revoked')
    await time.run(13 * MINUTE)
    expect(live.ending()).toMatchObject({ how: 'revoked' })
    await time.run(2 * MINUTE)
    expect(await live.ended).toMatchObject({ how: 'revoked', confirmation: 'aws-refused' })
    expect(asked).toHaveLength(1)
  })
  it('that another policy denied before is seen to end when the role denies it', async () => {
    denials = ['other policy', 'other policy', 'denied']
    const live = await open({ deniable })
    await time.run(1000)
    live.end('done')
    await time.run(5000)
    expect(await live.ended).toMatchObject({ confirmation: 'aws-refused' })
  })
  it('was known to be answered in an earlier run, so that the first refusal counts', async () => {
    const live = await open({ deniable: { wasOpen: true } })
    expect(askedForDenial).toBe(0)
    live.end('revoked', NOON - MINUTE)
    expect(live.ending()).toMatchObject({ at: NOON - MINUTE })
    denials = ['denied']
    await time.run(2000)
    expect(await live.ended).toMatchObject({ how: 'revoked', confirmation: 'aws-refused', at: NOON + 1000 })
  })
  it('is asked about soon when somebody says that AWS has the deny, and is ignored if it answers a minute later', async () => {
    const live = await open({ deniable })
    live.end('done')
    await time.run(5 * MINUTE)
    const before = askedForDenial
    live.denied()
    await time.run(2000)
    expect(askedForDenial).toBe(before + 1)
    await time.run(55_000)
    expect(live.ending()).toMatchObject({ isDenied: true, isIgnored: false })
    await time.run(MINUTE)
    expect(live.ending()).toMatchObject({ isIgnored: true })
    denials = ['denied']
    await time.run(MINUTE)
    expect(await live.ended).toMatchObject({ confirmation: 'aws-refused' })
  })
  it('is not ignored because another policy refuses it, as that of a drill, and AWS names that one', async () => {
    denials = Array.from({ length: 99 }, () => 'other policy' as const)
    const live = await open({ deniable })
    live.end('done')
    live.denied()
    await time.run(5 * MINUTE)
    expect(live.ending()).toMatchObject({ isDenied: true, isIgnored: false })
  })
  it('is seen to be hit by the deny of another, once it was refused twice with no answer between, until it is answered', async () => {
    const live = await open({ deniable })
    await time.run(MINUTE)
    expect([askedForDenial, live.isHarmed()]).toEqual([1, false])
    denials = ['denied', 'not-denied', 'denied', 'unreachable', 'denied', 'not-denied']
    live.suspect()
    await time.run(16_000)
    expect(live.isHarmed()).toBe(false)
    await time.run(15_000)
    expect([live.isHarmed(), live.isUsable()]).toEqual([true, true])
    await time.run(30_000)
    expect(live.isHarmed()).toBe(false)
    await time.run(5 * MINUTE)
    expect(askedForDenial).toBe(8)
  })
  it.each<[string, boolean, (live: LiveSession) => void]>([
    ['it was never seen to be answered', false, () => undefined],
    ['it is to end itself', true, (live) => live.end('revoked')],
  ])('is not said to be hit by the deny of another where %s', async (_, wasOpen, and) => {
    denials = Array.from({ length: 99 }, () => 'denied' as const)
    const live = await open({ deniable: { wasOpen } })
    live.suspect()
    and(live)
    await time.run(3 * MINUTE)
    expect(live.isHarmed()).toBe(false)
  })
  it('is wiped at once when the app ends, whatever AWS says', async () => {
    const live = await open({ deniable })
    live.end('revoked')
    live.done()
    expect(await live.ended).toEqual({ how: 'revoked', confirmation: 'none', wiped: true, at: NOON })
    await time.run(MINUTE)
    expect([askedForDenial <= 1, time.waiting]).toEqual([true, []])
  })
})
