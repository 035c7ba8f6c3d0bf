import { describe, expect, it } from 'vitest'
import { codeAt, codesOf, seedBytes, tidySeed } from './totp.ts'

const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const never = new AbortController().signal

/** A clock that jumps to the end of every wait. */
function jumping(start = 0) {
  const clock = {
    at: start,
    waits: [] as number[],
    now: () => clock.at,
    sleep: (ms: number) => {
      clock.waits.push(ms)
      clock.at += ms
      return Promise.resolve()
    },
  }
  return clock
}

describe('MFA codes', () => {
  // RFC 6238, appendix B, the rows for SHA-1; eight digits.
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('are those of RFC 6238 at %i s', (seconds, code) => {
    expect(codeAt(seedBytes(SEED), Math.floor(seconds / 30), 8)).toBe(code)
  })
  it('come from a seed as AWS shows it', () => {
    expect(tidySeed('gezd gnbv-GY3TQOJQ ====')).toBe('GEZDGNBVGY3TQOJQ')
    expect(seedBytes('GEZDGNBVGY3TQOJQ')).toEqual(new TextEncoder().encode('1234567890'))
  })
  it('are given out once: the second waits for the next time step', async () => {
    const clock = jumping(59_000)
    const codes = codesOf(SEED, clock)
    const [first, second] = [await codes.take(0, never), await codes.take(0, never)]
    expect([first.code, second.code]).toEqual([codeAt(seedBytes(SEED), 1), codeAt(seedBytes(SEED), 2)])
    expect(clock.waits).toEqual([1000])
  })
  it('are given out again where AWS never saw them', async () => {
    const clock = jumping()
    const codes = codesOf(SEED, clock)
    const first = await codes.take(0, never)
    first.unused()
    expect((await codes.take(0, never)).code).toBe(first.code)
    expect(clock.waits).toEqual([])
  })
  it('do not wait for the next step once one is free again', async () => {
    const codes = codesOf(SEED)
    const first = await codes.take(0, never)
    const second = codes.take(0, never)
    first.unused()
    expect((await second).code).toBe(first.code)
  })
  it('follow AWS’s clock where it is known to differ', async () => {
    const codes = codesOf(SEED, jumping(0))
    expect((await codes.take(90_000, never)).code).toBe(codeAt(seedBytes(SEED), 3))
  })
  it('are not waited for when nobody needs them any more', async () => {
    const codes = codesOf(SEED)
    await codes.take(0, never)
    await expect(codes.take(0, AbortSignal.timeout(10))).rejects.toThrow(DOMException)
  })
})
