import { describe, expect, it } from 'vitest'
import type { Plan } from '../statements/kinds.ts'
import { person } from '../testing/keys.ts'
import { setupWith } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import { reconcile } from './reconcile.ts'
import { eventFrom } from './record.ts'
import { subjectOf } from './subject.ts'
import { called, LONG_KEY, NAMES, type Record, ROLE, SESSION_KEY, sessionIdentity } from './testing/scene.ts'

const STEP = 'arn:aws:iam::123456789012:role/step'
const MFA = 'arn:aws:iam::123456789012:mfa/emergency'
const [TOKEN_1, TOKEN_2] = ['ASIATOKENEXAMPLE0001', 'ASIATOKENEXAMPLE0002'] as const
const user = (accessKeyId: string = LONG_KEY): Record => ({
  type: 'IAMUser',
  arn: 'arn:aws:iam::123456789012:user/lockbox-emergency',
  accessKeyId,
})
const alice = person('alice').member

/** A key that everybody holds, and a request of alice's that bob and carol approved. */
async function approved(access: Partial<Plan['access']>) {
  const told = await setupWith(NAMES, { plan: { access: { ...usualPlan.access, ...access } } })
  const { story, plan } = told
  const deposit = await story.deposit('alice', plan, { generation: 2, accessKeyId: LONG_KEY })
  await story.hold(deposit, NAMES.slice(1))
  story.pass(60)
  const request = await story.ask('alice', plan)
  const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
  const released = async (ready: Parameters<typeof story.release>[1]) => [
    await story.release('bob', ready),
    await story.release('carol', ready),
  ]
  const compared = (records: readonly Record[]) => {
    const events = records.map((one, at) => eventFrom(one, `record ${at}`))
    const subject = subjectOf(story.org(), story.case(request))
    const found = reconcile(subject, events, [])
    // In whatever order their ids put them.
    const reversed = reconcile({ ...subject, attempts: subject.attempts.toReversed() }, events, [])
    expect([codesOf(reversed), reversed.grants]).toEqual([codesOf(found), found.grants])
    return found
  }
  return { story, plan, deposit, request, decisions, released, compared }
}

/** One attempt of bob's device came to nothing, and two minutes later another gave the session. */
async function twice(access: Partial<Plan['access']>) {
  const told = await approved(access)
  const { story, plan, deposit, request, decisions, released } = told
  const ready = await story.ready('bob', request, deposit)
  await released(ready)
  const lost = await story.issuing('bob', ready)
  const first = story.now
  const failed = await story.fail('bob', ready)
  story.pass(2)
  const again = await story.ready('bob', request, deposit, {
    attempt: 2,
    after: { ready: ready.id, failed: failed.id },
  })
  const releases = await released(again)
  const issuing = await story.issuing('bob', again)
  const basis = { request, plan, ready: again, issuing, decisions, releases }
  const grant = await story.grant('bob', basis, { accessKeyId: SESSION_KEY })
  return { ...told, lost, grant, first, second: story.now }
}

const token = (at: number, number: number, key: string): Record => ({
  ...called(at, 'GetSessionToken', 'sts.amazonaws.com', number),
  userIdentity: user(),
  responseElements: { credentials: { accessKeyId: key } },
})
const assumed = (at: number, number: number, by: Record, roleArn: string, session: string, key: string): Record => ({
  ...called(at, 'AssumeRole', 'sts.amazonaws.com', number),
  userIdentity: by,
  requestParameters: { roleArn, roleSessionName: session, sourceIdentity: alice, durationSeconds: 900 },
  responseElements: { credentials: { accessKeyId: key } },
})
const codesOf = ({ differs }: ReturnType<typeof reconcile>) => differs.map(({ code }) => code)

describe('attempts within minutes of one another', () => {
  it('each explain what they began with a session of the user, of which nothing says for which it was', async () => {
    const { compared, first, second, lost, grant } = await twice({ sessionToken: true })
    const found = compared([
      token(first, 1, TOKEN_1),
      token(second, 2, TOKEN_2),
      assumed(second, 3, user(TOKEN_2), ROLE, 'lb-case-2', SESSION_KEY),
    ])
    expect(codesOf(found)).toEqual([])
    expect(found.events.map(({ role, of }) => [role, of])).toEqual([
      ['way', lost.id],
      ['way', grant.id],
      ['issue', grant.id],
    ])
    expect(found.grants).toMatchObject([{ issued: 'seen' }])
    // By clocks that differ it may be nearer to one that it was not for.
    const issue = assumed(second, 3, user(TOKEN_2), ROLE, 'lb-case-2', SESSION_KEY)
    expect(codesOf(compared([token(first + 30_000, 2, TOKEN_2), issue]))).toEqual([])
  })

  it('also where such a session is for what ends the access', async () => {
    const { compared, second } = await twice({ ...carefulAccess, mfa: MFA })
    const revoker = carefulAccess.aftercare?.revoker ?? ''
    const found = compared([
      assumed(second, 1, user(), ROLE, 'lb-case-2', SESSION_KEY),
      token(second, 2, TOKEN_2),
      assumed(second, 3, user(TOKEN_2), revoker, 'lb-case-2', 'ASIACAREEXAMPLE00000'),
    ])
    expect(codesOf(found)).toEqual([])
  })

  it('explain nothing else that such a session does', async () => {
    const { compared, first, second } = await twice({ sessionToken: true })
    const other = assumed(second, 4, user(TOKEN_2), ROLE, 'lb-case-2', 'ASIAI44QH8DHBEXAMPLE')
    const use = { ...called(second, 'GetUser', 'iam.amazonaws.com', 5), userIdentity: user(TOKEN_1) }
    const records = [token(first, 1, TOKEN_1), token(second, 2, TOKEN_2), other, use]
    expect(codesOf(compared(records))).toEqual(['key-unexplained', 'session-unknown'])
  })
})

describe('two devices that began under one name', () => {
  /** Carol's device, which came too late, and bob's, which gave the session. */
  async function together(access: Partial<Plan['access']> = {}) {
    const told = await approved(access)
    const { story, plan, deposit, request, decisions, released } = told
    const lost = await story.ready('carol', request, deposit)
    const ready = await story.ready('bob', request, deposit)
    const releases = await released(ready)
    await story.issuing('carol', lost)
    const issuing = await story.issuing('bob', ready)
    const basis = { request, plan, ready, issuing, decisions, releases }
    await story.grant('bob', basis, { accessKeyId: SESSION_KEY })
    return { ...told, at: story.now }
  }

  it('have the steps of either explained', async () => {
    const { compared, at } = await together({ chain: [{ roleArn: STEP }] })
    const found = compared([
      assumed(at, 1, user(), STEP, 'lb-case-1', 'ASIASTEPEXAMPLE00000'),
      assumed(at, 2, sessionIdentity(alice, 'ASIASTEPEXAMPLE00000'), ROLE, 'lb-case-1', SESSION_KEY),
      assumed(at, 3, user(), STEP, 'lb-case-1', 'ASIASTEPEXAMPLE00001'),
    ])
    expect(codesOf(found)).toEqual([])
  })

  it('have what the console does by the session that was handed over be that one’s', async () => {
    const { compared, at } = await together()
    const found = compared([
      assumed(at, 1, user(), ROLE, 'lb-case-1', SESSION_KEY),
      {
        ...called(at + 60_000, 'ListBuckets', 's3.amazonaws.com', 2),
        userIdentity: sessionIdentity(alice, 'ASIAI44QH8DHBEXAMPLE'),
        sessionCredentialFromConsole: 'true',
      },
    ])
    expect(codesOf(found)).toEqual([])
    expect(found.grants).toMatchObject([{ issued: 'seen', calls: 1 }])
  })
})

describe('two sessions that a device says one issuing gave', () => {
  const SECOND_KEY = 'ASIASECONDEXAMPLE000'
  /** Bob's device says of its one issuing that it gave these sessions, of which alice says that the second is over. */
  async function doubled() {
    const told = await approved({})
    const { story, plan, deposit, request, decisions, released } = told
    const ready = await story.ready('bob', request, deposit)
    const releases = await released(ready)
    const issuing = await story.issuing('bob', ready)
    const basis = { request, plan, ready, issuing, decisions, releases }
    const first = await story.grant('bob', basis, { accessKeyId: SESSION_KEY })
    const second = await story.grant('bob', basis, { accessKeyId: SECOND_KEY })
    const at = story.now
    story.pass(2)
    await story.end('alice', second)
    const issues = [SESSION_KEY, SECOND_KEY].map((key, number) => assumed(at, number, user(), ROLE, 'lb-case-1', key))
    return { ...told, at, first, second, issues }
  }
  const spans = (at: number) => [{ region: 'eu-central-1', from: at - 60_000, until: at + 60 * 60_000 }]

  it('are both looked for', async () => {
    const { story, request, at, issues, second } = await doubled()
    const compared = (records: readonly Record[]) =>
      reconcile(
        subjectOf(story.org(), story.case(request)),
        records.map((one) => eventFrom(one, 'it')),
        spans(at),
      )
    expect(compared(issues)).toMatchObject({ differs: [], grants: [{ issued: 'seen' }, { issued: 'seen' }] })
    const { differs, grants } = compared(issues.slice(0, 1))
    expect(differs).toEqual([{ code: 'grant-unseen', at, event: null, of: second.id }])
    expect(grants).toHaveLength(2)
  })

  it('are each looked after to its own end', async () => {
    const { compared, at, issues, first, second } = await doubled()
    const use = (key: string) => ({
      ...called(at + 5 * 60_000, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
      userIdentity: sessionIdentity(alice, key),
    })
    expect(codesOf(compared([...issues, use(SESSION_KEY)]))).toEqual([])
    const found = compared([...issues, use(SECOND_KEY)])
    expect(codesOf(found)).toEqual(['after-end'])
    const calls = new Map(found.grants.map((one) => [one.grant, one.calls]))
    expect([calls.get(first.id), calls.get(second.id)]).toEqual([0, 1])
  })
})
