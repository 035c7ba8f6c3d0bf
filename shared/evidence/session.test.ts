import { describe, expect, it } from 'vitest'
import { grantedCase } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import { subjectOf } from './subject.ts'
import { assume, call, GIVEN_KEY, judged, OTHER_KEY, token, user, withMore } from './testing/calls.ts'
import { found, type Record, ROLE, SESSION_KEY, scene, sessionIdentity } from './testing/scene.ts'
import { codes, MINUTE } from './testing/ways.ts'

// What explains a call, and a little less than that, which does not.

describe('the session', () => {
  it('is the service’s that acts for it only in the plan’s role', async () => {
    const told = await scene()
    const identity = { ...sessionIdentity(told.alice, GIVEN_KEY), invokedBy: 'cloudformation.amazonaws.com' }
    const act = (userIdentity: Record) => withMore(told, call(told, 1, 'RunInstances', 'ec2', { userIdentity }))
    expect(act(identity)).toEqual([])
    expect(act({ ...identity, sessionContext: { sessionIssuer: { arn: `${ROLE}-2` } } })).toEqual(['session-used'])
  })

  it('that no grant names is nobody’s for whom a service may act', async () => {
    const told = await scene()
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const attempts = subject.attempts.map((one) => ({ ...one, grant: null }))
    const userIdentity = { ...sessionIdentity(told.alice, GIVEN_KEY), invokedBy: 'cloudformation.amazonaws.com' }
    expect(judged({ ...subject, attempts }, [call(told, 1, 'RunInstances', 'ec2', { userIdentity })])).toEqual([
      'session-used',
    ])
  })

  it('is followed to the keys that the console made for it', async () => {
    const told = await scene()
    const made = call(told, 1, 'CreateAccessKey', 'iam', {
      userIdentity: sessionIdentity(told.alice, GIVEN_KEY),
      sessionCredentialFromConsole: 'true',
      responseElements: { accessKey: { accessKeyId: OTHER_KEY } },
    })
    const used = { ...call(told, 60, 'DeleteTrail', 'cloudtrail', { userIdentity: user(OTHER_KEY) }), eventID: 'used' }
    expect(withMore(told, made, used)).toEqual(['after-end'])
  })

  it.each([
    ['GetCallerIdentity', 'sts', []],
    ['GetAccessKeyInfo', 'sts', []],
    ['GetAccessKeyInfo', 'another', ['after-end']],
    ['AssumeRole', 'sts', ['after-end']],
  ])('after its end is looked at by %s of %s', async (name, source, expected) => {
    const told = await scene()
    const late = call(told, 12, name, source, { userIdentity: sessionIdentity(told.alice) })
    expect(withMore(told, late)).toEqual(expected)
  })

  it('is over at AWS’s expiration if nobody said so before, by AWS’s clock, and at no word of a third', async () => {
    const told = await scene({}, { skewMs: 4 * MINUTE })
    const use = (minutes: number) =>
      withMore(told, call(told, minutes, 'DeleteTrail', 'cloudtrail', { userIdentity: sessionIdentity(told.alice) }))
    // She said that she was done after ten minutes of her device's clock.
    expect([use(14), use(15)]).toEqual([[], ['after-end']])
    const { story, grant, start } = told
    await story.end('erin', grant, { at: start })
    await story.end('bob', { ...grant, id: told.request.id }, { at: start })
    expect(use(14)).toEqual([])
    const subject = subjectOf(story.org(), story.case(told.request))
    const over = subject.attempts[0]?.grant?.over
    expect(over).toBe(start + 14 * MINUTE)
    const long = await scene({}, { expires: told.start + 5 * MINUTE, skewMs: 4 * MINUTE })
    const after = call(long, 6, 'DeleteTrail', 'cloudtrail', { userIdentity: sessionIdentity(long.alice) })
    expect(withMore(long, after)).toEqual(['after-end'])
  })

  it('of another case is none of this one, nor what that made', async () => {
    const told = await scene()
    const other = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', {}, { accessKeyId: GIVEN_KEY })
    expect(told.story.case(other.request).state).toBe('granted')
    const use = call(told, 30, 'DeleteTrail', 'cloudtrail', {
      userIdentity: sessionIdentity(told.alice, GIVEN_KEY, 'lb-elsewhere-1'),
    })
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan, { reference: 'INC-8' })
    const ready = await story.ready('bob', request, deposit)
    await story.sign('issuing', 'bob', { request: request.id, ready: ready.id, attempt: 1, sessionName: 'lb-other-1' })
    const named = { ...use, eventID: 'named', userIdentity: sessionIdentity(told.alice, OTHER_KEY, 'lb-other-1') }
    expect(found(told, [...told.records, use, named])).toEqual(found(told, told.records))
  })

  it('was issued when its device says, by AWS’s clock', async () => {
    const told = await scene({}, { skewMs: 4 * MINUTE })
    const [span] = told.spans
    const over = (until: number) =>
      found(told, told.records.slice(1), span === undefined ? [] : [{ ...span, until: told.start + until * MINUTE }])
    expect(over(18).grants).toMatchObject([{ issued: 'not-covered' }])
    expect(over(19).grants).toMatchObject([{ issued: 'unseen' }])
    const since = (from: number) =>
      found(told, told.records.slice(1), span === undefined ? [] : [{ ...span, from }]).grants[0]?.issued
    const at = told.start + 4 * MINUTE
    expect([since(at), since(at + 1)]).toEqual(['unseen', 'not-covered'])
  })

  it('and its attempt is told by that clock too', async () => {
    const access = { ...usualPlan.access, sessionToken: true as const }
    const told = await scene({ access }, { skewMs: 20 * MINUTE })
    const issue = assume(told, ROLE, user(GIVEN_KEY), SESSION_KEY)
    expect(codes(told, [token(told, 20), issue])).toEqual([])
    expect(codes(told, [token(told, 0), issue])).toContain('key-unexplained')
  })
})

describe('a session that may do nothing', () => {
  it.each(['drill', 'rotation'] as const)(
    'of a %s differs as soon as AWS carries something out for it',
    async (purpose) => {
      const told = await scene({ access: carefulAccess })
      const { story, start } = told
      story.now = start + 120 * MINUTE
      const other = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose }, { accessKeyId: GIVEN_KEY })
      const subject = subjectOf(story.org(), story.case(other.request))
      const userIdentity = sessionIdentity(told.alice, GIVEN_KEY)
      const of = (name: string, source: string, more: Record = {}) =>
        judged(subject, [call(told, 122, name, source, { userIdentity, ...more })])
      expect(of('StopInstances', 'ec2', { errorCode: 'Client.UnauthorizedOperation' })).toEqual([])
      expect(of('GetCallerIdentity', 'sts')).toEqual([])
      expect(of('ConsoleLogin', 'signin')).toEqual([])
      expect(of('StopInstances', 'ec2')).toEqual(['call-differs'])
      expect(judged(subject, [call(told, 150, 'StopInstances', 'ec2', { userIdentity })])).toEqual(['after-end'])
    },
  )
})
