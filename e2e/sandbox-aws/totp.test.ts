import { describe, expect, it } from 'vitest'
import { codeAt, seedBytes, timeStep } from './totp.ts'

const SEED = Buffer.from('12345678901234567890')

describe('codes of an MFA device', () => {
  // RFC 6238, appendix B, the rows for SHA-1; eight digits.
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('are those of RFC 6238 at %i s', (seconds, code) => {
    expect(codeAt(SEED, timeStep(seconds * 1000), 8)).toBe(code)
    expect(codeAt(SEED, timeStep(seconds * 1000))).toBe(code.slice(2))
  })
  // RFC 4226, appendix D.
  it('are those of RFC 4226', () => {
    const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ')
    expect(codes.map((_, counter) => codeAt(SEED, counter))).toEqual(codes)
  })
  // RFC 4648, section 10.
  it('come from a seed in base32', () => {
    expect(seedBytes('MZXW6YTBOI======').toString()).toBe('foobar')
    expect(seedBytes('gezd gnbv gy3t qojq GEZDGNBVGY3TQOJQ')).toEqual(SEED)
  })
})
