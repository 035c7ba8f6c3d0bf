import { describe, expect, it } from 'vitest'
import { nameOf, person } from '../testing/keys.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import type { Standing } from '../testing/world.ts'
import { subjectOf } from './subject.ts'
import { GIVEN_KEY, judged, OTHER_KEY, user, withMore } from './testing/calls.ts'
import { called, found, LONG_KEY, NAMES, type Record, type Scene, scene, sessionIdentity } from './testing/scene.ts'
import { CARE_KEY, cared, issueOf, MINUTE } from './testing/ways.ts'

// What statements say that AWS did, which its record is compared with.

const [PLATFORM, IRELAND] = [
  { region: 'eu-central-1', endpoint: 'https://sts.eu-central-1.amazonaws.com' },
  { region: 'eu-west-1', endpoint: 'https://sts.eu-west-1.amazonaws.com' },
] as const
const subjectIn = ({ story, request }: Pick<Scene, 'story' | 'request'>) => subjectOf(story.org(), story.case(request))

/** A case of another plan, whose credential is another one, and whose key is a used one too. */
async function elsewhere(told: Scene) {
  const { story, plan } = told
  const credential = { ...plan.payload.credential, credential: nameOf('another credential') }
  const other = await story.draftPlan('alice', { ...plan.payload, plan: nameOf('another plan'), credential })
  for (const admin of ['alice', 'bob', 'carol']) await story.endorse(admin, other)
  const deposit = await story.deposit('alice', other, { accessKeyId: OTHER_KEY })
  await story.hold(deposit, NAMES.slice(1))
  const { grant } = await grantedCase({ ...told, plan: other, deposit }, 'alice', ['bob', 'carol'], 'bob')
  expect(story.case({ id: grant.payload.request }).grant?.id).toBe(grant.id)
  const request = await story.ask('alice', other)
  const ready = await story.ready('bob', request, deposit)
  await story.sign('issuing', 'bob', { request: request.id, ready: ready.id, attempt: 1, sessionName: 'lb-other-1' })
  return { grant, at: story.now }
}

describe('another credential', () => {
  it('is none of the case, nor is a try under the name of a case that uses it', async () => {
    const told = await scene()
    const { at } = await elsewhere(told)
    const tried = {
      ...issueOf(told),
      ...called(at, 'AssumeRole', 'sts.amazonaws.com', 9),
      userIdentity: user(OTHER_KEY),
      requestParameters: { ...issueOf(told).requestParameters, roleSessionName: 'lb-other-1' },
      errorCode: 'AccessDenied',
      responseElements: null,
    }
    expect(found(told, [...told.records, tried])).toEqual(found(told, told.records))
  })

  it('is no business of this one’s rotator: neither a key of it that it makes, nor one that it takes away', async () => {
    const told = await cared('rotator')
    const { grant } = await elsewhere(told)
    told.story.now = told.start + 20 * MINUTE
    await told.story.rotating('alice', grant)
    const does = (name: string, more: Record) =>
      withMore(told, {
        ...called(told.start + 30 * MINUTE, name, 'iam.amazonaws.com', 31),
        userIdentity: sessionIdentity(told.alice, CARE_KEY),
        ...more,
      })
    expect(does('CreateAccessKey', { responseElements: { accessKey: { accessKeyId: OTHER_KEY } } })).toEqual([
      'session-used',
    ])
    expect(does('DeleteAccessKey', { requestParameters: { accessKeyId: OTHER_KEY } })).toEqual(['session-used'])
  })
})

describe('a key', () => {
  it('that the rotator made may be deposited by two at once', async () => {
    const told = await cared('rotator')
    const { story, plan } = told
    for (const accessKeyId of [OTHER_KEY, LONG_KEY])
      await story.hold(await story.deposit('alice', plan, { generation: 3, accessKeyId }), NAMES.slice(1))
    const twice = story.org().generations.filter(({ problems }) => problems.includes('generation-twice'))
    expect(twice).toHaveLength(2)
    const made = {
      ...called(told.start + 30 * MINUTE, 'CreateAccessKey', 'iam.amazonaws.com', 31),
      userIdentity: sessionIdentity(told.alice, CARE_KEY),
      responseElements: { accessKey: { accessKeyId: OTHER_KEY } },
    }
    expect(withMore(told, made)).toEqual([])
  })

  it('is there since its first deposit, whichever the case used', async () => {
    const told = await setupWith(NAMES)
    const { story, plan } = told
    const { now } = story
    await story.deposit('alice', plan, { generation: 2, accessKeyId: LONG_KEY })
    story.pass(60)
    const deposit = await story.deposit('alice', plan, { generation: 3, accessKeyId: LONG_KEY })
    await story.hold(deposit, NAMES.slice(1))
    const { request } = await grantedCase({ ...told, deposit }, 'alice', ['bob', 'carol'], 'bob')
    expect(subjectIn({ story, request }).keys).toEqual([{ accessKeyId: LONG_KEY, since: now }])
  })

  it('is used by nobody’s attempt that is for another credential', async () => {
    const told = await scene({ access: { ...usualPlan.access, sessionToken: true } })
    const { story, plan } = told
    story.pass(30)
    const unfit = await story.deposit('alice', plan, { accessKeyId: LONG_KEY, credential: nameOf('another') })
    const request = await story.ask('alice', plan, { reference: 'INC-8' })
    const ready = await story.ready('bob', request, unfit)
    await story.issuing('bob', ready)
    const token = {
      ...called(story.now, 'GetSessionToken', 'sts.amazonaws.com', 21),
      userIdentity: user(),
      responseElements: { credentials: { accessKeyId: GIVEN_KEY } },
    }
    expect(judged(subjectIn(told), [token])).toEqual(['key-unexplained'])
  })
})

describe('an attempt', () => {
  it('stays one when its people have left', async () => {
    const told = await scene()
    const { alice: _, ...rest } = told.people
    await told.story.changeRoster('alice', rest, ['alice', 'bob', 'carol'])
    expect(found(told, told.records)).toMatchObject({ differs: [], grants: [{ issued: 'seen' }] })
  })

  it('is one too where its people came later', async () => {
    const told = await setupWith(NAMES)
    const { story, people } = told
    const frank: Standing = { roles: ['approver'], groups: [] }
    await story.changeRoster('alice', { ...people, frank }, ['alice', 'bob', 'carol', 'frank'])
    const { payload } = told.plan
    const custodians = [...payload.custodians, person('frank').member]
    const plan = await story.draftPlan('alice', { ...payload, predecessor: told.plan.id, custodians })
    for (const admin of ['alice', 'bob', 'carol']) await story.endorse(admin, plan)
    const deposit = await story.deposit('alice', plan, { generation: 2 })
    await story.hold(deposit, [...NAMES.slice(1), 'frank'])
    const { request } = await grantedCase({ ...told, plan, deposit }, 'alice', ['bob', 'carol'], 'bob')
    expect(subjectIn({ story, request }).attempts).toMatchObject([{ request: request.id }])
  })
})

describe('a grant', () => {
  it('is looked for in the region of its endpoint, and in none if that is none of the plan’s', async () => {
    const access = { ...usualPlan.access, regions: [PLATFORM, IRELAND] }
    const issued = async (endpoint: string, region: string) => {
      const told = await scene({ access }, { endpoint })
      const { grants } = found(told, told.records.slice(1), [{ ...told.spans[0], region } as Scene['spans'][number]])
      return grants[0]?.issued
    }
    expect(await issued(IRELAND.endpoint, IRELAND.region)).toBe('unseen')
    expect(await issued(IRELAND.endpoint, PLATFORM.region)).toBe('not-covered')
    expect(await issued('https://sts.example.amazonaws.com', PLATFORM.region)).toBe('not-covered')
  })

  it('is over when the issuing device says that it was, also if it says so later', async () => {
    const told = await scene()
    const { story, grant, start } = told
    const use = (minutes: number) =>
      withMore(told, {
        ...called(start + minutes * MINUTE, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
        userIdentity: sessionIdentity(told.alice),
      })
    expect(use(7)).toEqual([])
    await story.end('bob', grant, { how: 'timer', at: start + 6 * MINUTE })
    expect([use(6), use(7)]).toEqual([[], ['after-end']])
  })

  it('is over at no word of a device that never was hers', async () => {
    const told = await scene()
    const { story, grant, start } = told
    const { alice = { roles: [], groups: [] }, ...rest } = told.people
    const roster = await story.draftRoster('bob', { ...rest, 'alice/forged': alice })
    const said = {
      request: grant.payload.request,
      grant: grant.id,
      how: 'done',
      confirmation: 'none',
      wiped: true,
    } as const
    await story.sign('ended', 'alice/forged', { ...said, at: start }, { roster })
    expect(subjectIn(told).attempts[0]?.grant?.over).toBe(start + 10 * MINUTE)
  })
})

describe('what its device made for after a grant', () => {
  it('explains calls by name until the latest that it says of either, by AWS’s clock, and of no other grant', async () => {
    const skewMs = 4 * MINUTE
    const told = await scene({ access: carefulAccess }, { skewMs })
    const { story, grant, start } = told
    const until = () => subjectIn(told).attempts[0]?.grant?.careUntil
    const boxes = [{ device: grant.payload.device, sealed: told.plan.id }]
    const userId = 'AROAEXAMPLEEXAMPLE00:lb-case-1'
    const made = (revokerEnds: number, rotatorEnds: number) => ({
      revoker: { userId, expires: start + revokerEnds * MINUTE, boxes },
      rotator: { expires: start + rotatorEnds * MINUTE, boxes },
    })
    const none = { revoker: [], rotator: [] }
    await story.care('bob', { ...grant, id: told.request.id }, none, made(60, 60))
    expect(until()).toBeNull()
    await story.care('bob', grant, none, made(60, 30))
    expect(until()).toBe(start + 60 * MINUTE)
    await story.care('bob', grant, none, made(20, 90))
    expect(until()).toBe(start + 90 * MINUTE)
    await story.care('bob', grant, none, made(20, 13 * 60))
    expect(until()).toBe(start + 12 * 60 * MINUTE + skewMs)
  })
})
