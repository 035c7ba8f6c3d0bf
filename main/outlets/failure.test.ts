import { expect, it } from 'vitest'
import { failureWords } from './failure.ts'

const coded = (code: unknown) => Object.assign(new Error('what the other end sent'), { code })

it.each([
  ['ECONNREFUSED', 'connection refused'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is not trusted (SELF_SIGNED_CERT_IN_CHAIN)'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'it asks for a certificate of ours, and Lockbox has none'],
  ['HPE_INVALID_CONSTANT', 'its answer is not HTTP'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'it refuses our TLS (ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE)'],
  // The same of OpenSSL 3.5, which Node 24 has.
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'it refuses our TLS (ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE)'],
])('says what the code %s means', (code, words) => {
  expect(failureWords(coded(code))).toBe(words)
})

it.each([['what the other end sent'], ['A'.repeat(200)], [7], [undefined]])(
  'says nothing of what is no code: %j',
  (code) => {
    expect(failureWords(coded(code))).toBe('something went wrong inside Lockbox')
  },
)
