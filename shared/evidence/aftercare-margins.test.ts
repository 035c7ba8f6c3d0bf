import { describe, expect, it } from 'vitest'
import { carefulAccess } from '../testing/usual-plan.ts'
import { subjectOf } from './subject.ts'
import {
  assume,
  call,
  GIVEN_KEY,
  judged,
  MFA,
  OTHER_KEY,
  revoker,
  rotator,
  STEP,
  token,
  twoKeys,
  user,
  withEarlier,
  withMore,
} from './testing/calls.ts'
import {
  called,
  LONG_KEY,
  type Record,
  ROLE,
  type Scene,
  SESSION_KEY,
  SESSION_NAME,
  scene,
  sessionIdentity,
} from './testing/scene.ts'
import { codes, DENY, MINUTE } from './testing/ways.ts'

// What explains a call, and a little less than that, which does not.

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
    expect(withMore(coded, token(coded, 0), care(coded, revoker, user(GIVEN_KEY)))).toEqual([])
    expect(withMore(coded, care(coded, revoker, user()))).toEqual(['session-unknown'])
    const chained = await scene({ access: { ...carefulAccess, mfa: MFA, chain: [{ roleArn: STEP }] } })
    const step = assume(chained, STEP, user(), 'ASIASTEPEXAMPLE00001')
    const byStep = care(chained, revoker, sessionIdentity(chained.alice, 'ASIASTEPEXAMPLE00001'))
    expect(codes(chained, [step, byStep])).toContain('session-unknown')
  })

  it('is not taken with a session of the user where that is for the access alone, or was for another attempt', async () => {
    const told = await scene({ access: { ...carefulAccess, sessionToken: true } })
    const way = [token(told, 0), assume(told, ROLE, user(GIVEN_KEY), SESSION_KEY)]
    expect(codes(told, [...way, care(told, revoker, user())])).toEqual([])
    expect(codes(told, [...way, care(told, revoker, user(GIVEN_KEY))])).toEqual(['session-unknown'])
    const coded = await scene({ access: { ...carefulAccess, mfa: MFA } })
    const records = [...coded.records, token(coded, -30), care(coded, revoker, user(GIVEN_KEY))]
    expect(judged(withEarlier(coded), records)).toEqual(['session-unknown'])
  })

  it('is taken from another account as the way is, but not from one that is known to be the role’s own', async () => {
    const nameless = { type: 'AWSAccount', principalId: 'AIDAEXAMPLE', accountId: '1' }
    const told = await scene({ access: carefulAccess })
    expect(withMore(told, care(told, revoker, nameless))).toEqual([])
    const coded = await scene({ access: { ...carefulAccess, mfa: MFA } })
    expect(withMore(coded, care(coded, revoker, nameless))).toEqual(['session-unknown'])
  })

  it('is that of any attempt of its name with whose key it was taken', async () => {
    const told = await scene({ access: carefulAccess })
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const other = subject.attempts.map((one) => ({ ...one, accessKeyId: OTHER_KEY, grant: null }))
    const attempts = [...other, ...subject.attempts]
    expect(judged({ ...subject, attempts }, [...told.records, care(told, revoker, user())])).toEqual([])
  })

  it.each([
    ['PutRolePolicy', 'revoker'],
    ['GetRolePolicy', 'revoker'],
    ['DeleteRolePolicy', 'revoker'],
    ['AttachRolePolicy', 'nobody'],
    ['ListRolePolicies', 'nobody'],
    ['UpdateAssumeRolePolicy', 'nobody'],
    ['DeleteRole', 'nobody'],
    ['ListAccessKeys', 'rotator'],
    ['UpdateAccessKey', 'rotator'],
    ['DeleteAccessKey', 'rotator'],
    ['GetAccessKeyLastUsed', 'rotator'],
    ['CreateAccessKey', 'nobody'],
    ['CreateUser', 'nobody'],
    ['CreateLoginProfile', 'nobody'],
    ['PutUserPolicy', 'nobody'],
  ] as const)('calls %s by the %s', async (name, by) => {
    const told = await scene({ access: carefulAccess })
    const one = does(told, 25, name, { ...DENY, userName: 'emergency', accessKeyId: LONG_KEY })
    const of = (roleArn: string) => withMore(told, care(told, roleArn, user()), one)
    // Of a key that it made the record has to say which it is.
    expect(of(revoker)).toEqual(by === 'revoker' ? [] : ['session-used'])
    expect(of(rotator?.roleArn ?? '')).toEqual(by === 'rotator' ? [] : ['session-used'])
  })

  it('goes no second on, nor takes the deny away a second early', async () => {
    const told = await scene({ access: carefulAccess })
    const { start } = told
    const after = (roleArn: string, name: string, seconds: number, asked: number | null = 3600) => {
      const { eventTime } = called(start + seconds * 1000, name, '', 1)
      return withMore(told, care(told, roleArn, user(), asked), does(told, 0, name, DENY, { eventTime }))
    }
    for (const asked of [3600, null]) {
      expect(after(rotator?.roleArn ?? '', 'ListAccessKeys', 3600, asked)).toEqual([])
      expect(after(rotator?.roleArn ?? '', 'ListAccessKeys', 3601, asked)).toEqual(['session-used'])
    }
    // Five minutes after a quarter of an hour, but for what clocks may be off.
    expect(after(revoker, 'DeleteRolePolicy', 20 * 60 - 30)).toEqual([])
    expect(after(revoker, 'DeleteRolePolicy', 20 * 60 - 31)).toEqual(['session-used'])
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
