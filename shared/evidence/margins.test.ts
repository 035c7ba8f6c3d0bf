import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { grantedCase } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import { secondsAsked } from './origin.ts'
import { reconcile } from './reconcile.ts'
import { eventFrom } from './record.ts'
import { type Subject, subjectOf } from './subject.ts'
import {
  called,
  found,
  LONG_KEY,
  type Record,
  ROLE,
  type Scene,
  SESSION_KEY,
  SESSION_NAME,
  scene,
  sessionIdentity,
} from './testing/scene.ts'

// What explains a call, and a little less than that, which does not.

const MINUTE = 60_000
const [MADE_KEY, OTHER_KEY] = ['ASIAI44QH8DHBEXAMPLE', 'AKIAI44QH8DHBEXAMPLE'] as const
const MFA = 'arn:aws:iam::123456789012:mfa/emergency'
const [STEP, NEXT] = ['arn:aws:iam::123456789012:role/step', 'arn:aws:iam::123456789012:role/next'] as const
const { revoker = '', rotator } = carefulAccess.aftercare ?? {}

const user = (accessKeyId: string = LONG_KEY): Record => ({
  type: 'IAMUser',
  arn: 'arn:aws:iam::123456789012:user/lockbox-emergency',
  accessKeyId,
})
const issueOf = ({ records }: Scene) => records[0] as Record & { requestParameters: Record }
const call = (told: Scene, minutes: number, name: string, source: string, more: Record): Record => ({
  ...called(told.start + minutes * MINUTE, name, `${source}.amazonaws.com`, 9),
  ...more,
})
const token = (told: Scene, minutes: number, key: string = LONG_KEY): Record => ({
  ...call(told, minutes, 'GetSessionToken', 'sts', { userIdentity: user(key) }),
  eventID: `token-${minutes}-${key}`,
  responseElements: { credentials: { accessKeyId: MADE_KEY } },
})
const assume = (told: Scene, roleArn: string, by: Record, key: string = MADE_KEY): Record => ({
  ...issueOf(told),
  eventID: `assume-${key}-${roleArn.slice(-4)}`,
  userIdentity: by,
  requestParameters: { ...issueOf(told).requestParameters, roleArn },
  responseElements: { credentials: { accessKeyId: key } },
})
const codes = (told: Scene, records: readonly Record[]) => found(told, records).differs.map(({ code }) => code)
const withMore = (told: Scene, ...more: Record[]) => codes(told, [...told.records, ...more])
/** The same where the case used another key as well. */
function twoKeys(told: Scene, ...more: Record[]) {
  const subject = subjectOf(told.story.org(), told.story.case(told.request))
  const keys = [...subject.keys, { accessKeyId: OTHER_KEY, since: 0 }]
  return judged({ ...subject, keys }, [...told.records, ...more])
}
const judged = (subject: Subject, records: readonly Record[]) =>
  reconcile(
    subject,
    records.map((one) => eventFrom(one, 'it')),
    [],
  ).differs.map(({ code }) => code)

describe('a try that AWS refused', () => {
  const refused = { errorCode: 'AccessDenied', responseElements: null }

  it('under the name of an attempt with a key of nobody’s here explains itself, whenever it was', async () => {
    const told = await scene()
    const later = called(told.start + 180 * MINUTE, 'AssumeRole', 'sts.amazonaws.com', 9)
    expect(withMore(told, { ...issueOf(told), ...later, ...refused, userIdentity: user(OTHER_KEY) })).toEqual([])
  })

  it('of which the record says what it asked for is no attempt’s that asked for something else', async () => {
    const told = await scene()
    const near = { ...issueOf(told), eventID: 'near', ...refused }
    expect(withMore(told, { ...near, requestParameters: null })).toEqual([])
    expect(withMore(told, { ...near, requestParameters: { roleArn: ROLE } })).toEqual(['key-unexplained'])
  })

  it('is the attempt’s only with the key that this used', async () => {
    const told = await scene()
    const near = { ...issueOf(told), eventID: 'near', ...refused, requestParameters: null }
    expect(twoKeys(told, { ...near, userIdentity: user(OTHER_KEY) })).toEqual(['key-unexplained'])
  })
})

describe('a session of the user', () => {
  it('is a step only with the key that the attempt used, at its time, and where the plan takes one', async () => {
    const told = await scene({ access: { ...usualPlan.access, sessionToken: true } })
    const issue = assume(told, ROLE, user(MADE_KEY), SESSION_KEY)
    expect(codes(told, [token(told, 0), issue])).toEqual([])
    expect(codes(told, [token(told, -10), issue])).toEqual([])
    expect(codes(told, [token(told, 11), issue])).toEqual(['key-unexplained', 'call-differs'])
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const keys = [...subject.keys, { accessKeyId: OTHER_KEY, since: 0 }]
    expect(judged({ ...subject, keys }, [token(told, 0, OTHER_KEY)])).toContain('key-unexplained')
    const plain = await scene()
    expect(withMore(plain, token(plain, 0))).toEqual(['key-unexplained'])
    const another = { ...token(told, 0), eventSource: 'another.amazonaws.com' }
    expect(codes(told, [another, issue])).toEqual(['key-unexplained', 'call-differs'])
  })

  it('that nobody answered for, before the key was deposited, is only used then', async () => {
    const told = await scene()
    const day = 24 * 60
    const use = (minutes: number) => call(told, minutes, 'GetUser', 'iam', { userIdentity: user(MADE_KEY) })
    expect(withMore(told, token(told, -day), use(1 - day))).toEqual([])
    expect(withMore(told, token(told, -day), use(1))).toEqual(['key-unexplained'])
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
    const step = assume(told, STEP, user(MADE_KEY), key)
    const issue = assume(told, ROLE, sessionIdentity(told.alice, key), SESSION_KEY)
    expect(codes(told, [token(told, 0), step, issue])).toEqual([])
    expect(codes(told, [token(told, 0), assume(told, ROLE, user(MADE_KEY), SESSION_KEY)])).toEqual(['call-differs'])
    expect(codes(told, [assume(told, STEP, user(), key), issue])).toContain('session-unknown')
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

describe('the session', () => {
  it('is the service’s that acts for it only in the plan’s role', async () => {
    const told = await scene()
    const identity = { ...sessionIdentity(told.alice, MADE_KEY), invokedBy: 'cloudformation.amazonaws.com' }
    const act = (userIdentity: Record) => withMore(told, call(told, 1, 'RunInstances', 'ec2', { userIdentity }))
    expect(act(identity)).toEqual([])
    expect(act({ ...identity, sessionContext: { sessionIssuer: { arn: `${ROLE}-2` } } })).toEqual(['session-used'])
  })

  it('that no grant names is nobody’s for whom a service may act', async () => {
    const told = await scene()
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const attempts = subject.attempts.map((one) => ({ ...one, grant: null }))
    const userIdentity = { ...sessionIdentity(told.alice, MADE_KEY), invokedBy: 'cloudformation.amazonaws.com' }
    expect(judged({ ...subject, attempts }, [call(told, 1, 'RunInstances', 'ec2', { userIdentity })])).toEqual([
      'session-used',
    ])
  })

  it('is followed to the keys that the console made for it', async () => {
    const told = await scene()
    const made = call(told, 1, 'CreateAccessKey', 'iam', {
      userIdentity: sessionIdentity(told.alice, MADE_KEY),
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
    const long = await scene({}, { expires: told.start + 5 * MINUTE })
    const after = call(long, 6, 'DeleteTrail', 'cloudtrail', { userIdentity: sessionIdentity(long.alice) })
    expect(withMore(long, after)).toEqual(['after-end'])
  })

  it('of another case is none of this one, nor what that made', async () => {
    const told = await scene()
    const other = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', {}, { accessKeyId: MADE_KEY })
    expect(told.story.case(other.request).state).toBe('granted')
    const use = call(told, 30, 'DeleteTrail', 'cloudtrail', {
      userIdentity: sessionIdentity(told.alice, MADE_KEY, 'lb-elsewhere-1'),
    })
    expect(found(told, [...told.records, use])).toEqual(found(told, told.records))
  })

  it('was issued when its device says, by AWS’s clock', async () => {
    const told = await scene({}, { skewMs: 4 * MINUTE })
    const [span] = told.spans
    const over = (until: number) =>
      found(told, told.records.slice(1), span === undefined ? [] : [{ ...span, until: told.start + until * MINUTE }])
    expect(over(18).grants).toMatchObject([{ issued: 'not-covered' }])
    expect(over(19).grants).toMatchObject([{ issued: 'unseen' }])
  })

  it('and its attempt is told by that clock too', async () => {
    const access = { ...usualPlan.access, sessionToken: true as const }
    const told = await scene({ access }, { skewMs: 20 * MINUTE })
    const issue = assume(told, ROLE, user(MADE_KEY), SESSION_KEY)
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
      const other = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose }, { accessKeyId: MADE_KEY })
      const subject = subjectOf(story.org(), story.case(other.request))
      const userIdentity = sessionIdentity(told.alice, MADE_KEY)
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

describe('aftercare', () => {
  const CARE_KEY = 'ASIACAREEXAMPLE00000'
  const care = (told: Scene, roleArn: string, by: Record, seconds: number | null = 3600): Record => ({
    ...assume(told, roleArn, by, CARE_KEY),
    requestParameters: { roleArn, roleSessionName: SESSION_NAME, durationSeconds: seconds },
  })
  const does = (told: Scene, minutes: number, name: string, requestParameters: Record | null, more: Record = {}) => ({
    ...call(told, minutes, name, 'iam', { userIdentity: sessionIdentity(told.alice, CARE_KEY), requestParameters }),
    ...more,
  })

  it('is taken with the key, or with a session of the user where a code is needed, and never by a role on the way', async () => {
    const told = await scene({ access: carefulAccess })
    expect(withMore(told, care(told, revoker, user()))).toEqual([])
    expect(twoKeys(told, care(told, revoker, user(OTHER_KEY)))).toEqual(['session-unknown'])
    const coded = await scene({ access: { ...carefulAccess, mfa: MFA } })
    expect(withMore(coded, token(coded, 0), care(coded, revoker, user(MADE_KEY)))).toEqual([])
    expect(withMore(coded, care(coded, revoker, user()))).toEqual(['session-unknown'])
    const chained = await scene({ access: { ...carefulAccess, mfa: MFA, chain: [{ roleArn: STEP }] } })
    const step = assume(chained, STEP, user(), 'ASIASTEPEXAMPLE00001')
    const byStep = care(chained, revoker, sessionIdentity(chained.alice, 'ASIASTEPEXAMPLE00001'))
    expect(codes(chained, [step, byStep])).toContain('session-unknown')
  })

  it('lives as long as was asked for, an hour if nothing was', async () => {
    const told = await scene({ access: carefulAccess })
    const list = (minutes: number) => does(told, minutes, 'ListAccessKeys', { userName: 'emergency' })
    const of = (seconds: number | null, minutes: number) =>
      withMore(told, care(told, rotator?.roleArn ?? '', user(), seconds), list(minutes))
    expect([of(7200, 119), of(7200, 121)]).toEqual([[], ['session-used']])
    expect([of(null, 59), of(null, 61)]).toEqual([[], ['session-used']])
  })

  it('is for the role and the key that it is for also where AWS refused and tells', async () => {
    const told = await scene({ access: carefulAccess })
    const of = (roleName: string, more: Record = {}) => {
      const put = does(told, 5, 'PutRolePolicy', { roleName, policyName: `lockbox-${SESSION_NAME}` }, more)
      return withMore(told, care(told, revoker, user()), put)
    }
    expect([of('break-glass'), of('glass')]).toEqual([[], ['session-used']])
    expect(of('admin', { errorCode: 'NoSuchEntityException' })).toEqual(['session-used'])
    const made = does(told, 5, 'CreateAccessKey', null, { errorCode: 'LimitExceededException' })
    expect(withMore(told, care(told, rotator?.roleArn ?? '', user()), made)).toEqual([])
  })

  it('by name alone lives as its own device said, and twelve hours at most', async () => {
    const told = await scene({ access: carefulAccess })
    const { story, grant, start } = told
    const list = (minutes: number): Record => ({
      ...does(told, minutes, 'ListAccessKeys', { userName: 'emergency' }),
      userIdentity: {
        ...sessionIdentity(told.alice, CARE_KEY),
        sessionContext: { sessionIssuer: { arn: rotator?.roleArn } },
      },
    })
    const told13 = {
      expires: start + 13 * 60 * MINUTE,
      boxes: [{ device: grant.payload.device, sealed: told.plan.id }],
    }
    await story.care('carol', grant, { revoker: [], rotator: [] }, { revoker: null, rotator: told13 })
    expect(withMore(told, list(30))).toEqual(['session-used'])
    await story.care('bob', grant, { revoker: [], rotator: [] }, { revoker: null, rotator: told13 })
    expect([withMore(told, list(719)), withMore(told, list(721))]).toEqual([[], ['session-used']])
  })
})

describe('a key that is put in the place of another', () => {
  /** Alice's device replaces the key that an earlier case used by the one that the scene's case uses, five hours after that. */
  async function replaced() {
    const told = await scene()
    const { story, deposit } = told
    const first = story.statements.find(
      (one): one is VerifiedOf<'deposit'> => one.kind === 'deposit' && one.id !== deposit.id,
    )
    if (first === undefined) throw new TypeError('no first deposit')
    const { grant } = await grantedCase({ ...told, deposit: first }, 'alice', ['bob', 'carol'], 'bob')
    story.now = told.start + 5 * 60 * MINUTE
    await story.rotating('alice', grant)
    story.pass(30)
    return { ...told, told, earlier: grant, from: 5 * 60, until: 5 * 60 + 30 }
  }
  const tried = (told: Scene, minutes: number, name = 'GetCallerIdentity', key: string = LONG_KEY) =>
    call(told, minutes, name, 'sts', { userIdentity: user(key) })

  it('is tried from when that began until it was done, and then only asked whose it is', async () => {
    const { told, story, earlier, deposit, from, until } = await replaced()
    expect(withMore(told, tried(told, from))).toEqual(['key-unexplained'])
    await story.rotated('alice', earlier, deposit)
    const of = (minutes: number) => withMore(told, tried(told, minutes))
    expect([of(from - 10), of(until + 10)]).toEqual([[], []])
    expect([of(from - 11), of(until + 11)]).toEqual([['key-unexplained'], ['key-unexplained']])
    expect(withMore(told, tried(told, from, 'GetSessionToken'))).toEqual(['key-unexplained'])
    const another = { ...tried(told, from), eventSource: 'another.amazonaws.com' }
    expect(withMore(told, another)).toEqual(['key-unexplained'])
    expect(twoKeys(told, tried(told, from, 'GetCallerIdentity', OTHER_KEY))).toEqual(['key-unexplained'])
  })

  it('by the device that began it, for the grant that it began it for', async () => {
    const { told, story, earlier, grant, deposit, from } = await replaced()
    await story.rotated('bob', earlier, deposit)
    await story.rotated('alice', grant, deposit)
    expect(withMore(told, tried(told, from))).toEqual(['key-unexplained'])
  })

  it('by somebody who stood in the organization', async () => {
    const { told, story, earlier, deposit, people, from } = await replaced()
    const strange = await story.draftRoster('alice', { ...people, 'mallory!': { roles: ['admin'], groups: [] } })
    await story.rotating('mallory!', earlier, {}, { roster: strange })
    await story.rotated('mallory!', earlier, deposit, {}, { roster: strange })
    expect(withMore(told, tried(told, from))).toEqual(['key-unexplained'])
  })
})

describe('what a stranger says', () => {
  const stranger = async (told: Scene) =>
    told.story.draftRoster('alice', { ...told.people, 'mallory!': { roles: ['admin'], groups: [] } })

  it('of when a key was deposited counts for nothing', async () => {
    const told = await scene()
    const { story, plan } = told
    const before = subjectOf(story.org(), story.case(told.request)).keys
    const roster = await stranger(told)
    await story.deposit('mallory!', plan, { generation: 2, accessKeyId: LONG_KEY }, { roster, time: 0 })
    expect(subjectOf(story.org(), story.case(told.request)).keys).toEqual(before)
  })

  it('makes no key one that somebody deposited, nor does a deposit of another credential', async () => {
    const told = await scene()
    const { story, plan } = told
    const deposited = () => subjectOf(story.org(), story.case(told.request)).deposited.has(OTHER_KEY)
    const roster = await stranger(told)
    await story.deposit('mallory!', plan, { generation: 3, accessKeyId: OTHER_KEY }, { roster })
    expect(deposited()).toBe(false)
    const another = plan.payload.plan
    await story.deposit('alice', plan, { generation: 3, accessKeyId: OTHER_KEY, credential: another })
    expect(deposited()).toBe(false)
    await story.deposit('alice', plan, { generation: 3, accessKeyId: OTHER_KEY })
    expect(deposited()).toBe(true)
  })

  it('begins no replacing that explains what is done with a key, nor does a grant that its basis does not carry', async () => {
    const told = await scene()
    const { story, plan, request, ready, releases, decisions } = told
    const begun = () => subjectOf(story.org(), story.case(request)).begun.length
    const roster = await stranger(told)
    await story.rotating('mallory!', told.grant, {}, { roster })
    const issuing = await story.issuing('bob', ready)
    const basis = { request, plan, ready, issuing, releases, decisions: decisions.slice(1) }
    await story.rotating('alice', await story.grant('bob', basis))
    expect(begun()).toBe(0)
    await story.rotating('alice', told.grant)
    expect(begun()).toBe(1)
  })

  it('of an attempt in the name of a device that may issue counts for nothing, nor does one for another request', async () => {
    const told = await scene()
    const { story, plan, deposit } = told
    story.pass(30)
    const other = await story.ask('alice', plan, { reference: 'INC-8' })
    const ready = await story.ready('bob', other, deposit)
    const count = () => subjectOf(story.org(), story.case(told.request)).attempts.length
    const said = { ready: ready.id, attempt: 1, sessionName: 'lb-other-1' }
    await story.sign('issuing', 'bob', { ...said, request: told.request.id })
    expect(count()).toBe(1)
    await story.sign('issuing', 'bob', { ...said, request: other.id })
    expect(count()).toBe(2)
  })
})
