import type { PayloadOf, Plan } from '../../statements/kinds.ts'
import { person } from '../../testing/keys.ts'
import { setupWith } from '../../testing/setup.ts'
import { reconcile, type Span } from '../reconcile.ts'
import { eventFrom } from '../record.ts'
import { subjectOf } from '../subject.ts'

export const SESSION_KEY = 'ASIAIOSFODNN7EXAMPLE'
export const LONG_KEY = 'AKIAIOSFODNN7EXAMPLE'
const ACCOUNT = '123456789012'
const USER = `arn:aws:iam::${ACCOUNT}:user/lockbox-emergency`
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/break-glass`
export const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const
export const SESSION_NAME = 'lb-case-1'

/** A record as CloudTrail writes it, complete but for what a test changes. */
export type Record = { [field: string]: unknown }

/**
 * A case that went well: alice asked, bob's device issued a session for 15 minutes, she used it and said that she was done after ten;
 * and all that AWS recorded of it.
 *
 * @param unusual - in the plan.
 * @param said - in the grant.
 */
export async function scene(unusual: Partial<Plan> = {}, said: Partial<PayloadOf<'grant'>> = {}) {
  const told = await setupWith(NAMES, { plan: unusual })
  const { story, plan } = told
  const deposit = await story.deposit('alice', plan, { generation: 2, accessKeyId: LONG_KEY })
  await story.hold(deposit, NAMES.slice(1))
  story.pass(60)
  const request = await story.ask('alice', plan)
  const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
  const ready = await story.ready('bob', request, deposit)
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const issuing = await story.issuing('bob', ready)
  const grant = await story.grant(
    'bob',
    { request, plan, ready, issuing, decisions, releases },
    { accessKeyId: SESSION_KEY, ...said },
  )
  const start = story.now
  story.pass(10)
  await story.end('alice', grant)
  story.pass(60)
  const alice = person('alice').member
  const assume: Record = {
    ...called(start, 'AssumeRole', 'sts.amazonaws.com', 1),
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDACKCEVSQ6C2EXAMPLE',
      arn: USER,
      accountId: ACCOUNT,
      accessKeyId: LONG_KEY,
    },
    requestParameters: { roleArn: ROLE, roleSessionName: SESSION_NAME, sourceIdentity: alice, durationSeconds: 900 },
    responseElements: { credentials: { accessKeyId: SESSION_KEY, sessionToken: 'a token', expiration: 'later' } },
  }
  const use = called(start + 60_000, 'DescribeInstances', 'ec2.amazonaws.com', 2)
  const records: Record[] = [
    assume,
    { ...use, userIdentity: sessionIdentity(alice) },
    {
      ...called(start + 120_000, 'StopInstances', 'ec2.amazonaws.com', 3),
      userIdentity: sessionIdentity(alice),
      errorCode: 'Client.UnauthorizedOperation',
    },
    // The app looks whether AWS refuses the session by now.
    {
      ...called(start + 11 * 60_000, 'GetCallerIdentity', 'sts.amazonaws.com', 4),
      userIdentity: sessionIdentity(alice),
    },
  ]
  const spans: Span[] = [{ region: 'eu-central-1', from: start - 60 * 60_000, until: start + 60 * 60_000 }]
  return { ...told, deposit, request, ready, issuing, releases, decisions, grant, start, alice, records, spans }
}

export type Scene = Awaited<ReturnType<typeof scene>>

/** A call, without who made it. */
export function called(at: number, eventName: string, eventSource: string, number: number): Record {
  return {
    eventVersion: '1.10',
    eventTime: new Date(at).toISOString().replace('.000Z', 'Z'),
    eventSource,
    eventName,
    awsRegion: 'eu-central-1',
    sourceIPAddress: '192.0.2.1',
    eventID: `b29d5c2e-0e55-4b1c-93f1-${String(number).padStart(12, '0')}`,
    eventType: 'AwsApiCall',
    recipientAccountId: ACCOUNT,
  }
}

/** Who AWS says a session of the emergency role is. */
export function sessionIdentity(sourceIdentity: string, accessKeyId = SESSION_KEY, session = SESSION_NAME): Record {
  return {
    type: 'AssumedRole',
    principalId: `AROACKCEVSQ6C2EXAMPLE:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/break-glass/${session}`,
    accountId: ACCOUNT,
    accessKeyId,
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId: 'AROACKCEVSQ6C2EXAMPLE', arn: ROLE, accountId: ACCOUNT },
      sourceIdentity,
    },
  }
}

/** What comparing these records with the case finds. */
export function found({ story, request, spans }: Scene, records: readonly Record[], reach: readonly Span[] = spans) {
  const events = records.map((one, at) => eventFrom(one, `record ${at}`))
  return reconcile(subjectOf(story.org(), story.case(request)), events, reach)
}
