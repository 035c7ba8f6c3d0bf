import { describe, expect, it } from 'vitest'
import type { Case, Grant } from '../case/types.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import type { Said } from '../testing/world.ts'
import { LATE_MS } from './reconcile.ts'
import { regionsToAsk, unreached, usesIn } from './unreached.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Alice has access for 15 minutes, of which bob's device says what it likes. */
async function granted(said: Partial<Said<'grant'>> = {}) {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan: { access: carefulAccess } })
  const { story } = told
  const { request, grant, ready } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', {}, said)
  const one = () => story.case(request)
  return { story, request, ready, grant, current: () => one().grant as Grant, one }
}

/** Whether an answer of CloudTrail's from long before until then reaches over all of a case. */
function reaches(one: Case, until: number): boolean {
  const spans = regionsToAsk(carefulAccess).map((region) => ({ region, from: 0, until }))
  return unreached({ source: 'lookup-events', spans }, one, usesIn(one)).length === 0
}

describe('how far a record has to reach', () => {
  it.each<[string, Partial<Said<'grant'>>]>([
    ['AWS ended the session long ago', { expires: 0 }],
    ['its clock is a day ahead as well', { expires: 0, skewMs: -24 * HOUR }],
    ['its clock is a day behind as well', { expires: 0, skewMs: 24 * HOUR }],
  ])('is borne out by whoever released, whenever the issuing device says that %s', async (_, lie) => {
    const { current, grant, one } = await granted(lie)
    const whole = current().soonest
    expect(whole).toBe(grant.payload.time - MINUTE + 15 * MINUTE)
    expect(reaches(one(), whole + LATE_MS - 1)).toBe(false)
    expect(reaches(one(), whole + LATE_MS)).toBe(true)
  })

  it('is as long as AWS said, where that is longer', async () => {
    const { grant, one } = await granted()
    const until = grant.payload.expires + MINUTE
    const late = await granted({ expires: until })
    expect(reaches(late.one(), until + LATE_MS - 1)).toBe(false)
    expect(reaches(late.one(), until + LATE_MS)).toBe(true)
    expect(reaches(one(), grant.payload.expires + LATE_MS)).toBe(true)
  })

  it.each([
    ['as they say it', 0, 0],
    ['no earlier for a clock that is said to be a day ahead', -24 * HOUR, 0],
    ['later for one that is behind', 2 * MINUTE, 2 * MINUTE],
  ])('is to where two people saw AWS refuse it, %s', async (_, skewMs, later) => {
    const { story, grant, current, one } = await granted({ skewMs })
    story.pass(3)
    await story.revoke('dave', grant)
    await story.revoked('dave', grant)
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(current().state).toBe('ended')
    const until = story.now + later + LATE_MS
    expect(reaches(one(), until - 1)).toBe(false)
    expect(reaches(one(), until)).toBe(true)
  })

  it('begins with the grant, by AWS’s clock', async () => {
    const { grant, one } = await granted({ skewMs: 4 * MINUTE })
    const begins = (from: number) => {
      const spans = regionsToAsk(carefulAccess).map((region) => ({ region, from, until: from + 24 * HOUR }))
      return unreached({ source: 'lookup-events', spans }, one(), usesIn(one())).length === 0
    }
    const at = grant.payload.time + 4 * MINUTE
    expect([begins(at), begins(at + 1)]).toEqual([true, false])
  })

  it('is in every region of the plan, where a grant names an endpoint that is none of these', async () => {
    const { grant, one } = await granted({ endpoint: 'https://sts.example.amazonaws.com' })
    const files = { source: 'trail-files' as const, spans: [] }
    expect(unreached(files, one(), usesIn(one()))).toEqual(carefulAccess.regions.map(({ region }) => region))
    expect(carefulAccess.regions.some(({ endpoint }) => endpoint === grant.payload.endpoint)).toBe(false)
  })
})
