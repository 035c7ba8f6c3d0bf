import { describe, expect, it } from 'vitest'
import { setupWith } from '../testing/setup.ts'
import { usualPlan } from '../testing/usual-plan.ts'
import { reconcile } from './reconcile.ts'
import { eventFrom } from './record.ts'
import { subjectOf } from './subject.ts'
import { called, found, LONG_KEY, NAMES, type Record, SESSION_KEY, scene, sessionIdentity } from './testing/scene.ts'
import {
  chained,
  codes,
  issueOf,
  longKey,
  MADE_KEY,
  MINUTE,
  STEP_KEY,
  stepped,
  TOKEN_KEY,
  use,
  usersOwn,
} from './testing/ways.ts'

describe('a key is followed from the call that made it:', () => {
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
    const { differs } = found(told, [...told.records, use(told, STEP_KEY)])
    expect(differs).toMatchObject([{ code: 'session-used', of: told.grant.id }])
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
