import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edited } from '../ledger/testing/bundles.ts'
import { RECOMPUTE_LIMITS, tooMuch } from './bounds.ts'
import { Findings } from './findings.ts'
import { noWords, rememberedChecks } from './testing/checks.ts'
import { exportedBytes, wholeStory } from './testing/exported.ts'
import { verifyBundle } from './verify-bundle.ts'

const whole = await wholeStory()
const good = await exportedBytes(whole.exported)
const verdictOf = async (bytes: Uint8Array) => (await verifyBundle(bytes, rememberedChecks, noWords)).verdict

describe('hostile files', () => {
  it('no changed byte is verified, and nothing throws', async () => {
    const change = fc.record({ at: fc.nat(good.length - 1), to: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to }) => {
        fc.pre(good[at] !== to)
        expect(['refuted', 'unreadable']).toContain(await verdictOf(good.with(at, to)))
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  it('no other order, choice or repetition of lines is verified, even with a trailer that fits', async () => {
    const count = 29
    const lines = fc.array(fc.nat(count - 1), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(lines, async (chosen) => {
        fc.pre(chosen.length !== count || chosen.some((line, at) => line !== at))
        const bytes = edited(good, ([header = '', ...rest]) => [
          header.replace('"entries":29', `"entries":${chosen.length}`),
          ...chosen.map((at) => rest[at] as string),
          ...rest.slice(count),
        ])
        expect(await verdictOf(bytes)).toBe('refuted')
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  it('nothing that a cut leaves is a bundle', async () => {
    for (let length = 0; length < good.length; length += 997)
      expect(await verdictOf(good.subarray(0, length))).toBe('unreadable')
  })
})

describe('bounded work', () => {
  it('more plans than any organization has are not judged', () => {
    const plans = Array.from({ length: RECOMPUTE_LIMITS.plan + 1 }, () => whole.plan)
    expect(tooMuch(plans)).toBe('257 statements of kind plan; at most 256 are judged')
    expect(tooMuch(plans.slice(1))).toBeNull()
  })

  it('nor are thousands of requests at one time, which would all name each other', () => {
    const requests = Array.from({ length: 201 }, () => whole.request)
    expect(tooMuch(requests)).toBe('20100 pairs of requests for one plan within an hour; at most 20000 are judged')
    expect(tooMuch(requests.slice(1))).toBeNull()
  })

  it('nor are more statements of one case', () => {
    const releases = Array.from({ length: RECOMPUTE_LIMITS.case + 1 }, () => whole.releases[0] ?? whole.request)
    expect(tooMuch(releases)).toBe('one case has 2001 statements; at most 2000 are judged')
  })

  it('nor more endorsements of one statement', () => {
    const endorsement = whole.story.statements.find(({ kind }) => kind === 'endorsement') ?? whole.request
    const many = Array.from({ length: RECOMPUTE_LIMITS.endorsements + 1 }, () => endorsement)
    expect(tooMuch(many)).toBe('one statement has 301 endorsements; at most 300 are judged')
  })

  it('of a million like findings the first hundred are listed, and how many there are', () => {
    const findings = new Findings()
    for (let entry = 0; entry < 1_000_000; entry++) findings.add('refuted', 'malformed', 'x', { entry })
    expect(findings.first()?.entries).toEqual({ from: 0, to: 1 })
    expect(findings.list().length).toBe(101)
    expect(findings.list().at(-1)?.says).toBe('999900 more of “malformed” are not listed')
  })
})
