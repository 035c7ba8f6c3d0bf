import { describe, expect, it } from 'vitest'
import { usualPlan } from '../testing/usual-plan.ts'
import { reconcile } from './reconcile.ts'
import { eventFrom } from './record.ts'
import { subjectOf } from './subject.ts'
import {
  called,
  found,
  LONG_KEY,
  type Record,
  type Scene,
  SESSION_NAME,
  scene,
  sessionIdentity,
} from './testing/scene.ts'
import { codes, DENY, issueOf, issueOfOther, longKey, MINUTE, OTHERS_SESSION } from './testing/ways.ts'

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
      'a refused try under the name of an attempt before the key was deposited',
      (told) => ({
        ...issueOf(told),
        ...called(told.start - 24 * 60 * MINUTE, 'AssumeRole', 'sts.amazonaws.com', 9),
        errorCode: 'AccessDenied',
        responseElements: null,
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
    const issue = issueOfOther(told)
    expect(codes(told, [...told.records, issue])).toEqual(['session-unknown'])
    const basis = { request, plan, ready, issuing, decisions, releases }
    await story.grant('bob', basis, { accessKeyId: OTHERS_SESSION })
    const { differs, events, grants } = found(told, [...told.records, issue])
    expect(differs).toEqual([])
    expect(grants.map(({ grant }) => grant)).toEqual([told.grant.id])
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
