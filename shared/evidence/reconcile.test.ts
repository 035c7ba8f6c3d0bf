import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import { foundIn, reconcile, spansOf } from './reconcile.ts'
import { eventFrom, merged } from './record.ts'
import { subjectOf } from './subject.ts'
import {
  called,
  found,
  LONG_KEY,
  NAMES,
  type Record,
  ROLE,
  type Scene,
  SESSION_KEY,
  SESSION_NAME,
  scene,
  sessionIdentity,
} from './testing/scene.ts'

const MINUTE = 60_000
const codes = (told: Scene, records: readonly Record[]) => found(told, records).differs.map(({ code }) => code)
const issueOf = ({ records }: Scene) => records[0] as Record & { requestParameters: Record; userIdentity: Record }
const longKey = (told: Scene) => issueOf(told).userIdentity

const TOKEN_KEY = 'ASIATOKENEXAMPLE0000'
const STEP_KEY = 'ASIASTEPEXAMPLE00000'
const CARE_KEY = 'ASIACAREEXAMPLE00000'
const MADE_KEY = 'AKIAI44QH8DHBEXAMPLE'
/** What the revoker's calls name. */
const DENY = { roleName: 'break-glass', policyName: `lockbox-${SESSION_NAME}` }

/** The same, over a session of the user that `GetSessionToken` gave. */
async function stepped(): Promise<Scene> {
  const told = await scene({ access: { ...usualPlan.access, sessionToken: true } })
  const token = {
    ...called(told.start, 'GetSessionToken', 'sts.amazonaws.com', 20),
    userIdentity: longKey(told),
    responseElements: { credentials: { accessKeyId: TOKEN_KEY } },
  }
  const issue = { ...issueOf(told), userIdentity: { ...longKey(told), accessKeyId: TOKEN_KEY } }
  return { ...told, records: [token, issue, ...told.records.slice(1)] }
}

const STEP = 'arn:aws:iam::123456789012:role/step'

/** The same, over a role on the way. */
async function chained(): Promise<Scene> {
  const told = await scene({ access: { ...usualPlan.access, chain: [{ roleArn: STEP }] } })
  const issue = issueOf(told)
  const step = {
    ...issue,
    eventID: 'the-step',
    requestParameters: { ...issue.requestParameters, roleArn: STEP },
    responseElements: { credentials: { accessKeyId: STEP_KEY } },
  }
  const next = { ...issue, userIdentity: sessionIdentity(told.alice, STEP_KEY) }
  return { ...told, records: [step, next, ...told.records.slice(1)] }
}

/** The same, with a session of the plan's rotator, of an hour. */
async function cared(role: 'revoker' | 'rotator', said?: Parameters<typeof scene>[1]): Promise<Scene> {
  const told = await scene({ access: carefulAccess }, said)
  const { revoker, rotator } = carefulAccess.aftercare ?? {}
  const roleArn = role === 'revoker' ? revoker : rotator?.roleArn
  const care = {
    ...issueOf(told),
    eventID: 'the-care',
    requestParameters: { roleArn, roleSessionName: SESSION_NAME, durationSeconds: 3600 },
    responseElements: { credentials: { accessKeyId: CARE_KEY } },
  }
  return { ...told, records: [...told.records, care] }
}

describe('a case of which AWS recorded what it says', () => {
  it('differs in nothing, and every call has its place', async () => {
    const told = await scene()
    const { differs, grants, events } = found(told, told.records)
    expect(differs).toEqual([])
    expect(grants).toEqual([{ grant: told.grant.id, issued: 'seen', calls: 3, refused: 1 }])
    expect(events.map(({ role, of }) => [role, of])).toEqual([
      ['issue', told.grant.id],
      ['session', told.grant.id],
      ['session', told.grant.id],
      ['session', told.grant.id],
    ])
  })

  it('is the same in whatever order the records come, and whatever other people did', async () => {
    const told = await scene()
    const whole = found(told, told.records)
    const others = fc.record({
      at: fc.integer({ min: -30, max: 30 }),
      name: fc.constantFrom('AssumeRole', 'GetCallerIdentity', 'DeleteTrail', 'CreateAccessKey'),
      key: fc.constantFrom('AKIAI44QH8DHBEXAMPLE', 'ASIAI44QH8DHBEXAMPLE'),
      session: fc.constantFrom('someone', 'lb-case-12', ''),
    })
    fc.assert(
      fc.property(fc.array(others, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (strangers, order) => {
        const foreign = strangers.map(({ at, name, key, session }, number) => ({
          ...called(told.start + at * MINUTE, name, 'sts.amazonaws.com', 100 + number),
          userIdentity: sessionIdentity('somebody', key, session),
          requestParameters: { roleArn: ROLE, roleSessionName: session },
          responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPL2' } },
        }))
        const shuffled = [...told.records, ...foreign]
          .map((record) => ({ record, by: order.next().value as number }))
          .sort((a, b) => a.by - b.by)
          .map(({ record }) => record)
        expect(found(told, shuffled)).toEqual(whole)
      }),
      { numRuns: 50 },
    )
  })
})

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

describe('no member explains their own use of the key:', () => {
  /** A use of the key under the name of an attempt, half an hour after the case was over: a step of the plan's, and one that AWS refused. */
  const uses = (told: Scene, sessionName: string): Record[] => [
    {
      ...called(told.story.now, 'GetSessionToken', 'sts.amazonaws.com', 21),
      userIdentity: longKey(told),
      responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
    },
    {
      ...issueOf(told),
      ...called(told.story.now, 'AssumeRole', 'sts.amazonaws.com', 22),
      requestParameters: { ...issueOf(told).requestParameters, roleSessionName: sessionName },
      errorCode: 'AccessDenied',
      responseElements: null,
    },
  ]

  it('which takes a device that may issue, a plan that was in effect, and who may ask under it', async () => {
    const told = await stepped()
    const { story, plan, deposit } = told
    story.pass(30)
    const request = await story.ask('alice', plan, { reference: 'INC-8' })
    const ready = await story.ready('bob', request, deposit)
    const said = { request: request.id, ready: ready.id, attempt: 1, sessionName: 'lb-other-1' }
    await story.sign('issuing', 'bob', said)
    expect(found(told, [...told.records, ...uses(told, 'lb-other-1')]).differs).toEqual([])
  })

  const inventions: [string, (told: Scene) => Promise<unknown>][] = [
    [
      'by a device that may not issue',
      async ({ story, plan, deposit }) => {
        const request = await story.ask('alice', plan)
        const ready = await story.ready('erin', request, deposit)
        return story.sign('issuing', 'erin', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'about the ready of another device',
      async ({ story, plan, deposit }) => {
        const request = await story.ask('alice', plan)
        const ready = await story.ready('bob', request, deposit)
        return story.sign('issuing', 'carol', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'for what somebody asked who may not ask',
      async ({ story, plan, deposit }) => {
        const request = await story.ask('erin', plan)
        const ready = await story.ready('bob', request, deposit)
        return story.sign('issuing', 'bob', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'under a plan that was never in effect',
      async ({ story, plan, deposit }) => {
        const draft = await story.draftPlan('bob', { ...plan.payload, whyTight: 'Another.' })
        const request = await story.ask('alice', draft)
        const ready = await story.ready('bob', request, deposit)
        return story.sign('issuing', 'bob', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'in the case itself, by a device that may not issue',
      async ({ story, request, deposit }) => {
        const ready = await story.ready('erin', request, deposit, { attempt: 2 })
        return story.sign('issuing', 'erin', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
  ]
  const about = (request: { readonly id: string }, ready: { readonly id: string }) => ({
    request: request.id,
    ready: ready.id,
    attempt: 1,
  })
  it.each(inventions)('not an issuing %s', async (_, invent) => {
    const told = await stepped()
    told.story.pass(30)
    await invent(told)
    expect(codes(told, [...told.records, ...uses(told, 'lb-other-1')])).toEqual(['key-unexplained', 'key-unexplained'])
  })

  it('not a grant of another case that its basis does not carry', async () => {
    const told = await scene()
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan)
    const decisions = [await story.decide('bob', request)]
    const ready = await story.ready('bob', request, deposit)
    const releases = [await story.release('bob', ready), await story.release('carol', ready)]
    const issuing = await story.sign('issuing', 'bob', { ...about(request, ready), sessionName: 'lb-other-1' })
    const basis = { request, plan, ready, issuing, decisions, releases }
    await story.grant('bob', basis, { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' })
    const issue: Record = {
      ...issueOf(told),
      ...called(story.now, 'AssumeRole', 'sts.amazonaws.com', 9),
      requestParameters: { ...issueOf(told).requestParameters, roleSessionName: 'lb-other-1' },
      responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
    }
    expect(codes(told, [...told.records, issue])).toEqual(['session-unknown'])
  })
})

describe('a key is followed from the call that made it:', () => {
  const use = (told: Scene, key: string, name = 'DeleteTrail', minutes = 20): Record => ({
    ...called(told.start + minutes * MINUTE, name, name.includes('Key') ? 'iam.amazonaws.com' : 'x.amazonaws.com', 31),
    userIdentity: sessionIdentity(told.alice, key),
  })
  const usersOwn = (told: Scene, key: string, name?: string): Record => ({
    ...use(told, key, name),
    userIdentity: { ...longKey(told), accessKeyId: key },
  })

  it.each([
    ['a session of the user', stepped],
    ['a role', chained],
    ['none', scene],
  ])('the way over %s explains the steps that the plan says', async (_, tell) => {
    const told = await tell()
    expect(found(told, told.records).differs).toEqual([])
  })

  it('not what else a session of the user on the way does, nor what is done with a key that it made', async () => {
    const told = await stepped()
    const made = {
      ...usersOwn(told, TOKEN_KEY, 'CreateAccessKey'),
      responseElements: { accessKey: { accessKeyId: MADE_KEY } },
    }
    const used = { ...usersOwn(told, MADE_KEY), eventID: 'used' }
    expect(codes(told, [...told.records, usersOwn(told, TOKEN_KEY)])).toEqual(['key-unexplained'])
    expect(codes(told, [...told.records, made, used])).toEqual(['key-unexplained', 'key-unexplained'])
  })

  it('not what else a role on the way does', async () => {
    const told = await chained()
    expect(codes(told, [...told.records, use(told, STEP_KEY)])).toEqual(['session-used'])
    const again = { ...(told.records[0] as Record), eventID: 'again', userIdentity: sessionIdentity('x', STEP_KEY) }
    expect(codes(told, [...told.records, again])).toEqual(['session-unknown'])
  })

  it('not what is done with a session that an unexplained call gave', async () => {
    const told = await scene()
    const taken = {
      ...called(told.start + 30 * MINUTE, 'GetSessionToken', 'sts.amazonaws.com', 30),
      userIdentity: longKey(told),
      responseElements: { credentials: { accessKeyId: TOKEN_KEY } },
    }
    const used = usersOwn(told, TOKEN_KEY)
    expect(codes(told, [...told.records, taken, used])).toEqual(['key-unexplained', 'key-unexplained'])
    const early = { ...taken, ...called(told.start - 24 * 60 * MINUTE, 'GetSessionToken', 'sts.amazonaws.com', 30) }
    expect(codes(told, [...told.records, early, used])).toEqual(['key-unexplained'])
  })

  it('nobody explains what was done with a key by depositing it with a time to come', async () => {
    const told = await setupWith(NAMES)
    const { story, plan } = told
    const { now } = story
    story.pass(24 * 60)
    const deposit = await story.deposit('alice', plan, { generation: 2, accessKeyId: LONG_KEY })
    story.now = now
    await story.hold(deposit, NAMES.slice(1))
    const request = await story.ask('alice', plan)
    await story.issuing('bob', await story.ready('bob', request, deposit))
    expect(subjectOf(story.org(), story.case(request)).keys).toEqual([{ accessKeyId: LONG_KEY, since: now }])
  })

  it('the aftercare explains the calls that the app makes, until its session is over, and no others', async () => {
    const told = await cared('rotator')
    const [list, late] = [20, 61].map((minutes) => use(told, CARE_KEY, 'ListAccessKeys', minutes)) as [Record, Record]
    expect(codes(told, [...told.records, list])).toEqual([])
    expect(codes(told, [...told.records, late])).toEqual(['session-used'])
    expect(codes(told, [...told.records, use(told, CARE_KEY, 'CreateLoginProfileKey')])).toEqual(['session-used'])
    expect(codes(told, [...told.records, { ...list, eventSource: 's3.amazonaws.com' }])).toEqual(['session-used'])
    const other = await cared('revoker')
    expect(codes(other, [...other.records, list])).toEqual(['session-used'])
  })

  it('a key that the aftercare makes has to be one that somebody deposited', async () => {
    const told = await cared('rotator')
    const made = {
      ...use(told, CARE_KEY, 'CreateAccessKey'),
      responseElements: { accessKey: { accessKeyId: MADE_KEY } },
    }
    const used = { ...usersOwn(told, MADE_KEY), eventID: 'used' }
    expect(codes(told, [...told.records, made, used])).toEqual(['session-used', 'session-used'])
    await told.story.deposit('alice', told.plan, { generation: 3, accessKeyId: MADE_KEY })
    expect(codes(told, [...told.records, made])).toEqual([])
  })

  it('what denies a session the aftercare takes away only once that is long over', async () => {
    const told = await cared('revoker')
    const call = (name: string, minutes: number) => ({
      ...use(told, CARE_KEY, name, minutes),
      eventSource: 'iam.amazonaws.com',
      requestParameters: DENY,
    })
    const of = (one: Record) => codes(told, [...told.records, one])
    expect(of(call('PutRolePolicy', 19))).toEqual([])
    expect(of(call('DeleteRolePolicy', 20))).toEqual([])
    expect(of(call('DeleteRolePolicy', 19))).toEqual(['session-used'])
    expect(of({ ...call('DeleteRolePolicy', 19), errorCode: 'NoSuchEntityException' })).toEqual(['session-used'])
    // Of a session that no grant names nobody knows when it is over.
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const attempts = subject.attempts.map((attempt) => ({ ...attempt, grant: null }))
    const care = told.records.at(-1) as Record
    const events = [care, call('PutRolePolicy', 20), { ...call('DeleteRolePolicy', 20), eventID: 'away' }]
    const { differs } = reconcile(
      { ...subject, attempts },
      events.map((one) => eventFrom(one, 'it')),
      [],
    )
    expect(differs).toMatchObject([{ code: 'session-used', event: 'away' }])
  })

  it('nor sooner because the issuing device says that it was', async () => {
    const told = await cared('revoker', { expires: 0 })
    const away = (minutes: number) => ({
      ...use(told, CARE_KEY, 'DeleteRolePolicy', minutes),
      eventSource: 'iam.amazonaws.com',
      requestParameters: DENY,
    })
    expect(codes(told, [...told.records, away(14)])).toContain('session-used')
    expect(codes(told, [...told.records, away(15)])).not.toContain('session-used')
  })

  it('the aftercare is for one policy and for the keys of the case', async () => {
    const told = await cared('revoker')
    const call = (name: string, requestParameters: Record | null, more: Record = {}) => ({
      ...use(told, CARE_KEY, name),
      eventSource: 'iam.amazonaws.com',
      requestParameters,
      ...more,
    })
    const of = (one: Record) => codes(told, [...told.records, one])
    expect(of(call('PutRolePolicy', DENY))).toEqual([])
    expect(of(call('PutRolePolicy', { ...DENY, roleName: 'admin' }))).toEqual(['session-used'])
    expect(of(call('PutRolePolicy', { ...DENY, policyName: 'lockbox-lb-case-2' }))).toEqual(['session-used'])
    expect(of(call('PutRolePolicy', null))).toEqual(['session-used'])
    expect(of(call('PutRolePolicy', null, { errorCode: 'AccessDenied' }))).toEqual([])
    const other = await cared('rotator')
    const on = (accessKeyId: string) =>
      codes(other, [...other.records, call('DeleteAccessKey', { userName: 'emergency', accessKeyId })])
    expect(on(LONG_KEY)).toEqual([])
    expect(on(MADE_KEY)).toEqual(['session-used'])
  })

  it('of other keys the aftercare takes away one that another case used, once somebody began to replace it', async () => {
    const told = await cared('rotator')
    const { story, plan } = told
    const off = (minutes: number) =>
      codes(told, [
        ...told.records,
        {
          ...use(told, CARE_KEY, 'UpdateAccessKey', minutes),
          eventSource: 'iam.amazonaws.com',
          requestParameters: { userName: 'emergency', accessKeyId: MADE_KEY, status: 'Inactive' },
        },
      ])
    story.now = told.start + 20 * MINUTE
    const deposit = await story.deposit('alice', plan, { generation: 3, accessKeyId: MADE_KEY })
    await story.hold(deposit, NAMES.slice(1))
    // It is good, and nobody used it.
    expect(off(40)).toEqual(['session-used'])
    const { grant } = await grantedCase({ ...told, deposit }, 'alice', ['bob', 'carol'], 'bob')
    expect(off(40)).toEqual(['session-used'])
    story.now = told.start + 30 * MINUTE
    await story.rotating('alice', grant)
    expect(off(40)).toEqual([])
    expect(off(19)).toEqual(['session-used'])
  })

  it('of what was kept before it told what a call is about, nothing is asked about that', async () => {
    const told = await cared('revoker')
    const put = { ...use(told, CARE_KEY, 'PutRolePolicy'), eventSource: 'iam.amazonaws.com' }
    const events = [...told.records, put].map((one) => {
      const { about: _, ...old } = eventFrom(one, 'it')
      return old
    })
    const { differs } = reconcile(subjectOf(told.story.org(), told.story.case(told.request)), events, told.spans)
    expect(differs).toEqual([])
  })

  it('by name alone only until the end that the issuing device told of', async () => {
    const told = await cared('rotator')
    const records = told.records.filter(({ eventID }) => eventID !== 'the-care')
    const identity = {
      ...sessionIdentity(told.alice, CARE_KEY),
      sessionContext: { sessionIssuer: { arn: carefulAccess.aftercare?.rotator?.roleArn } },
    }
    const list = { ...use(told, CARE_KEY, 'ListAccessKeys', 30), userIdentity: identity }
    expect(codes(told, [...records, list])).toEqual(['session-used'])
    const rotator = {
      expires: told.start + 29 * MINUTE,
      boxes: [{ device: told.grant.payload.device, sealed: told.plan.id }],
    }
    await told.story.care('bob', told.grant, { revoker: [], rotator: [] }, { revoker: null, rotator })
    expect(codes(told, [...records, list])).toEqual(['session-used'])
    const until = { ...rotator, expires: told.start + 60 * MINUTE }
    await told.story.care('bob', told.grant, { revoker: [], rotator: [] }, { revoker: null, rotator: until })
    expect(codes(told, [...records, list])).toEqual([])
  })

  it('the issue has to be signed with the deposited key, or not to name any, as AWS writes of another account', async () => {
    const told = await scene()
    const issue = issueOf(told)
    const others = { ...issue, userIdentity: { ...longKey(told), accessKeyId: MADE_KEY } }
    expect(codes(told, [others, ...told.records.slice(1)])).toEqual(['call-differs'])
    const elsewhere = { ...issue, userIdentity: { type: 'AWSAccount', principalId: 'AIDAEXAMPLE', accountId: '1' } }
    expect(codes(told, [elsewhere, ...told.records.slice(1)])).toEqual([])
    const service = { ...issue, userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } }
    expect(codes(told, [service, ...told.records.slice(1)])).toEqual(['call-differs'])
    const overToken = await stepped()
    const skipped = [{ ...issueOf(overToken) }, { ...(overToken.records[1] as Record), userIdentity: longKey(told) }]
    expect(codes(overToken, [...skipped, ...overToken.records.slice(2)])).toEqual(['call-differs'])
  })

  it('no call from an account that is known to be the role’s own goes without a key', async () => {
    const elsewhere = { type: 'AWSAccount', principalId: 'AIDAEXAMPLE', accountId: '1' }
    const told = await chained()
    const [step, issue, ...others] = told.records as [Record, Record, ...Record[]]
    const nameless = { ...issue, userIdentity: elsewhere }
    expect(codes(told, [step, nameless, ...others])).toEqual(['call-differs'])
    expect(codes(told, [{ ...step, userIdentity: elsewhere }, issue, ...others])).toEqual([])
    const known = await scene({ access: { ...usualPlan.access, mfa: 'arn:aws:iam::123456789012:mfa/emergency' } })
    const [own, ...used] = known.records as [Record, ...Record[]]
    expect(codes(known, [{ ...own, userIdentity: elsewhere }, ...used])).toEqual(['call-differs'])
    const other = await scene({ access: { ...usualPlan.access, mfa: 'arn:aws:iam::210987654321:mfa/emergency' } })
    expect(codes(other, [{ ...own, userIdentity: elsewhere }, ...used])).toEqual([])
    const plain = await scene()
    const user = { type: 'IAMUser', arn: longKey(plain)['arn'] }
    expect(codes(plain, [{ ...own, userIdentity: user }, ...used])).toEqual(['call-differs'])
  })

  it('through any number of keys, in whatever order, in time that grows as their number does', async () => {
    const told = await scene()
    const count = 40_000
    const keyOf = (at: number) => (at === 0 ? SESSION_KEY : `ASIA${at}`)
    const one = eventFrom({ ...use(told, SESSION_KEY), eventID: 'x' }, 'it')
    // Latest first, so that whoever goes through all of them again for each key takes the square.
    const made = Array.from({ length: count }, (_, at) => ({
      ...one,
      at: one.at + (count - at) * 1000,
      id: `made-${at}`,
      key: keyOf(at),
      issued: keyOf(at + 1),
    }))
    const { differs } = reconcile(subjectOf(told.story.org(), told.story.case(told.request)), made, [])
    expect(differs).toHaveLength(count)
    expect(new Set(differs.map(({ code }) => code))).toEqual(new Set(['after-end']))
  })

  it('what comes before what in a second says nothing', async () => {
    const told = await chained()
    const whole = found(told, told.records)
    const renamed = told.records.map((one, at) => ({ ...one, eventID: `event-${9 - at}` }))
    expect(found(told, renamed).differs).toEqual([])
    expect(found(told, renamed).grants).toEqual(whole.grants)
  })
})

describe('what explains itself is not named:', () => {
  const plain: [string, (told: Scene) => Record, string][] = [
    [
      'a refused attempt',
      (told) => ({ ...issueOf(told), eventID: 'another', errorCode: 'AccessDenied', responseElements: null }),
      'tried',
    ],
    [
      'the app looking after the end whether AWS refuses the session, by a call that a deny covers',
      (told) => ({
        ...called(told.start + 12 * MINUTE, 'GetAccessKeyInfo', 'sts.amazonaws.com', 9),
        userIdentity: sessionIdentity(told.alice),
      }),
      'session',
    ],
    [
      'a call before the key was deposited',
      (told) => ({
        ...called(told.start - 24 * 60 * MINUTE, 'GetCallerIdentity', 'sts.amazonaws.com', 9),
        userIdentity: longKey(told),
      }),
      'before',
    ],
    [
      'a service that carries out a call of the session',
      (told) => ({
        ...called(told.start + MINUTE, 'RunInstances', 'ec2.amazonaws.com', 9),
        userIdentity: {
          ...sessionIdentity(told.alice, 'ASIAI44QH8DHBEXAMPLE'),
          invokedBy: 'cloudformation.amazonaws.com',
        },
      }),
      'session',
    ],
    [
      'the console, which has keys of its own',
      (told) => ({
        ...called(told.start + MINUTE, 'ListBuckets', 's3.amazonaws.com', 9),
        userIdentity: sessionIdentity(told.alice, 'ASIAI44QH8DHBEXAMPLE'),
        sessionCredentialFromConsole: 'true',
      }),
      'session',
    ],
    [
      'signing in to the console, of which AWS names no key and no role',
      (told) => {
        const { type, principalId, arn } = sessionIdentity(told.alice)
        return {
          ...called(told.start + MINUTE, 'ConsoleLogin', 'signin.amazonaws.com', 9),
          userIdentity: { type, principalId, arn },
        }
      },
      'session',
    ],
    [
      'a call refused after the end',
      (told) => ({
        ...called(told.start + 12 * MINUTE, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
        userIdentity: sessionIdentity(told.alice),
        errorCode: 'AccessDenied',
      }),
      'session',
    ],
  ]
  it.each(plain)('%s', async (_, more, role) => {
    const told = await scene()
    const { differs, events } = found(told, [...told.records, more(told)])
    expect(differs).toEqual([])
    expect(events.find(({ event }) => event.id === more(told)['eventID'])?.role).toBe(role)
  })

  it('the use of the key for another case, which is kept as such', async () => {
    const told = await scene()
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan, { reference: 'INC-8' })
    const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
    const ready = await story.ready('bob', request, deposit)
    const releases = [await story.release('bob', ready), await story.release('carol', ready)]
    const said = { request: request.id, ready: ready.id, attempt: 1, sessionName: 'lb-other-1' }
    const issuing = await story.sign('issuing', 'bob', said)
    const issue: Record = {
      ...issueOf(told),
      ...called(story.now, 'AssumeRole', 'sts.amazonaws.com', 9),
      requestParameters: { ...issueOf(told).requestParameters, roleSessionName: 'lb-other-1' },
      responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
    }
    expect(codes(told, [...told.records, issue])).toEqual(['session-unknown'])
    const basis = { request, plan, ready, issuing, decisions, releases }
    await story.grant('bob', basis, { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' })
    const { differs, events } = found(told, [...told.records, issue])
    expect(differs).toEqual([])
    expect(events.at(-1)).toMatchObject({ role: 'other-case', otherCase: request.id })
  })

  it('what ends the session and replaces the key, as the plan says; elsewhere it is', async () => {
    const told = await scene()
    const revoker = 'arn:aws:iam::123456789012:role/lockbox-revoker'
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const careful = {
      ...subject,
      attempts: subject.attempts.map((attempt) => ({
        ...attempt,
        access: {
          ...usualPlan.access,
          aftercare: { iam: { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' }, revoker },
        },
      })),
    }
    const identity = sessionIdentity(told.alice, 'ASIAI44QH8DHBEXAMPLE')
    const revoking = [
      {
        ...issueOf(told),
        eventID: 'another',
        requestParameters: { roleArn: revoker, roleSessionName: SESSION_NAME, durationSeconds: 4500 },
        responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
      },
      {
        ...called(told.start + 12 * MINUTE, 'PutRolePolicy', 'iam.amazonaws.com', 9),
        userIdentity: { ...identity, sessionContext: { sessionIssuer: { arn: revoker } } },
        requestParameters: DENY,
      },
    ]
    const events = [...told.records, ...revoking].map((one) => eventFrom(one, 'it'))
    const cared = reconcile(careful, events, told.spans)
    expect(cared.differs).toEqual([])
    expect(cared.events.filter(({ role }) => role === 'aftercare')).toHaveLength(2)
    expect(codes(told, [...told.records, ...revoking])).toEqual(['session-used', 'session-unknown'])
    const later = called(told.start + 3 * 60 * MINUTE, 'AssumeRole', 'sts.amazonaws.com', 9)
    const late = eventFrom({ ...revoking[0], ...later }, 'it')
    expect(reconcile(careful, [late], told.spans).differs.map(({ code }) => code)).toContain('session-unknown')
  })

  it('the trial of a key that was just put in the place of another', async () => {
    const told = await scene()
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const trial = {
      ...called(told.start + 3 * 60 * MINUTE, 'GetCallerIdentity', 'sts.amazonaws.com', 9),
      userIdentity: longKey(told),
    }
    const events = [...told.records, trial].map((one) => eventFrom(one, 'it'))
    const at = told.start + 3 * 60 * MINUTE
    const trials = [{ accessKeyId: LONG_KEY, from: at - MINUTE, until: at }]
    expect(reconcile({ ...subject, trials }, events, told.spans).differs).toEqual([])
    expect(reconcile(subject, events, told.spans).differs.map(({ code }) => code)).toEqual(['key-unexplained'])
  })
})

describe('what is said of it', () => {
  it('lists the gravest first, at most 50, and counts the rest', async () => {
    const told = await scene()
    const stolen = Array.from({ length: 60 }, (_, at) => ({
      ...called(told.start + at * 1000, 'GetCallerIdentity', 'sts.amazonaws.com', 100 + at),
      userIdentity: longKey(told),
    }))
    const { differs, more } = foundIn(found(told, [...told.records.slice(1), ...stolen]))
    expect(differs).toHaveLength(50)
    expect(new Set(differs.map(({ code }) => code))).toEqual(new Set(['key-unexplained']))
    expect(more).toBe(11)
  })

  it('has the first and the last event of each region', async () => {
    const told = await scene()
    const events = [...told.records, { ...told.records[0], eventID: 'x', awsRegion: 'us-east-1' }].map((one) =>
      eventFrom(one, 'it'),
    )
    expect(spansOf([...merged([events])])).toEqual([
      { region: 'eu-central-1', from: told.start, until: told.start + 11 * MINUTE },
      { region: 'us-east-1', from: told.start, until: told.start },
    ])
  })
})
