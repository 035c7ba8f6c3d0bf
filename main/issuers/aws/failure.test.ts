import { describe, expect, it } from 'vitest'
import { KINDS } from '../../../shared/statements/kinds.ts'
import { failureOf } from './failure.ts'
import { wordsFor } from './words.ts'

const thrown = (fields: Record<string, unknown>) => Object.assign(new Error('thrown'), fields)
const answered = (status: number, name: string, message = '') =>
  thrown({ name, message, $metadata: { httpStatusCode: status } })

// What the sandbox on the loopback cannot show: a network that swallows packets, TLS, and other words of AWS.
describe('a failed call', () => {
  it.each<[string, Error, string, boolean]>([
    ['a connection that never came up (the SDK gives no code)', thrown({ name: 'TimeoutError' }), 'unreachable', false],
    [
      'a connection that the system gave up',
      thrown({ name: 'TimeoutError', code: 'ETIMEDOUT', syscall: 'connect' }),
      'unreachable',
      false,
    ],
    ['a name that does not resolve', thrown({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), 'unreachable', false],
    ['a certificate that is not trusted', thrown({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'unreachable', false],
    [
      'a connection that broke',
      thrown({ name: 'TimeoutError', code: 'ECONNRESET', syscall: 'read' }),
      'unreachable',
      true,
    ],
    ['an answer that did not come', thrown({ name: 'TimeoutError', code: 'ETIMEDOUT' }), 'timed-out', true],
    ['a call that we gave up', thrown({ name: 'AbortError' }), 'timed-out', true],
    ['something nobody foresaw', thrown({ name: 'TypeError' }), 'unreachable', true],
    ['503 by a gateway', answered(503, 'SlowDown'), 'unreachable', true],
    ['a redirect', answered(302, 'Unknown'), 'invalid', true],
    ['a code of AWS that is new to us', answered(400, 'NewException'), 'invalid', false],
  ])('sorts %s', (_, error, code, mayExist) => {
    expect(failureOf(error)).toMatchObject({ code, mayExist })
  })
  it('asks elsewhere only where another region may do better', () => {
    const codes = [
      'Throttling',
      'InvalidClientTokenId',
      'AccessDenied',
      'PackedPolicyTooLarge',
      'ExpiredToken',
      'ValidationError',
    ]
    expect(codes.filter((name) => failureOf(answered(400, name)).elsewhere)).toEqual(['Throttling'])
  })
  it("keeps AWS's words of a denial on one short line", () => {
    const { words } = failureOf(answered(403, 'AccessDenied', `User: arn\n is\u202e not ${'x'.repeat(999)}`))
    expect(words).toMatch(/^AccessDenied: User: arn is not x+$/)
    expect(words.length).toBeLessThanOrEqual(250)
  })
  it.each(['', 'x'])('is told in words that a statement takes, wherever they are cut: “%s”', (odd) => {
    const { message } = KINDS.failed.payload.shape
    const failure = failureOf(answered(403, 'AccessDenied', odd + '𠮷'.repeat(200)))
    expect(message.safeParse(failure.words).success).toBe(true)
    for (const region of ['a', 'ab'])
      expect(message.safeParse(wordsFor(failure, region, null, true)).success).toBe(true)
  })
  it('keeps no words of a refused signature, since AWS may quote the request in them', () => {
    const quoted = "The Canonical String for this request should have been 'POST x-amz-security-token:SECRET'"
    expect(failureOf(answered(403, 'SignatureDoesNotMatch', quoted)).words).toBe('')
  })
})
