import { describe, expect, it } from 'vitest'
import { called, found, type Record, ROLE, type Scene, scene, sessionIdentity } from './testing/scene.ts'
import { chained, codes, issueOf, longKey, MADE_KEY, MINUTE, STEP_KEY } from './testing/ways.ts'

describe('what does not agree is named:', () => {
  const odd: [string, string[], (told: Scene) => Record[]][] = [
    [
      'a call with the long-lived key that no case explains',
      ['key-unexplained'],
      (told) => [
        { ...called(told.start + MINUTE, 'GetCallerIdentity', 'sts.amazonaws.com', 9), userIdentity: longKey(told) },
      ],
    ],
    [
      'a session that the long-lived key made under another name',
      ['key-unexplained'],
      (told) => [
        { ...issueOf(told), eventID: 'another', requestParameters: { roleArn: ROLE, roleSessionName: 'somebody' } },
      ],
    ],
    [
      'a refused try under the name of an attempt, hours after it',
      ['key-unexplained'],
      (told) => [
        {
          ...issueOf(told),
          ...called(told.start + 3 * 60 * MINUTE, 'AssumeRole', 'sts.amazonaws.com', 9),
          errorCode: 'AccessDenied',
          responseElements: null,
        },
      ],
    ],
    [
      'a second session under the name of the attempt',
      ['session-unknown'],
      (told) => [
        {
          ...issueOf(told),
          eventID: 'another',
          responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
        },
      ],
    ],
    [
      'what the key of such a session does, though the record says no more of it',
      ['session-used', 'session-unknown'],
      (told) => [
        {
          ...issueOf(told),
          eventID: 'another',
          responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
        },
        {
          ...called(told.start + MINUTE, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
          userIdentity: { type: 'AssumedRole', accessKeyId: 'ASIAI44QH8DHBEXAMPLE' },
        },
      ],
    ],
    [
      'a session of another role under the name of the attempt',
      ['session-unknown'],
      (told) => [
        {
          ...issueOf(told),
          eventID: 'another',
          requestParameters: { ...issueOf(told).requestParameters, roleArn: `${ROLE}-2` },
          responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
        },
      ],
    ],
    [
      'a call by a session of that name with keys that no grant has',
      ['session-used'],
      (told) => [
        {
          ...called(told.start + MINUTE, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
          userIdentity: sessionIdentity(told.alice, 'ASIAI44QH8DHBEXAMPLE'),
        },
      ],
    ],
    [
      'a call after she was done',
      ['after-end'],
      (told) => [
        {
          ...called(told.start + 11 * MINUTE, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
          userIdentity: sessionIdentity(told.alice),
        },
      ],
    ],
    [
      'a call after the end with an access key that the session made',
      ['after-end'],
      (told) => [
        {
          ...called(told.start + MINUTE, 'CreateAccessKey', 'iam.amazonaws.com', 8),
          userIdentity: sessionIdentity(told.alice),
          responseElements: { accessKey: { accessKeyId: 'AKIAI44QH8DHBEXAMPLE' } },
        },
        {
          ...called(told.start + 60 * MINUTE, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
          userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAI44QH8DHBEXAMPLE' },
        },
      ],
    ],
  ]
  it.each(odd)('%s', async (_, expected, more) => {
    const told = await scene()
    const { differs } = found(told, [...told.records, ...more(told)])
    expect(differs.map(({ code }) => code)).toEqual(expected)
    expect(differs[0]?.event).toBe(more(told).at(-1)?.['eventID'])
  })

  it.each([
    ['role', { roleArn: `${ROLE}-2` }],
    ['person', { sourceIdentity: 'mallory' }],
    ['duration', { durationSeconds: 3600 }],
    ['and shorter duration', { durationSeconds: 600 }],
    ['person at all', { sourceIdentity: null }],
  ])('an issue that asked for another %s than the case says', async (_, changes) => {
    const told = await scene()
    const issue = { ...issueOf(told), requestParameters: { ...issueOf(told).requestParameters, ...changes } }
    expect(codes(told, [issue, ...told.records.slice(1)])).toEqual(['call-differs'])
  })

  describe('a try that AWS denied, of which it does not record what was asked for,', () => {
    /** As CloudTrail writes it: without what the call asked for. */
    const denied = (told: Scene, userIdentity: Record, minutes: number): Record => ({
      ...called(told.start + minutes * MINUTE, 'AssumeRole', 'sts.amazonaws.com', 9),
      userIdentity,
      requestParameters: null,
      errorCode: 'AccessDenied',
      responseElements: null,
    })

    it('is the attempt’s that has its key, if it is about that', async () => {
      const told = await scene()
      const { differs, events } = found(told, [...told.records, denied(told, longKey(told), -1)])
      expect(differs).toEqual([])
      expect(events.map(({ role, of }) => [role, of])).toContainEqual(['tried', told.issuing.id])
    })
    it('is nobody’s hours later', async () => {
      const told = await scene()
      expect(codes(told, [...told.records, denied(told, longKey(told), 3 * 60)])).toEqual(['key-unexplained'])
    })
    it('is the attempt’s too with the key of a step on the way, and not with one that the session made', async () => {
      const told = await chained()
      const step = denied(told, sessionIdentity(told.alice, STEP_KEY), 1)
      expect(codes(told, [...told.records, step])).toEqual([])
      const made = { ...denied(told, sessionIdentity(told.alice, MADE_KEY), 1), eventID: 'made' }
      expect(codes(told, [...told.records, made])).toEqual(['session-used'])
    })
    it('is not the attempt’s if AWS carried it out', async () => {
      const told = await scene()
      const { errorCode: _, ...done } = denied(told, longKey(told), -1)
      expect(codes(told, [...told.records, done])).toEqual(['key-unexplained'])
    })
  })

  it('a call after AWS had the deny that a custodian ordered, by who may put it', async () => {
    const told = await scene()
    const { story, grant, start, records } = told
    const use = (seconds: number): Record => ({
      ...called(start + 5 * MINUTE + seconds * 1000, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
      userIdentity: sessionIdentity(told.alice),
    })
    await story.revoked('bob', grant, { at: start + 5 * MINUTE })
    expect(codes(told, [...records, use(31)])).toEqual([])
    await story.revoke('carol', grant)
    expect(codes(told, [...records, use(31)])).toEqual(['after-end'])
    expect(codes(told, [...records, use(30)])).toEqual([])
    await story.revoked('alice', grant, { at: start })
    expect(codes(told, [...records, use(30)])).toEqual([])
  })

  it('a session that only a grant names which its basis does not carry', async () => {
    const told = await scene()
    const { story, request, plan, ready, releases, decisions } = told
    const said = { request: request.id, ready: ready.id, attempt: 2, sessionName: 'lb-case-2' }
    const issuing = await story.sign('issuing', 'bob', said)
    const basis = { request, plan, ready, issuing, releases, decisions: decisions.slice(1) }
    await story.grant('bob', basis, { accessKeyId: 'ASIAI44QH8DHBEXAMPLE', attempt: 2 })
    expect(story.case(request).refused.map(({ kind }) => kind)).toContain('grant')
    const issue = {
      ...issueOf(told),
      eventID: 'another',
      requestParameters: { ...issueOf(told).requestParameters, roleSessionName: 'lb-case-2' },
      responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
    }
    expect(codes(told, [...told.records, issue])).toEqual(['session-unknown'])
  })

  it('a grant whose issue is not there, where the record reaches over it', async () => {
    const told = await scene()
    const { differs, grants } = found(told, told.records.slice(1))
    expect(differs).toEqual([{ code: 'grant-unseen', at: told.start, event: null, of: told.grant.id }])
    expect(grants).toMatchObject([{ issued: 'unseen', calls: 3 }])
  })

  it.each([
    ['in time', { until: 14 }],
    ['by its beginning', { from: 1 }],
  ])('but not where the record does not reach over it %s', async (_, minutes) => {
    const told = await scene()
    const [span] = told.spans
    const reach = Object.fromEntries(Object.entries(minutes).map(([side, at]) => [side, told.start + at * MINUTE]))
    const spans = span === undefined ? [] : [{ ...span, ...reach }]
    expect(found(told, told.records.slice(1), spans)).toMatchObject({
      differs: [],
      grants: [{ issued: 'not-covered' }],
    })
  })

  it('but not in another region', async () => {
    const told = await scene()
    const spans = told.spans.map((span) => ({ ...span, region: 'us-east-1' }))
    expect(found(told, told.records.slice(1), spans)).toMatchObject({
      differs: [],
      grants: [{ issued: 'not-covered' }],
    })
  })
})
