import { describe, expect, it } from 'vitest'
import type { Case, Grant } from '../case/types.ts'
import type { Plan } from '../statements/kinds.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import type { Said } from '../testing/world.ts'
import { LATE_MS } from './reconcile.ts'
import { regionsToAsk, unaskedAccounts, unreached, usesIn } from './unreached.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const [FRANKFURT, IRELAND] = [
  { region: 'eu-central-1', endpoint: 'https://sts.eu-central-1.amazonaws.com' },
  { region: 'eu-west-1', endpoint: 'https://sts.eu-west-1.amazonaws.com' },
] as const
const twoRegions = { ...usualPlan.access, regions: [FRANKFURT, IRELAND] }

/** Alice has access for 15 minutes, of which bob's device says what it likes. */
async function granted(said: Partial<Said<'grant'>> = {}, plan: Partial<Plan> = { access: carefulAccess }) {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan })
  const { story } = told
  const { grant, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', {}, said)
  const { request, ready } = basis
  const one = () => story.case(request)
  return { story, request, ready, grant, basis, current: () => one().grant as Grant, one }
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

  it('is to its end, where AWS refused it after that', async () => {
    const { story, grant, one } = await granted()
    const { expires } = grant.payload
    story.now = expires + 3 * MINUTE
    await story.end('alice', grant, { how: 'timer', confirmation: 'aws-refused' })
    expect(reaches(one(), expires + LATE_MS - 1)).toBe(false)
    expect(reaches(one(), expires + LATE_MS)).toBe(true)
  })

  it('is over every session of the case, the surplus ones too', async () => {
    const { story, grant, one, basis } = await granted()
    story.pass(20)
    const surplus = await story.grant('bob', basis, { accessKeyId: 'ASIASECONDEXAMPLE000' })
    expect(one().surplus.map(({ id }) => id)).toHaveLength(1)
    expect(reaches(one(), grant.payload.expires + LATE_MS)).toBe(false)
    expect(reaches(one(), surplus.payload.expires + LATE_MS)).toBe(true)
  })

  it('is in files in the region of each session over that one', async () => {
    const { story, grant, one, basis } = await granted({}, { access: twoRegions })
    story.pass(20)
    const surplus = await story.grant('bob', basis, { accessKeyId: 'ASIASECONDEXAMPLE000', endpoint: IRELAND.endpoint })
    const over = ({ payload }: typeof grant) => ({ from: payload.time, until: payload.expires + LATE_MS })
    const files = (first: typeof grant, second: typeof grant) => {
      const spans = [
        { region: FRANKFURT.region, ...over(first) },
        { region: IRELAND.region, ...over(second) },
      ]
      return unreached({ source: 'trail-files', spans }, one(), usesIn(one()))
    }
    expect(files(grant, surplus)).toEqual([])
    expect(files(surplus, grant).sort()).toEqual([FRANKFURT.region, IRELAND.region])
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

describe('a session that may exist without a grant', () => {
  /** Alice asked for two hours, bob's device began at once, and the last share came four minutes later. */
  async function begun(access: Plan['access']) {
    const plan = { access, durations: [900, 7200] }
    const told = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan })
    const { story } = told
    const request = await story.ask('alice', told.plan, { seconds: 7200 })
    for (const name of ['bob', 'carol']) await story.decide(name, request)
    const ready = await story.ready('bob', request, told.deposit)
    await story.release('bob', ready)
    const { payload } = await story.issuing('bob', ready)
    story.pass(4)
    const released = await story.release('carol', ready)
    const reached = (source: 'lookup-events' | 'trail-files', from: number, until: number, of: readonly string[]) => {
      const one = story.case(request)
      return unreached({ source, spans: of.map((region) => ({ region, from, until })) }, one, usesIn(one))
    }
    return { at: payload.time, last: released.payload.time, reached }
  }

  it('is looked for from ten minutes before, until it is over if it began as the last share came', async () => {
    const { at, last, reached } = await begun(twoRegions)
    const [from, until] = [at - 10 * MINUTE, last + 10 * MINUTE + 2 * HOUR + LATE_MS]
    const both = [FRANKFURT.region, IRELAND.region]
    expect(reached('trail-files', from, until, both)).toEqual([])
    expect(reached('trail-files', from + 1, until, both)).toEqual(both)
    expect(reached('trail-files', from, until - 1, both)).toEqual(both)
    expect(reached('trail-files', from, until, both.slice(0, 1))).toEqual([IRELAND.region])
    expect(reached('lookup-events', from, until, both)).toEqual(['us-east-1'])
  })

  it('is no longer than AWS gives one over a role', async () => {
    const step = { roleArn: 'arn:aws:iam::123456789012:role/step' }
    const { at, last, reached } = await begun({ ...twoRegions, chain: [step] })
    const [from, until] = [at - 10 * MINUTE, last + 10 * MINUTE + HOUR + LATE_MS]
    expect(reached('trail-files', from, until, [FRANKFURT.region, IRELAND.region])).toEqual([])
    expect(reached('trail-files', from, until - 1, [FRANKFURT.region])).toEqual([FRANKFURT.region, IRELAND.region])
  })
})

describe('CloudTrail', () => {
  it('is asked in the plan’s regions and where its partition records IAM, each once', () => {
    const regionsOf = (partition: string, region: string) => {
      const roleArn = `arn:${partition}:iam::123456789012:role/break-glass`
      return regionsToAsk({ ...usualPlan.access, roleArn, regions: [{ region, endpoint: '' }] })
    }
    expect(regionsOf('aws', 'eu-west-1')).toEqual(['eu-west-1', 'us-east-1'])
    expect(regionsOf('aws', 'us-east-1')).toEqual(['us-east-1'])
    expect(regionsOf('aws-us-gov', 'us-gov-east-1')).toEqual(['us-gov-east-1', 'us-gov-west-1'])
    expect(regionsOf('aws-cn', 'cn-northwest-1')).toEqual(['cn-northwest-1', 'cn-north-1'])
  })

  it('that answered in each of these is whole, where AWS was asked for nothing that counts', async () => {
    const { one } = await granted({}, { access: twoRegions })
    const of = (regions: readonly string[]) => {
      const spans = regions.map((region) => ({ region, from: 0, until: 1 }))
      return unreached({ source: 'lookup-events', spans }, one(), { grants: [], issuings: [] })
    }
    expect(of([FRANKFURT.region, IRELAND.region, 'us-east-1'])).toEqual([])
    expect(of([FRANKFURT.region])).toEqual([IRELAND.region, 'us-east-1'])
  })

  it('is not asked in the account of the user that the rotator tells of, nor of a role on the way', () => {
    const rotator = { roleArn: 'arn:aws:iam::210987654321:role/lockbox-rotator', user: 'emergency' }
    const aftercare = { iam: { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' }, rotator }
    const access = { ...usualPlan.access, aftercare }
    expect(unaskedAccounts({ source: 'lookup-events' }, { access })).toEqual(['210987654321'])
    expect(unaskedAccounts({ source: 'lookup-events' }, { access: carefulAccess })).toEqual([])
    const chain = [{ roleArn: 'arn:aws:iam::333333333333:role/a' }, { roleArn: 'arn:aws:iam::123456789012:role/b' }]
    expect(unaskedAccounts({ source: 'lookup-events' }, { access: { ...access, chain } })).toEqual([
      '210987654321',
      '333333333333',
    ])
  })
})
