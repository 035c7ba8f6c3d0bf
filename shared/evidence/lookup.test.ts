import { describe, expect, it } from 'vitest'
import { grantedCase } from '../testing/setup.ts'
import { issuesToLookFor, LOOKUP_REACH_MS, lookupBegin, lookupsOf } from './lookup.ts'
import { eventFrom } from './record.ts'
import { subjectOf } from './subject.ts'
import { OTHER_KEY } from './testing/calls.ts'
import {
  called,
  LONG_KEY,
  type Record,
  type Scene,
  SESSION_KEY,
  SESSION_NAME,
  scene,
  sessionIdentity,
} from './testing/scene.ts'
import { MINUTE } from './testing/ways.ts'

const DAY = 24 * 60 * MINUTE
const subjectIn = ({ story, request }: Pick<Scene, 'story' | 'request'>) => subjectOf(story.org(), story.case(request))
const asEvents = (records: readonly Record[]) => records.map((one) => eventFrom(one, 'it'))

/** The scene, and half an hour later another case with the same key, under another name. */
async function withAnother() {
  const told = await scene()
  const { story, plan, deposit } = told
  story.pass(30)
  const request = await story.ask('alice', plan, { reference: 'INC-8' })
  const ready = await story.ready('bob', request, deposit)
  await story.sign('issuing', 'bob', { request: request.id, ready: ready.id, attempt: 1, sessionName: 'lb-other-1' })
  return { ...told, other: request }
}

describe('what CloudTrail is asked about a case', () => {
  it('is its keys, the long-lived ones first, and the names of its own sessions', async () => {
    const told = await withAnother()
    expect(lookupsOf(subjectIn(told), [])).toEqual([
      { attribute: 'AccessKeyId', value: LONG_KEY },
      { attribute: 'AccessKeyId', value: SESSION_KEY },
      { attribute: 'Username', value: SESSION_NAME },
    ])
  })

  it('is also the keys of which answers tell, of which nothing else is a key’s id', async () => {
    const told = await scene()
    const made = (number: number, accessKeyId: string): Record => ({
      ...called(told.start + MINUTE, 'CreateAccessKey', 'iam.amazonaws.com', number),
      userIdentity: sessionIdentity(told.alice),
      responseElements: { accessKey: { accessKeyId } },
    })
    const answers = [made(8, OTHER_KEY), made(9, 'no key’s id'), made(10, 'SHORT'), made(11, 'A'.repeat(129))]
    const asked = lookupsOf(subjectIn(told), asEvents([...told.records, ...answers]))
    expect(asked.map(({ value }) => value).sort()).toEqual([LONG_KEY, OTHER_KEY, SESSION_KEY, SESSION_NAME].sort())
    expect(asked[0]?.value).toBe(LONG_KEY)
  })
})

describe('since when CloudTrail is asked', () => {
  it('is ten minutes before the key was there, or the attempt by AWS’s clock', async () => {
    const told = await scene()
    const subject = subjectIn(told)
    const [since = Number.NaN] = subject.keys.map((one) => one.since)
    expect(since).toBeLessThan(told.start)
    expect(lookupBegin(subject, told.story.now)).toBe(since - 10 * MINUTE)
    const early = subject.attempts.map((one) => ({ ...one, at: since - DAY }))
    expect(lookupBegin({ ...subject, attempts: early }, told.story.now)).toBe(since - DAY - 10 * MINUTE)
    const others = early.map((one) => ({ ...one, request: told.plan.id }))
    expect(lookupBegin({ ...subject, attempts: [...subject.attempts, ...others] }, told.story.now)).toBe(
      since - 10 * MINUTE,
    )
  })

  it('is no longer ago than it knows anything, nor before there was any time, and in whole seconds', async () => {
    const told = await scene()
    const subject = subjectIn(told)
    const [since = Number.NaN] = subject.keys.map((one) => one.since)
    const reach = 90 * DAY
    expect(LOOKUP_REACH_MS).toBe(reach)
    const [just, over] = [since - 10 * MINUTE + reach, since - 10 * MINUTE + reach + 1999]
    expect([just, over].map((now) => lookupBegin(subject, now))).toEqual([
      since - 10 * MINUTE,
      since - 10 * MINUTE + 1000,
    ])
    const ancient = subject.keys.map((one) => ({ ...one, since: 0 }))
    expect(lookupBegin({ ...subject, keys: ancient }, DAY)).toBe(0)
  })

  it('is by what the case knows, and never where that is nothing', async () => {
    const told = await scene()
    const subject = subjectIn(told)
    const keys = subject.keys.map((one) => ({ ...one, since: Number.POSITIVE_INFINITY }))
    expect(lookupBegin({ ...subject, keys }, told.story.now)).toBe(told.start - 10 * MINUTE)
    expect(lookupBegin({ ...subject, keys, attempts: [] }, told.story.now)).toBeNull()
  })
})

describe('a session whose issue is missed', () => {
  it('is looked for among all calls around it, by AWS’s clock, in its region', async () => {
    const told = await scene({}, { skewMs: 4 * MINUTE })
    const { records, spans, start } = told
    const subject = subjectIn(told)
    const at = start + 4 * MINUTE
    expect(issuesToLookFor(subject, asEvents(records.slice(1)), spans)).toEqual([
      {
        attribute: 'EventName',
        value: 'AssumeRole',
        region: 'eu-central-1',
        from: at - 10 * MINUTE,
        until: at + 10 * MINUTE,
      },
    ])
    expect(issuesToLookFor(subject, asEvents(records), spans)).toEqual([])
    expect(issuesToLookFor(subject, asEvents(records.slice(1)), [])).toEqual([])
  })

  it('is of this case', async () => {
    const told = await scene()
    const { grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', {}, { accessKeyId: OTHER_KEY })
    const subject = subjectIn(told)
    expect(subject.attempts.map((one) => one.grant?.id)).toContain(grant.id)
    const [span] = told.spans
    const spans = span === undefined ? [] : [{ ...span, until: span.until + DAY }]
    expect(issuesToLookFor(subject, asEvents(told.records), spans)).toEqual([])
    expect(issuesToLookFor(subject, asEvents(told.records.slice(1)), spans)).toHaveLength(1)
  })
})
