import { describe, expect, it } from 'vitest'
import { nameOf, person } from '../testing/keys.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import type { Standing } from '../testing/world.ts'
import { casesFrom } from './case-from.ts'
import type { NotNow } from './duties.ts'
import { onItsWay, owedUnder, rotationPlan, whoCanReplace } from './renewing.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const HOURS = 60
const meOf = (name: string) => ({ member: person(name).member, device: person(name).device })
const frank: Standing = { roles: ['commander'], groups: [] }

/** A used key that is owed, a while after its session; what may replace it was sealed to carol's device. */
async function used(after = 13 * HOURS) {
  const told = await setupWith(names, {
    people: { frank },
    plan: { access: carefulAccess, requesters: ['alice', 'frank'].map((name) => person(name).member) },
  })
  const { story } = told
  const basis = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const care = await story.care('bob', basis.grant, { revoker: ['bob'], rotator: ['carol'] })
  story.pass(after)
  const request = basis.request
  const cases = () => casesFrom(story.org(), story.now)
  const renewing = (name: string) => ({ org: story.org(), cases: cases(), me: meOf(name), now: story.now })
  const plan = told.plan.payload
  return {
    ...told,
    grant: basis.grant,
    request,
    care,
    have: () => whoCanReplace(story.org(), cases(), plan, story.now),
    way: () => onItsWay(story.org(), cases(), plan, story.now),
    owed: () => new Set(owedUnder(cases(), plan).map(({ id }) => id)),
    why: (name: string) => {
      const found = rotationPlan(story.case(request), renewing(name))
      return typeof found === 'string' ? found : null
    },
    under: (name: string) => rotationPlan(story.case(request), renewing(name)),
  }
}
type Told = Awaited<ReturnType<typeof used>>

describe('what may replace a used key', () => {
  it('is with the admins to whose devices it was sealed, until its time is over', async () => {
    const { story, have, care } = await used(11 * HOURS)
    const over = care.payload.rotator?.expires ?? 0
    expect(have()).toEqual([person('carol').member])
    story.now = over - 1
    expect(have()).toEqual([person('carol').member])
    story.now = over
    expect(have()).toEqual([])
  })

  it('is nobody’s after the longest session that AWS gives, whatever its device says', async () => {
    const { story, have, grant, why } = await used(1)
    const later = { expires: Date.UTC(2199, 0), boxes: [{ device: person('bob').device, sealed: grant.id }] }
    await story.care('bob', grant, { revoker: ['bob'], rotator: [] }, { rotator: later })
    const over = grant.payload.time + 12 * HOURS * 60_000
    story.now = over - 1
    expect(have()).toEqual(['bob', 'carol'].map((name) => person(name).member))
    story.now = over
    expect([have(), why('frank')]).toEqual([[], null])
  })

  it('is nobody’s once that device is gone, or its owner is no admin any more', async () => {
    const gone = await used(1)
    const { carol, ...others } = gone.people
    await gone.story.changeRoster('alice', { ...others, 'carol/new phone': carol as Standing }, ['alice', 'bob'])
    expect(gone.have()).toEqual([])
    const left = await used(1)
    const people = { ...left.people, carol: { roles: ['approver' as const], groups: [] } }
    await left.story.changeRoster('alice', people, ['alice', 'bob'])
    expect(left.have()).toEqual([])
  })
})

describe('what was to replace a key that is deleted', () => {
  it('is nobody’s for another one once its own session is over, for then no app keeps its box', async () => {
    const { story, plan, grant, have } = await used(1)
    await story.rotating('carol', grant)
    const next = await story.deposit('alice', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE01' })
    await story.rotated('carol', grant, next)
    story.now = grant.payload.expires + 5 * 60_000 - 1
    expect(have()).toEqual([person('carol').member])
    story.now += 1
    expect(have()).toEqual([])
  })
})

describe('a rotation', () => {
  it('may be asked for under the plan by whoever may ask under it, once nobody has what may replace the key', async () => {
    const { why, under, plan, owed, request } = await used()
    expect(['alice', 'frank', 'bob'].map(why)).toEqual([null, null, 'not-requester'])
    expect(under('frank')).toMatchObject({ id: plan.id })
    expect(owed()).toEqual(new Set([request.id]))
  })

  const refused: [NotNow, string, (told: Told) => Promise<unknown> | void][] = [
    ['can-be-replaced', 'while somebody has it', ({ story }) => story.pass(-2 * HOURS)],
    ['already-asked', 'twice by one person', ({ story, plan }) => story.ask('alice', plan, { purpose: 'rotation' })],
    [
      'on-its-way',
      'while another case is approved',
      async ({ story, plan }) => {
        const request = await story.ask('alice', plan)
        for (const name of ['bob', 'carol', 'dave']) await story.decide(name, request)
      },
    ],
    [
      'nothing-to-replace',
      'once the key is deleted',
      async ({ story, plan, grant }) => {
        await story.rotating('carol', grant)
        const next = await story.deposit('alice', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE01' })
        await story.rotated('carol', grant, next)
      },
    ],
    [
      'no-plan-rotates',
      'where no plan in effect names a role for it any more',
      async ({ story, plan }) => {
        const { aftercare: _, ...access } = plan.payload.access
        const next = await story.draftPlan('alice', { ...plan.payload, access, predecessor: plan.id })
        for (const name of ['alice', 'bob']) await story.endorse(name, next)
      },
    ],
    [
      'no-plan-rotates',
      'where plans replace the keys of other users alone',
      async ({ story, plan }) => {
        const { access } = plan.payload
        const rotator = { roleArn: access.aftercare?.rotator?.roleArn ?? '', user: 'somebody-else' }
        const aftercare = { iam: { region: '', endpoint: '' }, ...access.aftercare, rotator }
        const next = await story.draftPlan('alice', {
          ...plan.payload,
          access: { ...access, aftercare },
          predecessor: plan.id,
        })
        for (const name of ['alice', 'bob']) await story.endorse(name, next)
      },
    ],
    [
      'no-other-admin',
      'by the only admin, who would get nothing by it',
      async ({ story, people }) => {
        const approver: Standing = { roles: ['approver'], groups: [] }
        await story.changeRoster('alice', { ...people, bob: approver, carol: approver }, ['alice', 'bob'])
      },
    ],
  ]
  it.each(refused)('may not be asked for (%s) %s', async (code, _, change) => {
    const told = await used()
    expect(told.why('alice')).toBeNull()
    await change(told)
    expect(told.why('alice')).toBe(code)
  })

  it('is asked for under another plan of the same user, where nothing is held for the one that was used', async () => {
    const { story, plan, under, why } = await used()
    const { payload } = plan
    const custodians = payload.custodians.slice(0, 3)
    const endorsed = async (changes: Partial<typeof payload>) => {
      const next = await story.draftPlan('alice', { ...payload, ...changes })
      for (const name of ['alice', 'bob', 'carol']) await story.endorse(name, next)
      return next
    }
    await endorsed({ custodians, predecessor: plan.id })
    expect(why('frank')).toBe('no-generation')
    const other = await endorsed({ plan: nameOf('another plan'), predecessor: null })
    expect(under('frank')).toMatchObject({ id: other.id })
  })

  it('is kept from nobody else by a request that is not approved, which whoever asked may ask anew once it expired', async () => {
    const told = await used()
    const { story, plan, why, way } = told
    for (const purpose of ['access', 'drill'] as const) await story.ask('alice', plan, { purpose })
    expect([why('alice'), why('frank'), way()]).toEqual([null, null, null])
    const request = await story.ask('alice', plan, { purpose: 'rotation' })
    expect([why('alice'), why('frank'), way()]).toEqual(['already-asked', null, null])
    await story.decide('bob', request)
    expect([why('alice'), why('frank'), way()]).toEqual(['already-asked', null, null])
    await story.decide('carol', request)
    expect([why('alice'), why('frank'), way()]).toEqual(['on-its-way', 'on-its-way', request.id])
    story.pass(HOURS)
    expect([why('alice'), why('frank'), way()]).toEqual([null, null, null])
  })

  it('is not kept from others by one that the only admin asked for, who gets nothing by it', async () => {
    const { story, plan, people, why, way } = await used()
    const approver: Standing = { roles: ['approver'], groups: [] }
    const request = await story.ask('alice', plan, { purpose: 'rotation' })
    for (const name of ['bob', 'carol']) await story.decide(name, request)
    expect([why('frank'), way()]).toEqual(['on-its-way', request.id])
    await story.changeRoster('alice', { ...people, bob: approver, carol: approver }, ['alice', 'bob'])
    expect([why('frank'), way()]).toEqual([null, null])
  })

  it('is not kept from anybody for longer than a session can live, whatever its device says', async () => {
    const told = await used()
    const { story, way, why } = told
    const { grant, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    await story.grant('bob', basis, { expires: Date.UTC(2199, 0) })
    story.now = grant.payload.time + 12 * HOURS * 60_000
    expect([way(), why('frank')]).toEqual([basis.request.id, 'on-its-way'])
    story.pass(HOURS)
    expect([way(), why('frank')]).toEqual([null, null])
  })

  it('is waited for until its issuing device has said what it made, or its session is over', async () => {
    const told = await used()
    const { story, plan, deposit, people, why } = told
    const { grant } = await grantedCase({ story, plan, deposit, people }, 'alice', ['bob', 'carol'], 'bob', {
      purpose: 'rotation',
    })
    expect([told.way(), why('frank')]).toEqual([grant.payload.request, 'on-its-way'])
    story.pass(60)
    expect([told.way(), why('frank')]).toEqual([null, null])
    await story.care('bob', grant, { revoker: ['bob'], rotator: ['carol'] })
    expect([told.have(), why('frank')]).toEqual([[person('carol').member], 'can-be-replaced'])
    expect(told.owed()).toEqual(new Set([told.request.id, grant.payload.request]))
  })
})
