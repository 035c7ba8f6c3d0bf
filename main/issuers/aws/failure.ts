import { lineFrom } from '../../text.ts'
import type { IssuerErrorCode } from '../issuer.ts'

/** How a call failed. */
export interface Failure {
  readonly code: IssuerErrorCode
  /** Whether the call may have been carried out although no good answer came. */
  readonly mayExist: boolean
  /** Whether another region may do better. */
  readonly elsewhere: boolean
  /** AWS's own words where they help people and cannot hold a secret; else empty. */
  readonly words: string
}

const CODES: Readonly<Record<string, IssuerErrorCode>> = {
  InvalidClientTokenId: 'wrong-key',
  UnrecognizedClientException: 'wrong-key',
  SignatureDoesNotMatch: 'wrong-key',
  InvalidSignatureException: 'wrong-key',
  IncompleteSignature: 'wrong-key',
  MissingAuthenticationToken: 'wrong-key',
  ExpiredToken: 'expired-key',
  ExpiredTokenException: 'expired-key',
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  PackedPolicyTooLarge: 'policy-too-large',
  PackedPolicyTooLargeException: 'policy-too-large',
  RequestExpired: 'clock-skew',
  RequestInTheFuture: 'clock-skew',
  RequestTimeTooSkewed: 'clock-skew',
  RegionDisabledException: 'unreachable',
  RegionDisabled: 'unreachable',
}

/** Errors of connecting: nothing was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EPROTO',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Words that AWS says of a time that is not its own, in an answer whose code is that of a wrong key. */
const OF_TIME = /^Signature (expired|not yet current)/
const OF_POLICY_LENGTH = /'policy' failed to satisfy constraint: Member must have length/
/** A service control policy, or a resource control policy, of the organization in AWS. */
const OF_ORGANIZATION = /\b(service|resource) control policy\b/
const OF_CODE = /^MultiFactorAuthentication failed/
const ELSEWHERE: readonly IssuerErrorCode[] = ['throttled', 'timed-out', 'unreachable']

/** AWS's own words, UTF-16 units: with our sentence before them they fit into a `failed` statement. */
const MAX_WORDS = 250

/** Sorts whatever the SDK threw. Nothing of it is kept but a code and, for some codes, AWS's words. */
export function failureOf(error: unknown): Failure {
  const { name, message, code, syscall, status } = partsOf(error)
  if (status === null) return unanswered(name, code, syscall)
  if (status >= 500) return failure('unreachable', true)
  if (OF_TIME.test(message)) return failure('clock-skew', false)
  if (OF_POLICY_LENGTH.test(message)) return failure('policy-too-large', false)
  // Anything else with an answer that is no error of AWS, such as XML that ends too early: it may have been done.
  if (status < 400) return failure('invalid', true)
  const known = narrowed(CODES[name] ?? 'invalid', message)
  const tellsWhy = known === 'denied' || known === 'denied-by-organization' || known === 'invalid'
  return failure(known, false, tellsWhy ? lineFrom(`${name}: ${message}`, MAX_WORDS) : '')
}

/** AWS's own name and words of an error that it answered with; both empty if there was no answer. */
export function answerOf(error: unknown): { readonly name: string; readonly message: string } {
  const { name, message, status } = partsOf(error)
  return status === null ? { name: '', message: '' } : { name, message }
}

/** AWS calls all of it AccessDenied; who has to mend it differs. */
function narrowed(code: IssuerErrorCode, message: string): IssuerErrorCode {
  if (code !== 'denied') return code
  if (OF_CODE.test(message)) return 'wrong-code'
  return OF_ORGANIZATION.test(message) ? 'denied-by-organization' : 'denied'
}

function unanswered(name: string, code: string, syscall: string): Failure {
  // The SDK's own connection time-out has neither code nor system call; its request time-out has both the other way.
  const neverConnected = NEVER_SENT.has(code) || syscall === 'connect' || (name === 'TimeoutError' && code === '')
  if (neverConnected) return failure('unreachable', false)
  // The SDK calls a broken connection a time-out too; people should hear which it was.
  const broken = code === 'ECONNRESET' || code === 'EPIPE'
  const timedOut = name === 'TimeoutError' || name === 'AbortError' || code === 'ETIMEDOUT'
  return failure(timedOut && !broken ? 'timed-out' : 'unreachable', true)
}

function failure(code: IssuerErrorCode, mayExist: boolean, words = ''): Failure {
  return { code, mayExist, elsewhere: ELSEWHERE.includes(code), words }
}

interface Parts {
  readonly name: string
  readonly message: string
  readonly code: string
  readonly syscall: string
  /** HTTP status; null if there was no answer. */
  readonly status: number | null
}

function partsOf(error: unknown): Parts {
  const metadata = field(error, '$metadata')
  const response = field(error, '$response')
  const status = field(metadata, 'httpStatusCode') ?? field(response, 'statusCode')
  return {
    name: text(field(error, 'name')),
    message: text(field(error, 'message')),
    code: text(field(error, 'code')),
    syscall: text(field(error, 'syscall')),
    status: typeof status === 'number' ? status : null,
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
