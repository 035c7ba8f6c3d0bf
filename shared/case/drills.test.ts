import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { nameOf, person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup, setupWith, standings } from '../testing/setup.ts'
import { membersOf, type Said, type Standing } from '../testing/world.ts'
import { casesFrom } from './case-from.ts'
import { drillDue } from './drills.ts'
import { openingsOf } from './openings.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const DAY = 24 * 60
const DRILL = { purpose: 'drill' } as const
const idOf = (name: string) => person(name).member

/** When the next drill of a plan is due, by the statements that are here. */
function due({ story, plan }: Pick<Setup, 'story' | 'plan'>, of: { readonly id: string } = plan) {
  const org = story.org()
  const version = org.plans.find(({ id }) => id === of.id)
  if (version === undefined) throw new TypeError('expected the plan')
  return drillDue(org, version, openingsOf(org, casesFrom(org, story.now, story.heard)), story.now)
}

const drill = (told: Setup, issuer = 'bob', asked: Partial<Said<'request'>> = DRILL) =>
  grantedCase(told, 'alice', ['bob', 'carol'], issuer, asked)

/** A newer key, dealt and held by all. */
async function rotated(told: Setup, generation: number): Promise<Setup> {
  const changes = { generation, accessKeyId: `AKIAEXAMPLEEXAMPLE${generation}0` }
  const deposit = await told.story.deposit('alice', told.plan, changes)
  await told.story.hold(deposit, names.slice(1))
  return { ...told, deposit }
}

/** A plan in effect, beside or after the one of the set-up. */
async function planned({ story, plan }: Setup, changes: Partial<Said<'plan'>>): Promise<VerifiedOf<'plan'>> {
  const next = await story.draftPlan('alice', { ...plan.payload, ...changes })
  for (const name of ['alice', 'carol']) await story.endorse(name, next)
  return next
}

describe('the next drill of a plan', () => {
  it('is counted from when it could first have been, while there was none, and a newer key does not put it off', async () => {
    const told = await setup(...names)
    const { story, deposit } = told
    const at = deposit.payload.time + 90 * DAY * 60_000
    expect(due(told)).toEqual({ last: null, due: at, changed: [], state: 'well' })
    story.pass(60 * DAY)
    await rotated(told, 2)
    expect(due(told)).toEqual({ last: null, due: at, changed: [], state: 'well' })
    story.now = at - 1
    expect(due(told)?.state).toBe('well')
    story.now = at
    expect(due(told)?.state).toBe('overdue')
  })

  it('is counted from the first version’s time where that is later than the first deposit', async () => {
    const told = await setup(...names)
    told.story.pass(10 * DAY)
    const other = await planned(told, { plan: nameOf('other'), name: 'Account access lost' })
    expect(due(told, other)?.due).toBe(other.payload.time + 90 * DAY * 60_000)
    told.story.pass(10 * DAY)
    const next = await planned(told, { plan: nameOf('other'), predecessor: other.id })
    expect(due(told, other)).toBeNull()
    expect(due(told, next)?.due).toBe(other.payload.time + 90 * DAY * 60_000)
  })

  it('is not put off by a plan or a deposit that claims to be of later than who endorsed it or held it', async () => {
    const told = await setup(...names)
    const { story, plan } = told
    const { now } = story
    const credential = { ...plan.payload.credential, credential: nameOf('second') }
    story.now = now + 30 * DAY * 60_000
    const ahead = await story.draftPlan('alice', { ...plan.payload, plan: nameOf('other'), credential })
    const deposit = await story.deposit('alice', ahead)
    story.now = now + 60_000
    for (const name of ['alice', 'carol']) await story.endorse(name, ahead)
    story.now = now + 120_000
    const { erin: _, ...rest } = told.people
    const strange = await story.draftRoster('alice', { ...rest, 'mallory!': { roles: ['admin'], groups: [] } })
    await story.sign('endorsement', 'mallory!', { of: deposit.id }, { roster: strange, time: now - DAY * 60_000 })
    await story.hold(deposit, names.slice(1))
    expect(due(told, ahead)?.due).toBe(now + 120_000 + 90 * DAY * 60_000)
  })

  it('is counted from the last opening, by a drill or in earnest, as many days as its plan says', async () => {
    const told = await setupWith(names, {
      plan: { obligations: { rotationHours: 24, reviewHours: 72, drillDays: 30 } },
    })
    const first = await drill(told)
    expect(due(told)).toMatchObject({ last: { grant: first.grant.id }, changed: [], state: 'well' })
    expect(due(told)?.due).toBe(first.grant.payload.time + 30 * DAY * 60_000)
    told.story.pass(20 * DAY)
    const { grant } = await drill(told, 'carol', { purpose: 'access' })
    expect(due(told)?.due).toBe(grant.payload.time + 30 * DAY * 60_000)
  })

  it('does not follow the key that takes the place of the one it opened: else it would have to follow itself', async () => {
    const told = await setup(...names)
    const { grant } = await drill(told)
    await rotated(told, 2)
    expect(due(told)).toMatchObject({ last: { grant: grant.id }, changed: [], state: 'well' })
  })

  it('is paid for as every use is: with a new key, and a review', async () => {
    const told = await setup(...names)
    const { request } = await drill(told)
    expect(told.story.case(request).obligations.map(({ code }) => code)).toEqual(['rotate', 'review'])
    await rotated(told, 2)
    expect(told.story.case(request).obligations.map(({ code }) => code)).toEqual(['review'])
  })

  it('is due at once for a key that was dealt without any opening before', async () => {
    const told = await setup(...names)
    const { grant } = await drill(told)
    const third = await rotated(await rotated(told, 2), 3)
    expect(due(told)).toMatchObject({ last: { grant: grant.id }, changed: ['generation'], state: 'due' })
    await drill(third)
    expect(due(told)).toMatchObject({ changed: [], state: 'well' })
  })

  it('is due at once for a new version that was not used yet, and no longer once it was', async () => {
    const told = await setup(...names)
    await drill(told)
    const plan = await planned(told, { predecessor: told.plan.id, runbook: 'Call the other room.' })
    expect(due(told)).toBeNull()
    expect(due(told, plan)).toMatchObject({ changed: ['plan'], state: 'due' })
    for (const name of ['bob', 'carol']) await told.story.endorse(name, plan)
    await drill({ ...told, plan })
    expect(due(told, plan)).toMatchObject({ changed: [], state: 'well' })
  })

  it('is had with another plan over the same credential, with the same custodians and issuers', async () => {
    const told = await setup(...names)
    const other = await planned(told, { plan: nameOf('other'), name: 'Account access lost' })
    const { grant } = await drill({ ...told, plan: other })
    expect(due(told)).toMatchObject({ last: { grant: grant.id }, changed: [], state: 'well' })
  })

  it('is not had with a plan that others issue for, nor with one over another credential', async () => {
    const told = await setup(...names)
    const lone = await planned(told, { plan: nameOf('lone'), issuers: ['bob', 'dave'].map(idOf) })
    const { grant } = await drill({ ...told, plan: lone })
    expect(due(told)).toMatchObject({ last: { grant: grant.id }, changed: ['people'], state: 'due' })
    const credential = { ...told.plan.payload.credential, credential: nameOf('second') }
    const plan = await planned(told, { plan: nameOf('second plan'), credential })
    const deposit = await told.story.deposit('alice', plan)
    await told.story.hold(deposit, names.slice(1))
    expect(due(told, plan)).toMatchObject({ last: null, changed: [], state: 'well' })
  })

  it('keeps what a drill showed for its own people when another plan’s people had one since', async () => {
    const told = await setup(...names)
    const own = await drill(told)
    const lone = await planned(told, { plan: nameOf('lone'), issuers: ['bob', 'dave'].map(idOf) })
    told.story.pass(DAY)
    await drill({ ...told, plan: lone })
    expect(due(told)).toMatchObject({ last: { grant: own.grant.id }, changed: [], state: 'well' })
  })

  const withOther = (told: Setup, name: string, by: string) => {
    const { [name]: standing, ...others } = told.people
    return told.story.changeRoster('alice', { ...others, [by]: standing as Standing }, ['alice', 'carol'])
  }

  it.each(['bob', 'erin'])('is due at once when %s, a custodian, has another device since', async (name) => {
    const told = await setup(...names)
    await drill(told)
    await withOther(told, name, `${name}/new phone`)
    expect(due(told)).toMatchObject({ changed: ['people'], state: 'due' })
  })

  it('is due at once when an issuer who holds no share has another device since, and not for somebody else', async () => {
    const people = { frank: standings(names)['erin'] as Standing, gina: standings(names)['erin'] as Standing }
    const plan = { issuers: ['bob', 'frank'].map(idOf) }
    const told = await setupWith(names, { people, plan })
    await drill(told)
    await withOther(told, 'gina', 'gina/new phone')
    expect(due(told)).toMatchObject({ changed: [], state: 'well' })
    const { gina: _, ...rest } = told.people
    await withOther({ ...told, people: rest }, 'frank', 'frank/new phone')
    expect(due(told)).toMatchObject({ changed: ['people'], state: 'due' })
  })

  it('is due at once when a custodian has another hardware key since', async () => {
    const told = await setup(...names)
    await drill(told)
    const [spare] = membersOf({ zoe: standings(names)['erin'] as Standing })
    const members = told.story.roster.payload.members.map((one) =>
      one.member === idOf('erin') ? { ...one, authenticators: [one.authenticators[0], spare?.authenticators[1]] } : one,
    )
    await told.story.changeRoster('alice', told.people, ['alice', 'carol'], { members: members as never })
    expect(due(told)).toMatchObject({ changed: ['people'], state: 'due' })
  })

  it('is overdue by the calendar before it is due for what changed', async () => {
    const told = await setup(...names)
    await drill(told)
    await withOther(told, 'erin', 'erin/new phone')
    told.story.pass(90 * DAY)
    expect(due(told)).toMatchObject({ changed: ['people'], state: 'overdue' })
  })

  it('is not had with the device that dealt the key', async () => {
    const told = await setup(...names)
    const deposit = await told.story.deposit('bob', told.plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    await told.story.hold(deposit, names.slice(1))
    const before = due(told)
    await drill({ ...told, deposit })
    expect(due(told)).toEqual(before)
  })

  it('is nothing to speak of for a draft, and while no key is held', async () => {
    const told = await setup(...names)
    const draft = await told.story.draftPlan('alice', { ...told.plan.payload, plan: nameOf('other') })
    expect(due(told, draft)).toBeNull()
    const { quorum } = told.plan.payload
    const plan = await planned(told, { plan: nameOf('other'), quorum: { ...quorum, count: 3 } })
    expect(due(told, plan)).toBeNull()
  })
})
