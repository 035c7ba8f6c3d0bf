import { LockboxError } from '../../../shared/errors.ts'
import { cutTo, lineFrom } from '../../text.ts'
import type { IssuerErrorCode } from '../issuer.ts'
import type { Failure } from './failure.ts'

export type LookupErrorCode =
  | 'lookup-denied'
  | 'lookup-throttled'
  | 'lookup-expired'
  | 'lookup-wrong-key'
  | 'lookup-clock'
  | 'lookup-unreachable'
  | 'lookup-refused'
  | 'lookup-other-account'
  | 'lookup-not-aws'
  | 'lookup-stopped'
  | 'reading-keys'

/** Why CloudTrail gave no evidence. The message says what happened and what to do, and holds no secret. */
export class LookupError extends LockboxError<LookupErrorCode> {
  /** Without a cause: what a client library throws may hold the request. */
  constructor(code: LookupErrorCode, message: string) {
    super(code, lineFrom(message, 500))
  }
}

/** AWS's own words that are told, UTF-16 units: with ours they are at most 500. */
const MOST_WORDS = 180

/** @param says - AWS's own words, in quotes, or empty. */
type Sentence = (region: string, says: string) => string
const FILES = 'or attach files of a trail'
const unreached: [LookupErrorCode, Sentence] = [
  'lookup-unreachable',
  (region) => `CloudTrail in ${region} did not answer. Check the network of this device and ask again, ${FILES}.`,
]
const refused: [LookupErrorCode, Sentence] = [
  'lookup-refused',
  (region, says) => `CloudTrail in ${region} could not make sense of the question. Attach files of a trail.${says}`,
]
const denied: Sentence = (region, says) =>
  `AWS does not let these credentials read what it recorded in ${region}. They need cloudtrail:LookupEvents on all resources, in their own policies, in the plan’s session policy and in those of the AWS organization: ask with others, ${FILES}.${says}`

const FAILURES: Readonly<Record<IssuerErrorCode, [LookupErrorCode, Sentence]>> = {
  denied: ['lookup-denied', denied],
  'denied-by-organization': ['lookup-denied', denied],
  throttled: [
    'lookup-throttled',
    (region) =>
      `CloudTrail in ${region} goes on asking to slow down. It answers two calls a second for the whole account: ask again when nobody else does, ${FILES}.`,
  ],
  'expired-key': [
    'lookup-expired',
    () => `These credentials have expired, so AWS answers them nothing any more. Ask with others, ${FILES}.`,
  ],
  'wrong-key': [
    'lookup-wrong-key',
    (region) =>
      `AWS in ${region} does not know these credentials. Is the whole of them there, the session token too, and is the key active? Ask with others, ${FILES}.`,
  ],
  'clock-skew': [
    'lookup-clock',
    () => 'The clock of this device is wrong, so AWS refused the call. Set it right and ask again.',
  ],
  'timed-out': unreached,
  unreachable: unreached,
  'wrong-code': refused,
  'policy-too-large': refused,
  invalid: refused,
}

/** What a failed call means for whoever asked. */
export function lookupError({ code, words }: Failure, region: string): LookupError {
  const [is, sentence] = FAILURES[code]
  return new LookupError(is, sentence(region, words === '' ? '' : ` AWS says: “${cutTo(words, MOST_WORDS)}”.`))
}

/** Somebody wanted it no more. */
export function stopped(): LookupError {
  return new LookupError('lookup-stopped', 'Asking CloudTrail was stopped. Nothing was attached.')
}
