import { LockboxError } from '../../shared/errors.ts'

export type OutletErrorCode = 'bad-url' | 'bad-certificate' | 'not-carried'

/** Why an outlet cannot be set up as asked. */
export class OutletError extends LockboxError<OutletErrorCode> {}

/** Why a batch was not delivered; it is tried again, so this is shown and never crosses as an error. */
export class DeliveryFailure extends Error {
  /** `too much`: the other end said that it was too much at once. `slow`: it had not answered by the time that it has. */
  readonly kind: 'other' | 'too much' | 'slow'
  /** For how long the other end asks us to wait, milliseconds; 0 if it does not. */
  readonly waitMs: number

  constructor(says: string, kind: DeliveryFailure['kind'] = 'other', waitMs = 0) {
    super(says)
    this.kind = kind
    this.waitMs = waitMs
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the name service does not answer',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'no way to that host',
  ENETUNREACH: 'no network',
  EMSGSIZE: 'a message is too long for the network',
  EPROTO: 'the other end does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the other end does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the other end does not speak TLS',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it asks for a certificate of ours, and Lockbox has none',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

// What the other end said before it hung up: it wants another version, another cipher, or a certificate.
const TLS_REFUSED = /^ERR_SSL_[\w/]*ALERT_/

// Verdicts of OpenSSL on a chain of certificates.
const UNTRUSTED = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_)/

/** What happened, in a few words for people; never what the other end sent. */
export function failureWords(error: unknown): string {
  if (error instanceof DeliveryFailure) return error.message
  const code = codeIn(error)
  if (code === null) return 'something went wrong inside Lockbox'
  if (code.startsWith('HPE_')) return 'its answer is not HTTP'
  if (WORDS[code] === undefined && TLS_REFUSED.test(code)) return `it refuses our TLS (${code})`
  return WORDS[code] ?? (UNTRUSTED.test(code) ? `its certificate is not trusted (${code})` : `failed (${code})`)
}

function codeIn(error: unknown): string | null {
  // Several addresses of one name that all failed come as one error of many.
  const first: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error
  const code: unknown = first instanceof Error ? Reflect.get(first, 'code') : null
  return typeof code === 'string' && /^[A-Z0-9_/]{1,64}$/.test(code) ? code : null
}
