import { describe, expect, it } from 'vitest'
import { grantedCase } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import { reconcile } from './reconcile.ts'
import { eventFrom } from './record.ts'
import { subjectOf } from './subject.ts'
import { called, found, LONG_KEY, NAMES, type Record, sessionIdentity } from './testing/scene.ts'
import { CARE_KEY, cared, codes, DENY, MADE_KEY, MINUTE, use, usersOwn } from './testing/ways.ts'

describe('a key is followed from the call that made it:', () => {
  it('the aftercare explains the calls that the app makes, until its session is over, and no others', async () => {
    const told = await cared('rotator')
    const [list, late] = [20, 61].map((minutes) => use(told, CARE_KEY, 'ListAccessKeys', minutes)) as [Record, Record]
    expect(codes(told, [...told.records, list])).toEqual([])
    expect(found(told, [...told.records, late]).differs).toMatchObject([{ code: 'session-used', of: told.grant.id }])
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
    const off = (minutes: number, { early = 0, accessKeyId = MADE_KEY } = {}) => {
      const at = told.start + minutes * MINUTE - early
      const call = called(at, 'UpdateAccessKey', 'iam.amazonaws.com', 31)
      const requestParameters = { userName: 'emergency', accessKeyId, status: 'Inactive' }
      const userIdentity = sessionIdentity(told.alice, CARE_KEY)
      return codes(told, [...told.records, { ...call, userIdentity, requestParameters }])
    }
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
    expect(off(20)).toEqual([])
    expect(off(20, { early: 1000 })).toEqual(['session-used'])
    expect(off(40, { accessKeyId: 'AKIAI44QH8DHBEXAMPL2' })).toEqual(['session-used'])
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
})
