import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { sealBox } from '../../shared/secrets/box.ts'
import { generateBoxKey } from '../../shared/secrets/box-key.ts'
import type { Standing } from '../issuers/aws/identity.ts'
import { type AwsSession, sessionBytes } from '../issuers/aws/session.ts'
import type { Clocks } from './countdown.ts'
import { type LiveSession, openSession, type Time } from './session.ts'

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

/** Clocks that a test moves, with timers that follow the monotonic one, as Node's do. */
class TestTime implements Time {
  clocks: Clocks = { wall: NOON, monotonic: 0 }
  waiting: { due: number; callback: () => void }[] = []

  now(): Clocks {
    return this.clocks
  }
  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.clocks.monotonic + ms, callback }
    this.waiting.push(timer)
    return () => {
      this.waiting = this.waiting.filter((one) => one !== timer)
    }
  }
  /** Both clocks run, in steps of a second; promises settle in between. */
  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1000) {
      this.clocks = { wall: this.clocks.wall + 1000, monotonic: this.clocks.monotonic + 1000 }
      const due = this.waiting.filter((timer) => timer.due <= this.clocks.monotonic)
      this.waiting = this.waiting.filter((timer) => !due.includes(timer))
      for (const { callback } of due) callback()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  /** The wall clock alone moves: sleep, or somebody set it. */
  jump(ms: number): void {
    this.clocks = { ...this.clocks, wall: this.clocks.wall + ms }
  }
}

let time: TestTime
let asked: AwsSession[]
let answers: Standing['standing'][]

beforeEach(() => {
  time = new TestTime()
  asked = []
  answers = []
})

async function open(
  change: { grant?: Partial<typeof grant>; content?: Uint8Array; term?: Partial<typeof term> } = {},
): Promise<LiveSession> {
  const box = await sealBox(key.publicKey, { purpose: 'handover', ...context }, change.content ?? sessionBytes(session))
  const ask = async (one: AwsSession): Promise<Standing> => {
    asked.push(one)
    const standing = answers.shift() ?? 'refused'
    if (standing === 'alive') return { standing, arn: 'arn', skewMs: 0 }
    return standing === 'unknown' ? { standing, why: 'unreachable', skewMs: null } : { standing, skewMs: 0 }
  }
  const handover = {
    box,
    privateKey: key.privateKey,
    context,
    grant: { ...grant, ...change.grant },
    term: { ...term, ...change.term },
  }
  return openSession(handover, time, ask)
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
