import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import type { Manner, Said } from '../testing/world.ts'
import { isToBeDenied, whyNoRevoke } from './aftercare-duties.ts'
import { boxesInUse } from './blobs.ts'
import { diesAt } from './grants.ts'
import { endOf } from './times.ts'
import type { Grant } from './types.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const meOf = (name: string) => ({ member: person(name).member, device: person(name).device })

interface Unusual {
  readonly plan?: Partial<Said<'plan'>>
  readonly asked?: Partial<Said<'request'>>
  readonly issuing?: Manner
  /** When bob and carol date their releases; now if left out. */
  readonly released?: readonly [Manner, Manner]
  readonly granted?: Partial<Said<'grant'>>
}

/**
 * Alice has access for 15 minutes, unless asked otherwise; bob's and carol's shares were released in the minute before, and bob's device issued and says
 * what it likes. `since` is when the last of them was.
 */
async function issued({
  plan = {},
  asked = {},
  issuing: manner = {},
  released = [{}, {}],
  granted = {},
}: Unusual = {}) {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan: { access: carefulAccess, ...plan } })
  const { story } = told
  const usual = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', asked)
  const { request, ready } = usual
  story.statements.splice(story.statements.indexOf(usual.grant), 1)
  const releases: VerifiedOf<'release'>[] = [
    await story.release('bob', ready, {}, released[0]),
    await story.release('carol', ready, {}, released[1]),
  ]
  const since = story.now
  const issuing = await story.issuing('bob', ready, manner)
  const grant = await story.grant('bob', { ...usual, releases, issuing }, granted)
  const care = await story.care('bob', grant, { revoker: ['dave'], rotator: ['carol'] })
  const current = () => story.case(request)
  const grantNow = () => current().grant as Grant
  const why = () => whyNoRevoke(story.org(), grantNow(), meOf('dave'), story.now)
  return { story, request, grant, care, since, current, grantNow, why }
}

describe('a session whose issuing device', () => {
  const lies: [string, Unusual][] = [
    ['says that its clock is ten years behind', { granted: { skewMs: 10 * 365 * 24 * HOUR } }],
    ['says that AWS ended it long ago', { granted: { expires: 0 } }],
    ['dates the issuing back as well', { granted: { expires: 0 }, issuing: { time: 0 } }],
    ['has one of those who released date that back as well', { granted: { expires: 0 }, released: [{ time: 0 }, {}] }],
    ['is behind by eight minutes', { granted: { skewMs: 8 * MINUTE } }],
  ]
  it.each(lies)('%s is not over before it can be, whoever bears that out', async (_, lie) => {
    const { story, grant, care, since, current, grantNow, why } = await issued(lie)
    await story.end('bob', grant, { how: 'timer', confirmation: 'aws-refused' })
    const revoke = await story.revoke('dave', grant)
    story.now = since + 15 * MINUTE - 1
    expect([current().state, why()]).toEqual(['ending', null])
    expect(current().endings).toMatchObject([{ grant: grant.id }])
    expect(grantNow().revokes).toEqual([revoke])
    expect(isToBeDenied(story.org(), grantNow(), story.now)).toBe(true)
    expect(boxesInUse(current(), story.now)).toContain(care.payload.revoker?.boxes[0]?.sealed)
    story.pass(1)
    expect([current().state, why()]).toEqual(['ended', 'session-over'])
  })

  it('says so of its end is shown to live until five minutes before that, and measured to then', async () => {
    const { story, since, current, grantNow } = await issued({ granted: { expires: 0 } })
    expect([current().state, diesAt(grantNow())]).toEqual(['granted', since + 10 * MINUTE])
    story.now = since + 10 * MINUTE
    expect(current().state).toBe('ending')
    story.pass(5)
    expect([current().state, endOf(current())?.at]).toEqual(['ended', since + 10 * MINUTE])
  })

  it('is ahead of AWS’s dies by AWS’s clock', async () => {
    const { grant, grantNow } = await issued({ granted: { skewMs: -7 * MINUTE } })
    expect(diesAt(grantNow())).toBe(grant.payload.expires + 7 * MINUTE)
  })

  it('dates it ahead, as does who released, dies no later than one that began as its request expired', async () => {
    const ahead = { time: Date.UTC(2199, 0) }
    const { request, grantNow } = await issued({ released: [{}, ahead], issuing: ahead })
    expect(diesAt(grantNow())).toBe(request.payload.time + HOUR + 15 * MINUTE - 5 * MINUTE)
  })
})

it.each([
  ['as long as was asked for', undefined, 2 * HOUR],
  [
    'an hour where another role assumed the one that it is of',
    [{ roleArn: 'arn:aws:iam::123456789012:role/hub' }],
    HOUR,
  ],
] as const)('a session lives for %s', async (_, chain, lives) => {
  const access = chain === undefined ? carefulAccess : { ...carefulAccess, chain: [...chain] }
  const asked = { seconds: 7200 }
  const { story, grant, since, current, why } = await issued({
    plan: { access, durations: [7200] },
    asked,
    granted: { expires: 0 },
  })
  await story.end('bob', grant, { how: 'timer', confirmation: 'aws-refused' })
  story.now = since + lives - 1
  expect([current().state, why()]).toEqual(['ending', null])
  story.pass(1)
  expect([current().state, why()]).toEqual(['ended', 'session-over'])
})
