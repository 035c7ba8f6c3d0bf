import type { IAMClient } from '@aws-sdk/client-iam'
import { lineFrom } from '../../text.ts'
import type { IssuerErrorCode } from '../issuer.ts'
import { type Endpoint, iamCall, type Keys } from './client.ts'
import { answerOf, type Failure, failureOf } from './failure.ts'

/** How long IAM may take: nobody waits for it in a hurry. */
export const IAM_TIMEOUT_MS = 10_000

/**
 * Why a call of IAM came to nothing. `unreached`: it may have been carried out unheard, or may be soon; it is to be repeated.
 * `refused`: repeating it will not help before people have done something.
 */
export interface IamFailure {
  readonly is: 'unreached' | 'refused'
  /** Whether it may have been carried out: not if it was refused or never sent. */
  readonly mayExist: boolean
  readonly code: IssuerErrorCode
  /** AWS's own name of the error; empty if it gave none. */
  readonly name: string
  /** What happened and what to do, for people, without any secret. */
  readonly words: string
}

/** What IAM answered to one call. */
export type IamAnswer<Good> =
  | {
      readonly is: 'done'
      readonly good: Good /** AWS's clock minus ours; null if unknown. */
      readonly skewMs: number | null
    }
  | IamFailure

/** Errors of IAM that pass by themselves. */
const PASSING = new Set(['ConcurrentModificationException', 'EntityTemporarilyUnmodifiableException'])

/**
 * One call of IAM, once, with a narrow session.
 *
 * @param what - what the call is to do, as in "AWS refused to …".
 */
export async function askIam<Good>(
  at: Endpoint,
  { accessKeyId, secretAccessKey, sessionToken }: Keys,
  what: string,
  send: (client: IAMClient, signal: AbortSignal) => Promise<Good>,
  timeoutMs: number,
): Promise<IamAnswer<Good>> {
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
  const { client, skewMs } = await iamCall(at, keys, timeoutMs)
  try {
    const good = await send(client, AbortSignal.timeout(timeoutMs))
    return { is: 'done', good, skewMs: skewMs() }
  } catch (error) {
    return failureFrom(failureOf(error), answerOf(error).name, what)
  } finally {
    client.destroy()
  }
}

function failureFrom({ code, mayExist, elsewhere, words }: Failure, name: string, what: string): IamFailure {
  const isPassing = elsewhere || mayExist || PASSING.has(name)
  const sentence = isPassing ? `AWS could not be reached to ${what}, or did not answer.` : SENTENCES[code](what, words)
  return { is: isPassing ? 'unreached' : 'refused', mayExist, code, name, words: lineFrom(sentence, 500) }
}

const plain = (what: string, words: string) => `AWS refused to ${what}. ${words}`.trim()
const SENTENCES: Readonly<Record<IssuerErrorCode, (what: string, words: string) => string>> = {
  'expired-key': (what) => `The narrow session that was to ${what} is over.`,
  'wrong-key': (what) => `AWS does not know the narrow session that was to ${what}.`,
  'denied-by-organization': (what, words) =>
    `AWS refused to ${what} by a policy of the AWS organization, which has to except the role. ${words}`,
  'clock-skew': (what) => `The clock of this device is wrong, so AWS refused to ${what}. Set it right.`,
  denied: plain,
  invalid: plain,
  'wrong-code': plain,
  throttled: plain,
  'timed-out': plain,
  'policy-too-large': plain,
  unreachable: plain,
}
