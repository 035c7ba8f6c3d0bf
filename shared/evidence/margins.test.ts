import { describe, expect, it } from 'vitest'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import { secondsAsked } from './origin.ts'
import { subjectOf } from './subject.ts'
import {
  assume,
  call,
  GIVEN_KEY,
  judged,
  MFA,
  NEXT,
  OTHER_KEY,
  STEP,
  token,
  twoKeys,
  user,
  withEarlier,
  withMore,
} from './testing/calls.ts'
import {
  called,
  found,
  LONG_KEY,
  type Record,
  ROLE,
  SESSION_KEY,
  SESSION_NAME,
  scene,
  sessionIdentity,
} from './testing/scene.ts'
import { codes, issueOf, MINUTE } from './testing/ways.ts'

// What explains a call, and a little less than that, which does not.

describe('a try that AWS refused', () => {
  const refused = { errorCode: 'AccessDenied', responseElements: null }

  it('under the name of an attempt with a key of nobody’s here explains itself, whenever it was', async () => {
    const told = await scene()
    const later = called(told.start + 180 * MINUTE, 'AssumeRole', 'sts.amazonaws.com', 9)
    const tried: Record = { ...issueOf(told), ...later, ...refused, userIdentity: user(OTHER_KEY) }
    const { differs, events } = found(told, [...told.records, tried])
    expect([differs, events.at(-1)]).toMatchObject([[], { event: { id: tried['eventID'] }, role: 'tried' }])
  })

  it('of which the record says what it asked for is no attempt’s that asked for something else', async () => {
    const told = await scene()
    const near = { ...issueOf(told), eventID: 'near', ...refused }
    expect(withMore(told, { ...near, requestParameters: null })).toEqual([])
    expect(withMore(told, { ...near, requestParameters: { roleArn: ROLE } })).toEqual(['key-unexplained'])
    expect(withMore(told, { ...near, requestParameters: { roleSessionName: 'somebody' } })).toEqual(['key-unexplained'])
  })

  it('is the attempt’s only with the key that this used', async () => {
    const told = await scene()
    const near = { ...issueOf(told), eventID: 'near', ...refused, requestParameters: null }
    expect(twoKeys(told, { ...near, userIdentity: user(OTHER_KEY) })).toEqual(['key-unexplained'])
    const stepped = await scene({ access: { ...usualPlan.access, sessionToken: true } })
    const byStep = {
      ...issueOf(stepped),
      eventID: 'near',
      ...refused,
      requestParameters: null,
      userIdentity: user(GIVEN_KEY),
    }
    expect(judged(withEarlier(stepped), [token(stepped, 0), byStep])).toEqual([])
    expect(judged(withEarlier(stepped), [token(stepped, -30), byStep])).toEqual(['key-unexplained'])
    // Of attempts under one name it is of the one that its key was for.
    const named = { ...byStep, requestParameters: { roleArn: ROLE, roleSessionName: SESSION_NAME } }
    const subject = withEarlier(stepped)
    const attempts = subject.attempts.map((one) => ({ ...one, sessionName: SESSION_NAME }))
    expect(judged({ ...subject, attempts }, [token(stepped, 0), named])).toEqual([])
    expect(judged({ ...subject, attempts }, [token(stepped, -30), named])).toEqual(['key-unexplained'])
    expect(judged(subject, [token(stepped, -30), named])).toEqual([])
    const later = subject.attempts.map((one) => ({ ...one, at: one.at + 8 * MINUTE, grant: null }))
    const { eventTime } = called(stepped.start + 12 * MINUTE, 'AssumeRole', '', 9)
    const both = { ...subject, attempts: [...subject.attempts, ...later] }
    expect(judged(both, [token(stepped, 1), { ...named, eventTime }])).toEqual([])
  })
})

describe('a session of the user', () => {
  it('is a step only with the key that the attempt used, at its time, and where the plan takes one', async () => {
    const told = await scene({ access: { ...usualPlan.access, sessionToken: true } })
    const issue = assume(told, ROLE, user(GIVEN_KEY), SESSION_KEY)
    expect(codes(told, [token(told, 0), issue])).toEqual([])
    expect(codes(told, [token(told, -10), issue])).toEqual([])
    const { eventTime } = called(told.start - 10 * MINUTE - 1000, 'GetSessionToken', '', 9)
    expect(codes(told, [{ ...token(told, -10), eventTime }, issue])).toEqual(['key-unexplained', 'call-differs'])
    expect(codes(told, [token(told, 11), issue])).toEqual(['key-unexplained', 'call-differs'])
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const keys = [...subject.keys, { accessKeyId: OTHER_KEY, since: 0 }]
    expect(judged({ ...subject, keys }, [token(told, 0, OTHER_KEY)])).toContain('key-unexplained')
    const plain = await scene()
    expect(withMore(plain, token(plain, 0))).toEqual(['key-unexplained'])
    const another = { ...token(told, 0), eventSource: 'another.amazonaws.com' }
    expect(codes(told, [another, issue])).toEqual(['key-unexplained', 'call-differs'])
    const coded = await scene({ access: { ...usualPlan.access, mfa: MFA } })
    expect(withMore(coded, token(coded, 0))).toEqual(['key-unexplained'])
  })

  it('that nobody answered for, before the key was deposited, is only used then', async () => {
    const told = await scene()
    const day = 24 * 60
    const use = (minutes: number) => call(told, minutes, 'GetUser', 'iam', { userIdentity: user(GIVEN_KEY) })
    expect(withMore(told, token(told, -day), use(1 - day))).toEqual([])
    expect(withMore(told, token(told, -day), use(1))).toEqual(['key-unexplained'])
    const made = { ...use(2 - day), eventID: 'made', responseElements: { accessKey: { accessKeyId: OTHER_KEY } } }
    const used = call(told, 1, 'GetUser', 'iam', { userIdentity: user(OTHER_KEY) })
    expect(withMore(told, token(told, -day), made)).toEqual([])
    expect(withMore(told, token(told, -day), made, used)).toEqual(['key-unexplained'])
  })

  it('and the key itself, are somebody’s here from the second on in which that was deposited', async () => {
    const told = await scene()
    const [since = Number.NaN] = subjectOf(told.story.org(), told.story.case(told.request)).keys.map((one) => one.since)
    const use = (key: string, at: number) => ({
      ...called(at, 'GetUser', 'iam.amazonaws.com', 9),
      userIdentity: user(key),
    })
    const early = token(told, -24 * 60)
    expect([LONG_KEY, GIVEN_KEY].map((key) => withMore(told, early, use(key, since - 1000)))).toEqual([[], []])
    expect([LONG_KEY, GIVEN_KEY].map((key) => withMore(told, early, use(key, since)))).toEqual([
      ['key-unexplained'],
      ['key-unexplained'],
    ])
  })
})

describe('the way to a session', () => {
  it('begins with the plan’s first step, and leaves none out', async () => {
    const told = await scene({ access: { ...usualPlan.access, chain: [{ roleArn: STEP }, { roleArn: NEXT }] } })
    const [a, b] = ['ASIASTEPEXAMPLE00001', 'ASIASTEPEXAMPLE00002'] as const
    const by = (key: string) => sessionIdentity(told.alice, key)
    const [first, second] = [assume(told, STEP, user(), a), assume(told, NEXT, by(a), b)]
    expect(codes(told, [first, second, assume(told, ROLE, by(b), SESSION_KEY)])).toEqual([])
    expect(codes(told, [first, assume(told, ROLE, by(a), SESSION_KEY)])).toEqual(['call-differs'])
    expect(codes(told, [assume(told, ROLE, user(), SESSION_KEY)])).toEqual(['call-differs'])
    expect(codes(told, [assume(told, NEXT, user(), b)])).toContain('session-unknown')
  })

  it('over a session of the user too', async () => {
    const access = { ...usualPlan.access, sessionToken: true as const, chain: [{ roleArn: STEP }] }
    const told = await scene({ access })
    const key = 'ASIASTEPEXAMPLE00001'
    const step = assume(told, STEP, user(GIVEN_KEY), key)
    const issue = assume(told, ROLE, sessionIdentity(told.alice, key), SESSION_KEY)
    expect(codes(told, [token(told, 0), step, issue])).toEqual([])
    expect(codes(told, [token(told, 0), assume(told, ROLE, user(GIVEN_KEY), SESSION_KEY)])).toEqual(['call-differs'])
    expect(codes(told, [assume(told, STEP, user(), key), issue])).toContain('session-unknown')
  })

  it('is not over a session of the user where that is for the aftercare alone', async () => {
    const told = await scene({ access: { ...carefulAccess, mfa: MFA } })
    expect(codes(told, [token(told, 0), assume(told, ROLE, user(GIVEN_KEY), SESSION_KEY)])).toEqual(['call-differs'])
  })

  it('is not over a session of the user that was for another attempt, half an hour before', async () => {
    const told = await scene({ access: { ...usualPlan.access, sessionToken: true } })
    const records = [token(told, -30), assume(told, ROLE, user(GIVEN_KEY), SESSION_KEY)]
    expect(judged(withEarlier(told), records)).toEqual(['call-differs'])
  })

  it('is without a key only from another account than that of the role before', async () => {
    const far = 'arn:aws:iam::210987654321:role/step'
    const told = await scene({ access: { ...usualPlan.access, chain: [{ roleArn: far }, { roleArn: NEXT }] } })
    const [a, b] = ['ASIASTEPEXAMPLE00001', 'ASIASTEPEXAMPLE00002'] as const
    const nameless = { type: 'AWSAccount', principalId: 'AIDAEXAMPLE', accountId: '1' }
    const [first, second] = [assume(told, far, user(), a), assume(told, NEXT, nameless, b)]
    expect(codes(told, [first, second, assume(told, ROLE, sessionIdentity(told.alice, b), SESSION_KEY)])).toEqual([])
    expect(codes(told, [first, second, assume(told, ROLE, nameless, SESSION_KEY)])).toEqual(['call-differs'])
  })

  it('is with a key that the record names, though it does not say whose that is', async () => {
    const told = await scene()
    const issue = assume(told, ROLE, { type: 'IAMUser', accessKeyId: OTHER_KEY }, SESSION_KEY)
    expect(codes(told, [issue])).toEqual(['call-differs'])
  })

  it('is with the key that the attempt used, not with another of the case', async () => {
    const told = await scene()
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const keys = [...subject.keys, { accessKeyId: OTHER_KEY, since: 0 }]
    expect(judged({ ...subject, keys }, [assume(told, ROLE, user(OTHER_KEY), SESSION_KEY)])).toContain('call-differs')
  })

  it('gives an hour at most over a role, and a quarter at least', () => {
    const access = usualPlan.access
    expect([60, 900, 7200].map((seconds) => secondsAsked({ access, seconds }))).toEqual([900, 900, 7200])
    expect(secondsAsked({ access: { ...access, chain: [{ roleArn: STEP }] }, seconds: 7200 })).toBe(3600)
  })
})
