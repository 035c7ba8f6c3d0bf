import { carefulAccess } from '../../testing/usual-plan.ts'
import { reconcile } from '../reconcile.ts'
import { eventFrom } from '../record.ts'
import { type Subject, subjectOf } from '../subject.ts'
import { called, LONG_KEY, type Record, type Scene } from './scene.ts'
import { codes, issueOf, MINUTE } from './ways.ts'

// Calls beside those of the scene, and what comparing them with the case finds.

/** What a call gives that gives a key, and a long-lived key of which the case knows nothing. */
export const [GIVEN_KEY, OTHER_KEY] = ['ASIAI44QH8DHBEXAMPLE', 'AKIAI44QH8DHBEXAMPLE'] as const
export const MFA = 'arn:aws:iam::123456789012:mfa/emergency'
export const [STEP, NEXT] = ['arn:aws:iam::123456789012:role/step', 'arn:aws:iam::123456789012:role/next'] as const
export const { revoker = '', rotator } = carefulAccess.aftercare ?? {}

/** Who AWS says the user of a key is. */
export function user(accessKeyId: string = LONG_KEY): Record {
  return { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/lockbox-emergency', accessKeyId }
}

/** A call of a service so many minutes after the grant. */
export function call(told: Scene, minutes: number, name: string, source: string, more: Record): Record {
  return { ...called(told.start + minutes * MINUTE, name, `${source}.amazonaws.com`, 9), ...more }
}

/** A session of the user that a key gave. */
export function token(told: Scene, minutes: number, key: string = LONG_KEY): Record {
  return {
    ...call(told, minutes, 'GetSessionToken', 'sts', { userIdentity: user(key) }),
    eventID: `token-${minutes}-${key}`,
    responseElements: { credentials: { accessKeyId: GIVEN_KEY } },
  }
}

/** A session of a role, under the name of the attempt and for its person. */
export function assume(told: Scene, roleArn: string, by: Record, key: string = GIVEN_KEY): Record {
  return {
    ...issueOf(told),
    eventID: `assume-${key}-${roleArn.slice(-4)}`,
    userIdentity: by,
    requestParameters: { ...issueOf(told).requestParameters, roleArn },
    responseElements: { credentials: { accessKeyId: key } },
  }
}

/** The codes of what comparing all records of the case, and more, finds. */
export function withMore(told: Scene, ...more: Record[]): string[] {
  return codes(told, [...told.records, ...more])
}

/** The same where the case used another key as well. */
export function twoKeys(told: Scene, ...more: Record[]): string[] {
  const subject = subjectOf(told.story.org(), told.story.case(told.request))
  const keys = [...subject.keys, { accessKeyId: OTHER_KEY, since: 0 }]
  return judged({ ...subject, keys }, [...told.records, ...more])
}

/** What the case says, and of an attempt half an hour before of which nothing came. */
export function withEarlier(told: Scene): Subject {
  const subject = subjectOf(told.story.org(), told.story.case(told.request))
  const earlier = subject.attempts.map((one) => ({
    ...one,
    sessionName: 'lb-case-0',
    at: one.at - 30 * MINUTE,
    grant: null,
  }))
  return { ...subject, attempts: [...earlier, ...subject.attempts] }
}

/** The codes of what comparing records with what a case says finds, where they reach over nothing. */
export function judged(subject: Subject, records: readonly Record[]): string[] {
  const events = records.map((one) => eventFrom(one, 'it'))
  return reconcile(subject, events, []).differs.map(({ code }) => code)
}
